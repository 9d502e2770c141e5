// The agent's side of the message transport, on Deno's event loop: for the command line, tools and tests. It trusts nothing
// the platform sends: a frame that cannot be ends the channel.
import { errorText } from "../../scp/core/error_text.ts";
import type { AgentChannel } from "../channel.ts";
import { frameOf, isFrameLength, LENGTH_SIZE } from "./frame.ts";

/** Bytes asked for with one read. */
const READ_SIZE = 65536;

class MessageClient implements AgentChannel {
  onMessage: ((message: Uint8Array) => void) | null = null;
  onClose: ((reason: string) => void) | null = null;
  readonly #connection: Deno.Conn;
  /** Frames that wait for the write under way. */
  #waiting: Uint8Array<ArrayBuffer>[] = [];
  #isWriting = false;
  #isOpen = true;

  constructor(connection: Deno.Conn) {
    this.#connection = connection;
    void this.#read();
  }

  send(message: Uint8Array): void {
    if (!this.#isOpen) return;
    this.#waiting.push(frameOf(message));
    if (!this.#isWriting) void this.#write();
  }

  close(): void {
    this.#end("the channel was closed");
  }

  async #write(): Promise<void> {
    this.#isWriting = true;
    try {
      while (this.#waiting.length > 0) {
        const frames = joined(this.#waiting.splice(0));
        for (let done = 0; done < frames.length;) done += await this.#connection.write(frames.subarray(done));
      }
    } catch (error) {
      this.#end(`the platform does not take commands: ${errorText(error)}`);
    }
    this.#isWriting = false;
  }

  async #read(): Promise<void> {
    let unread = new Uint8Array(0);
    const bytes = new Uint8Array(READ_SIZE);
    try {
      while (this.#isOpen) {
        const got = await this.#connection.read(bytes);
        if (got === null) return this.#end("the platform closed the connection");
        unread = this.#takeFrames(joined([unread, bytes.subarray(0, got)]));
      }
    } catch (error) {
      this.#end(`the connection broke: ${errorText(error)}`);
    }
  }

  /** Hands over the messages that are complete; returns what is left. */
  #takeFrames(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let at = 0;
    while (this.#isOpen && bytes.length - at >= LENGTH_SIZE) {
      const length = view.getUint32(at, true);
      if (!isFrameLength(length)) {
        this.#end(`the platform sent a frame of ${length} bytes, which no message has`);
        break;
      }
      const end = at + LENGTH_SIZE + length;
      if (end > bytes.length) break;
      this.onMessage?.(bytes.slice(at + LENGTH_SIZE, end));
      at = end;
    }
    return bytes.slice(at);
  }

  #end(reason: string): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#waiting = [];
    this.#connection.close();
    this.onClose?.(reason);
  }
}

function joined(parts: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Connects to a platform's socket; an error is one line with the path and what to do. */
export async function connectMessage(path: string): Promise<AgentChannel | { error: string }> {
  try {
    return new MessageClient(await Deno.connect({ transport: "unix", path }));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      return {
        error:
          `Cannot connect to ${path}: there is no such socket; the simulator prints its own when it starts`,
      };
    }
    if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable) {
      return {
        error:
          `Cannot connect to ${path}: permission denied; sockets are for the user who runs the simulator`,
      };
    }
    return { error: `Cannot connect to ${path}: ${errorText(error)}; check that the simulator is running` };
  }
}
