// The agent's side of the message transport on the event loop, against the real listener and against a peer that lies.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { BASE_DISCOVER_VENDOR } from "../../protocols/base/messages.ts";
import { SENSOR_READING_GET } from "../../protocols/sensor/messages.ts";
import { AgentClient } from "../../scp/agent/agent.ts";
import type { AgentChannel } from "../../transports/channel.ts";
import { connectMessage } from "../../transports/message/client.ts";
import { frameOf } from "../../transports/message/frame.ts";
import { MessageSite } from "../contract/message.ts";
import { createMachine } from "../support/platform.ts";
import { turnUntilLater } from "../support/turns.ts";

async function connected(path: string): Promise<AgentChannel> {
  const channel = await connectMessage(path);
  assert(!("error" in channel), "error" in channel ? channel.error : "");
  return channel;
}

/** Serves in the same thread: a turn of the platform, then one of the event loop, until the promise is settled. */
async function served<T>(site: MessageSite, promise: Promise<T>, work = () => {}): Promise<T> {
  let isSettled = false;
  const settle = () => void (isSettled = true);
  promise.then(settle, settle);
  const turn = () => {
    work();
    site.reactor.runOnce(1);
  };
  await turnUntilLater(() => isSettled, turn, "the promise is settled");
  return promise;
}

/** Lets the event loop turn until so many messages were heard. */
function untilHeard(heard: readonly Uint8Array[], count: number): Promise<void> {
  return turnUntilLater(() => heard.length >= count, () => {}, `${count} messages are heard`);
}

Deno.test("connectMessage reaches a platform: calls, many at once, a delayed response", async () => {
  const machine = createMachine();
  const site = new MessageSite(() => machine.openChannel("OSPM")!);
  const client = new AgentClient(await served(site, connected(site.path)));
  const vendor = await served(site, client.call(0x10, BASE_DISCOVER_VENDOR, {}));
  assertEquals(vendor, { ok: true, values: { vendor: "test" } });
  const many = Array.from({ length: 500 }, () => client.call(0x10, BASE_DISCOVER_VENDOR, {}));
  assertEquals((await served(site, Promise.all(many))).every((result) => result.ok), true);
  const reading = client.callDelayed(0x15, SENSOR_READING_GET, { sensorId: 0, flags: { async: true } });
  const result = await served(site, reading, () => machine.step(machine.nowUs() + 1000));
  assert(result.ok);
  assertEquals(result.values.readings, [{ value: 1000, timestamp: 0 }]);
  client.close();
  site.close();
});

Deno.test("connectMessage tells when the platform goes away", async () => {
  const machine = createMachine();
  const site = new MessageSite(() => machine.openChannel("OSPM")!);
  const channel = await served(site, connected(site.path));
  site.reactor.runOnce(0);
  const closed = new Promise<string>((resolve) => channel.onClose = resolve);
  site.close();
  assertEquals(await closed, "the platform closed the connection");
});

Deno.test("connectMessage ends a channel on which the platform sends an impossible frame", async () => {
  const directory = await Deno.makeTempDir();
  const path = `${directory}/liar.sock`;
  const listener = Deno.listen({ transport: "unix", path });
  const channel = await connected(path);
  const heard: Uint8Array[] = [];
  channel.onMessage = (message) => heard.push(message);
  const closed = new Promise<string>((resolve) => channel.onClose = resolve);
  const peer = await listener.accept();
  const frames = Uint8Array.from([
    ...frameOf(Uint8Array.of(1, 2, 3, 4, 5)),
    ...frameOf(Uint8Array.of(6, 7, 8, 9)),
  ]);
  await peer.write(frames.subarray(0, 12));
  await untilHeard(heard, 1);
  await peer.write(frames.subarray(12));
  await peer.write(Uint8Array.of(3, 0, 0, 0, 1, 2, 3));
  assertEquals(await closed, "the platform sent a frame of 3 bytes, which no message has");
  assertEquals(heard, [Uint8Array.of(1, 2, 3, 4, 5), Uint8Array.of(6, 7, 8, 9)]);
  channel.send(Uint8Array.of(0, 0, 0, 0));
  peer.close();
  listener.close();
  await Deno.remove(directory, { recursive: true });
});

Deno.test("connectMessage names a socket that is not there, and one that nobody serves", async () => {
  const directory = await Deno.makeTempDir();
  const path = `${directory}/none.sock`;
  const absent = await connectMessage(path);
  assert("error" in absent);
  assertStringIncludes(absent.error, `${path}: there is no such socket`);
  Deno.writeTextFileSync(path, "");
  const unserved = await connectMessage(path);
  assert("error" in unserved);
  assertStringIncludes(unserved.error, `Cannot connect to ${path}`);
  await Deno.remove(directory, { recursive: true });
});
