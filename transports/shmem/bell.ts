// The platform's end of a bell socket: rings are bytes, each the number of an area. A ring says "look there", so rings of
// one area that were not heard yet are one; an agent that does not listen costs a bit for each area.
import { FAILED, HUNG_UP, libc, MSG_DONTWAIT, MSG_NOSIGNAL } from "../ffi/libc.ts";
import { pollSocket, RECEIVE_AGAIN, RECEIVE_END, type UnixConnection } from "../ffi/unix_socket.ts";

/** Bytes taken from the socket at once: a bound for the work of one turn. */
const INPUT_SIZE = 256;

/** Rings that were heard and rings that are to be sent, for a number of areas. */
export class Bell {
  /** Which areas the agent rang for; the reader clears the marks. */
  readonly heard: Uint8Array;
  /** A byte that names no area, or -1; the reader clears it. */
  unknown = -1;
  readonly #socket: UnixConnection;
  readonly #input = new Uint8Array(INPUT_SIZE);
  readonly #toSend: Uint8Array;
  readonly #output: Uint8Array<ArrayBuffer>;
  #toSendCount = 0;

  constructor(socket: UnixConnection, areaCount: number) {
    this.#socket = socket;
    this.heard = new Uint8Array(areaCount);
    this.#toSend = new Uint8Array(areaCount);
    this.#output = new Uint8Array(areaCount);
  }

  /** Whether there are rings that the socket did not take yet. */
  get isFull(): boolean {
    return this.#toSendCount > 0;
  }

  /** Marks an area; `flush` sends the ring. */
  ring(areaNumber: number): void {
    if (this.#toSend[areaNumber] !== 0) return;
    this.#toSend[areaNumber] = 1;
    this.#toSendCount++;
  }

  /** Sends what the socket takes. False: the agent is gone. */
  flush(): boolean {
    if (this.#toSendCount === 0) return true;
    const output = this.#output;
    let count = 0;
    for (let number = 0; count < this.#toSendCount; number++) {
      if (this.#toSend[number] !== 0) output[count++] = number;
    }
    const sent = libc.send(this.#socket.fd, output, count, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0) return (pollSocket(this.#socket.fd, 0, 0) & (HUNG_UP | FAILED)) === 0;
    for (let i = 0; i < sent; i++) this.#toSend[output[i]!] = 0;
    this.#toSendCount -= sent;
    return true;
  }

  /** Takes rings from the socket into `heard`, so many as a turn may have. False: the agent is gone. */
  listen(): boolean {
    const got = this.#socket.receiveBytes(this.#input);
    if (got === RECEIVE_END) return false;
    if (got === RECEIVE_AGAIN) return true;
    for (let i = 0; i < got; i++) {
      const number = this.#input[i]!;
      if (number < this.heard.length) this.heard[number] = 1;
      else this.unknown = number;
    }
    return true;
  }
}
