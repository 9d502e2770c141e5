// The agent's side of the shmem transport, on Deno's event loop: for tools and tests. It maps the file, then rings and
// listens at its bell socket. Commands go out one after the other, since an area holds one.
import { errorText } from "../../scp/core/error_text.ts";
import type { AgentChannel } from "../channel.ts";
import { MemoryFile, openMemoryFile } from "../memory/memory_file.ts";
import { type AgentAreaOptions, SmtAgentCommands, SmtAgentNotifications } from "../smt/agent_area.ts";
import { AREAS_PER_CHANNEL, bellPathOf, placesOf, type ShmemShape } from "./places.ts";

/** Which channel of which file. */
export interface ShmemClientOptions extends ShmemShape, AgentAreaOptions {
  readonly path: string;
  /** Number of the channel, 0 unless given. */
  readonly channel?: number;
}

const READ_SIZE = 256;

class ShmemClient implements AgentChannel {
  onMessage: ((message: Uint8Array) => void) | null = null;
  onClose: ((reason: string) => void) | null = null;
  readonly #file: MemoryFile;
  readonly #bell: Deno.Conn;
  readonly #commands: SmtAgentCommands;
  readonly #notifications: SmtAgentNotifications;
  /** Number of the A2P area, with that of the P2A area behind it. */
  readonly #number: number;
  readonly #waiting: Uint8Array[] = [];
  /** Rings that wait for the write under way. */
  readonly #rings: number[] = [];
  #isWriting = false;
  #isOpen = true;

  constructor(
    file: MemoryFile,
    bell: Deno.Conn,
    commands: SmtAgentCommands,
    notifications: SmtAgentNotifications,
    channel: number,
  ) {
    this.#file = file;
    this.#bell = bell;
    this.#commands = commands;
    this.#notifications = notifications;
    this.#number = AREAS_PER_CHANNEL * channel;
    void this.#read();
  }

  send(message: Uint8Array): void {
    if (!this.#isOpen) return;
    this.#waiting.push(message.slice());
    this.#sendNext();
  }

  close(): void {
    this.#end("the channel was closed");
  }

  #sendNext(): void {
    const [message] = this.#waiting;
    if (message === undefined || !this.#commands.send(message)) return;
    this.#waiting.shift();
    this.#ring(this.#number);
  }

  #ring(areaNumber: number): void {
    this.#rings.push(areaNumber);
    if (!this.#isWriting) void this.#write();
  }

  async #write(): Promise<void> {
    this.#isWriting = true;
    try {
      while (this.#isOpen && this.#rings.length > 0) {
        const rings = Uint8Array.from(this.#rings.splice(0));
        for (let done = 0; done < rings.length;) done += await this.#bell.write(rings.subarray(done));
      }
    } catch (error) {
      this.#end(`the platform does not listen: ${errorText(error)}`);
    }
    this.#isWriting = false;
  }

  async #read(): Promise<void> {
    const bytes = new Uint8Array(READ_SIZE);
    try {
      while (this.#isOpen && await this.#bell.read(bytes) !== null) this.#look();
      this.#end("the platform closed the connection");
    } catch (error) {
      this.#end(`the connection broke: ${errorText(error)}`);
    }
    this.#file.close();
  }

  /** Which area a ring names does not matter: there are two, and looking costs nothing. */
  #look(): void {
    const response = this.#isOpen ? this.#commands.take() : null;
    if (response !== null) {
      this.#sendNext();
      this.onMessage?.(response);
    }
    const message = this.#isOpen ? this.#notifications.take() : null;
    if (message === null) return;
    if (this.#notifications.isReturnWanted) this.#ring(this.#number + 1);
    this.onMessage?.(message);
  }

  /** The file stays mapped until the read under way has ended, which this brings about. */
  #end(reason: string): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#waiting.length = 0;
    this.#bell.close();
    this.onClose?.(reason);
  }
}

/** Opens the file and connects to its bell; an error is one line with the path and what to do. */
export async function connectShmem(options: ShmemClientOptions): Promise<AgentChannel | { error: string }> {
  const { path, channel = 0 } = options;
  const places = placesOf(options);
  if ("error" in places) return { error: `Cannot share ${path}: ${places.error}` };
  const number = AREAS_PER_CHANNEL * channel;
  const a2p = places.areas[number];
  const p2a = places.areas[number + 1];
  if (a2p === undefined || p2a === undefined) {
    return { error: `Cannot share ${path}: it has no channel ${channel}` };
  }
  const file = openMemoryFile(path);
  if (!(file instanceof MemoryFile)) return file;
  const windows = file.windows([a2p, p2a]);
  if ("error" in windows) {
    file.close();
    return windows;
  }
  const commands = new SmtAgentCommands(windows[0]!, options);
  const notifications = new SmtAgentNotifications(windows[1]!);
  try {
    const bell = await Deno.connect({ transport: "unix", path: bellPathOf(path) });
    return new ShmemClient(file, bell, commands, notifications, channel);
  } catch (error) {
    file.close();
    return {
      error: `Cannot connect to ${bellPathOf(path)}: ${
        errorText(error)
      }; check that the simulator is running`,
    };
  }
}
