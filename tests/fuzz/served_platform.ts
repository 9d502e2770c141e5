// A running platform behind a `message:` socket, as small as it gets: for the tests of fuzzing from outside. Its time
// goes on by one millisecond with each message.
import { createMessageBuffer } from "../../transports/channel.ts";
import { frameOf, LENGTH_SIZE } from "../../transports/message/frame.ts";
import type { Machine } from "../../scp/server/machine.ts";

const TICK_US = 1_000;
const BUFFER_SIZE = 4096;

/** A served platform. */
export interface ServedPlatform {
  readonly path: string;
  close(): Promise<void>;
}

/** Serves an agent of a machine; `spoil` may change a response before it is sent. */
export async function servePlatform(
  machine: Machine,
  agentName: string,
  spoil: (reply: Uint8Array) => void = () => {},
): Promise<ServedPlatform> {
  const folder = await Deno.makeTempDir({ prefix: "scmi-fuzz-" });
  const path = `${folder}/agent.sock`;
  const listener = Deno.listen({ transport: "unix", path });
  const connections = new Set<Deno.Conn>();
  const serving = (async () => {
    for await (const connection of listener) {
      connections.add(connection);
      void serveConnection(machine, agentName, spoil, connection).finally(() =>
        connections.delete(connection)
      );
    }
  })();
  return {
    path,
    async close() {
      listener.close();
      for (const connection of connections) connection.close();
      await serving.catch(() => {});
      await Deno.remove(folder, { recursive: true });
    },
  };
}

async function serveConnection(
  machine: Machine,
  agentName: string,
  spoil: (reply: Uint8Array) => void,
  connection: Deno.Conn,
): Promise<void> {
  const channel = machine.openChannel(agentName)!;
  const request = createMessageBuffer(BUFFER_SIZE);
  const reply = createMessageBuffer(BUFFER_SIZE);
  let outgoing = Promise.resolve();
  const write = (message: Uint8Array) => {
    const frame = frameOf(message);
    outgoing = outgoing.then(async () => {
      for (let done = 0; done < frame.length;) done += await connection.write(frame.subarray(done));
    }).catch(() => {});
  };
  channel.attach({
    send: (message, size) => {
      write(message.bytes.slice(0, size));
      return "sent";
    },
  });
  try {
    for (;;) {
      const length = await readExactly(connection, LENGTH_SIZE);
      if (length === null) break;
      const message = await readExactly(connection, new DataView(length.buffer).getUint32(0, true));
      if (message === null) break;
      const size = Math.min(message.length, BUFFER_SIZE);
      request.bytes.set(message.subarray(0, size));
      const replySize = channel.serve(request, size, reply, BUFFER_SIZE);
      const response = reply.bytes.slice(0, replySize);
      spoil(response);
      if (replySize > 0) write(response);
      machine.step(machine.nowUs() + TICK_US);
    }
  } catch {
    // The agent is gone, or the platform is being closed.
  }
  channel.attach(null);
  channel.reset();
}

async function readExactly(connection: Deno.Conn, size: number): Promise<Uint8Array<ArrayBuffer> | null> {
  const bytes = new Uint8Array(size);
  for (let done = 0; done < size;) {
    const count = await connection.read(bytes.subarray(done));
    if (count === null) return null;
    done += count;
  }
  return bytes;
}
