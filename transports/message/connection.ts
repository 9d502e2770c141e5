// One connection of the message transport: takes frames apart, has the commands served, sends what the platform says. An
// agent that does not read is not listened to until it does. Leaves out: who may connect (listener.ts).
import { HEADER_SIZE } from "../../scp/core/header.ts";
import { MESSAGE_SIZE_MAX, REPLY_SIZE_MAX } from "../../scp/core/limits.ts";
import {
  type AgentPort,
  createMessageBuffer,
  type MessageBuffer,
  type P2aResult,
  type P2aSink,
} from "../channel.ts";
import { READABLE, WRITABLE } from "../ffi/libc.ts";
import type { Reactor, ReadyHandler } from "../ffi/reactor.ts";
import { RECEIVE_AGAIN, RECEIVE_END, type UnixConnection } from "../ffi/unix_socket.ts";
import { copyBytes, FRAME_LENGTH_MAX, FRAME_LENGTH_MIN, isFrameLength, LENGTH_SIZE } from "./frame.ts";
import { FrameOutput } from "./frame_output.ts";

/** A port that its connection has to itself and closes with it. */
export interface ConnectionPort extends AgentPort {
  /** Ends the channel: it is not used any more. */
  close(): void;
}

/** Who hears of the end of a connection. */
export interface ConnectionOwner {
  connectionEnded(connection: MessageConnection): void;
  /** Hears one line when the agent did something wrong, and bounds that. */
  report(text: string): void;
}

/** Bytes taken from the socket in one turn: a bound for the work of one connection before others have theirs. */
const INPUT_SIZE = 16384;

/**
 * Size under which a longer message is served: its content is cut, so it must not pass for a shorter one, and no message
 * has a size that is not a multiple of 4.
 */
const CUT_SIZE = MESSAGE_SIZE_MAX - 1;

/** One agent's connection. */
export class MessageConnection implements ReadyHandler, P2aSink {
  readonly #socket: UnixConnection;
  readonly #reactor: Reactor;
  readonly #port: ConnectionPort;
  readonly #owner: ConnectionOwner;
  readonly #request = createMessageBuffer(MESSAGE_SIZE_MAX);
  readonly #reply = createMessageBuffer(REPLY_SIZE_MAX);
  readonly #output = new FrameOutput();
  /** Received and not yet served: `#input[#start, #end)`. */
  readonly #input = new Uint8Array(INPUT_SIZE);
  readonly #inputView = new DataView(this.#input.buffer);
  #start = 0;
  #end = 0;
  /** Bytes still to come of a message that is longer than any, whose beginning stands in `#request`. */
  #surplusSize = 0;
  #watched = READABLE;
  #isOpen = true;
  /** No more commands are taken: what is in the output is sent, then the connection is closed. */
  #isEnding = false;
  /** The output had no room for a message of the platform, which waits for `p2aReady()`. */
  #isP2aFull = false;
  /** The end of the turn sends the output; outside of a turn somebody has to ask for one. */
  #isInTurn = false;
  /** Commands that may still be served in this turn. */
  #left = 0;

  constructor(socket: UnixConnection, reactor: Reactor, port: ConnectionPort, owner: ConnectionOwner) {
    this.#socket = socket;
    this.#reactor = reactor;
    this.#port = port;
    this.#owner = owner;
  }

  /** Begins to listen. False when that cannot be; then the connection is of no use. */
  begin(): boolean {
    if (!this.#reactor.register(this.#socket.fd, READABLE, false, this, this.#port.service)) return false;
    this.#port.attach(this);
    return true;
  }

  onReady(events: number): boolean {
    this.#isInTurn = true;
    this.#left = this.#port.service.turnMessageMax;
    const goesOn = this.#turn(events) && !(this.#isEnding && this.#output.isEmpty);
    this.#isInTurn = false;
    if (goesOn) this.#watch();
    else this.close();
    return goesOn && this.#left === 0;
  }

  send(message: MessageBuffer, size: number): P2aResult {
    // Room for one response stays free, so that a command that is in service can always be answered.
    if (!this.#output.hasRoomFor(size + LENGTH_SIZE + REPLY_SIZE_MAX)) {
      this.#isP2aFull = true;
      return "full";
    }
    this.#output.append(message, size);
    if (!this.#isInTurn) this.#reactor.callAgain(this.#socket.fd);
    return "sent";
  }

  /** Ends the connection and its channel. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#reactor.unregister(this.#socket.fd);
    this.#socket.close();
    this.#port.close();
    this.#owner.connectionEnded(this);
  }

  /** Returns whether the agent is still there. */
  #turn(events: number): boolean {
    if (!this.#output.flush(this.#socket.fd)) return false;
    if (this.#isP2aFull) {
      this.#isP2aFull = false;
      this.#port.p2aReady();
    }
    this.#serveFrames();
    // What came before is served first: the end of the agent's side must not overtake it.
    if (events !== 0 && this.#left > 0 && this.#listens) {
      this.#receive();
      this.#serveFrames();
    }
    return this.#output.flush(this.#socket.fd);
  }

  /** Whether commands are taken now. While the output is full, those that wait stay in the input and the socket. */
  get #listens(): boolean {
    return !this.#isEnding && this.#hasRoomForReply();
  }

  #hasRoomForReply(): boolean {
    return this.#output.hasRoomFor(REPLY_SIZE_MAX);
  }

  #receive(): void {
    if (this.#start > 0) {
      this.#input.copyWithin(0, this.#start, this.#end);
      this.#end -= this.#start;
      this.#start = 0;
    }
    const free = this.#end === 0 ? this.#input : this.#input.subarray(this.#end);
    const got = this.#socket.receiveBytes(free);
    if (got === RECEIVE_AGAIN) return;
    // An agent that closed its own side still gets the responses to what it has sent.
    if (got === RECEIVE_END) this.#isEnding = true;
    else this.#end += got;
  }

  /** Serves the commands that are there, as many as one turn may, as long as there is room for the responses. */
  #serveFrames(): void {
    while (!this.#isEnding && this.#left > 0) {
      if (!this.#hasRoomForReply()) {
        this.#output.flush(this.#socket.fd);
        if (!this.#hasRoomForReply()) return;
      }
      const size = this.#surplusSize > 0 ? this.#skipSurplus() : this.#takeMessage();
      if (size === 0) return;
      this.#left--;
      const replySize = this.#port.serve(this.#request, size, this.#reply, REPLY_SIZE_MAX);
      if (replySize >= HEADER_SIZE) this.#output.append(this.#reply, replySize);
    }
  }

  /** Copies the next message to `#request`; returns its size, or 0 when it is not all there. */
  #takeMessage(): number {
    const thereSize = this.#end - this.#start - LENGTH_SIZE;
    if (thereSize < 0) return 0;
    const length = this.#inputView.getUint32(this.#start, true);
    if (!isFrameLength(length)) {
      this.#isEnding = true;
      this.#owner.report(
        `a frame of ${length} bytes (${FRAME_LENGTH_MIN} to ${FRAME_LENGTH_MAX} are possible) ended the connection`,
      );
      return 0;
    }
    const size = length <= MESSAGE_SIZE_MAX ? length : MESSAGE_SIZE_MAX;
    if (thereSize < size) return 0;
    copyBytes(this.#input, this.#start + LENGTH_SIZE, this.#request.bytes, 0, size);
    this.#start += LENGTH_SIZE + size;
    this.#surplusSize = length - size;
    return this.#surplusSize > 0 ? this.#skipSurplus() : size;
  }

  /** Drops the rest of a message that is too long; returns the size to serve it under once that is over, else 0. */
  #skipSurplus(): number {
    const thereSize = this.#end - this.#start;
    const size = thereSize < this.#surplusSize ? thereSize : this.#surplusSize;
    this.#start += size;
    this.#surplusSize -= size;
    return this.#surplusSize > 0 ? 0 : CUT_SIZE;
  }

  #watch(): void {
    const events = (this.#listens ? READABLE : 0) | (this.#output.isEmpty ? 0 : WRITABLE);
    if (events === this.#watched) return;
    this.#watched = events;
    this.#reactor.modify(this.#socket.fd, events, false);
  }
}
