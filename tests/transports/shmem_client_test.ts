// The agent's side of the shmem transport on the event loop, against the real endpoint and against peers that lie.
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { BASE_DISCOVER_VENDOR } from "../../protocols/base/messages.ts";
import { SENSOR_CONTINUOUS_UPDATE_NOTIFY, SENSOR_READING_GET } from "../../protocols/sensor/messages.ts";
import { AgentClient } from "../../scp/agent/agent.ts";
import type { AgentChannel } from "../../transports/channel.ts";
import { connectShmem, type ShmemClientOptions } from "../../transports/shmem/client.ts";
import { bellPathOf } from "../../transports/shmem/places.ts";
import { CHANNEL_FREE, LENGTH_WORD, STATUS_WORD } from "../../transports/smt/layout.ts";
import { ShmemSite } from "../contract/shmem.ts";
import { openCountBelow } from "../support/open_files.ts";
import { createMachine } from "../support/platform.ts";
import { messageOf, TestPort } from "../support/smt_fixture.ts";
import { turnUntilLater } from "../support/turns.ts";

async function connected(options: ShmemClientOptions): Promise<AgentChannel> {
  const channel = await connectShmem(options);
  assert(!("error" in channel), "error" in channel ? channel.error : "");
  return channel;
}

/** Serves in the same thread: a turn of the platform, then one of the event loop, until the promise is settled. */
async function served<T>(site: ShmemSite, promise: Promise<T>, work = () => {}): Promise<T> {
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

async function errorOf(options: ShmemClientOptions): Promise<string> {
  const channel = await connectShmem(options);
  assert("error" in channel, "an error was expected");
  return channel.error;
}

for (const checksum of ["none", "crc32"] as const) {
  Deno.test(`connectShmem reaches a platform with checksum ${checksum}: calls, many at once, what comes later`, async () => {
    const machine = createMachine();
    const site = new ShmemSite(() => machine.openChannel("OSPM")!, { channelCount: 2, checksum });
    const channel = await served(site, connected({ ...site.options, channel: 1 }));
    const client = new AgentClient(channel);
    const vendor = await served(site, client.call(0x10, BASE_DISCOVER_VENDOR, {}));
    assertEquals(vendor, { ok: true, values: { vendor: "test" } });
    const many = Array.from({ length: 40 }, () => client.call(0x10, BASE_DISCOVER_VENDOR, {}));
    assertEquals((await served(site, Promise.all(many))).every((result) => result.ok), true);
    const reading = client.callDelayed(0x15, SENSOR_READING_GET, { sensorId: 0, flags: { async: true } });
    const result = await served(site, reading, () => machine.step(machine.nowUs() + 1000));
    assert(result.ok);
    assertEquals(result.values.readings, [{ value: 1000, timestamp: 0 }]);
    client.close();
    site.close();
  });
}

Deno.test("connectShmem hears notifications one after the other, as many as there are", async () => {
  const machine = createMachine();
  const site = new ShmemSite(() => machine.openChannel("OSPM")!);
  const channel = await served(site, connected(site.options));
  const client = new AgentClient(channel);
  const receive = channel.onMessage!;
  const heard: Uint8Array[] = [];
  let onTenth = () => {};
  const ten = new Promise<void>((resolve) => onTenth = resolve);
  channel.onMessage = (message) => {
    receive(message);
    if ((message[1]! & 3) === 3 && heard.push(message) === 10) onTenth();
  };
  const enable = { sensorId: 0, notifyEnable: { enable: true } };
  await served(site, client.call(0x15, SENSOR_CONTINUOUS_UPDATE_NOTIFY, enable));
  machine.step(machine.nowUs() + 1_000_000);
  await served(site, ten);
  assertEquals(machine.trace.count("notificationDropped"), 0);
  client.close();
  site.close();
});

Deno.test("connectShmem tells when the platform goes away, and when it was turned away", async () => {
  const machine = createMachine();
  const site = new ShmemSite(() => machine.openChannel("OSPM")!);
  const first = await served(site, connected(site.options));
  site.turn();
  const second = await connected(site.options);
  const closing = [first, second].map((channel) =>
    new Promise<string>((resolve) => channel.onClose = resolve)
  );
  assertMatch(await served(site, closing[1]!), /^the platform closed the connection|^the connection broke/);
  site.close();
  assertEquals(await closing[0], "the platform closed the connection");
  first.send(messageOf(1));
});

Deno.test("connectShmem says why it cannot connect", async () => {
  const folder = Deno.makeTempDirSync();
  const path = `${folder}/none.mem`;
  assertMatch(await errorOf({ path }), /^Cannot open .*none\.mem: no such file/);
  Deno.writeFileSync(path, new Uint8Array(100));
  assertMatch(await errorOf({ path }), /4096 bytes at 0x0 .*beyond the end/);
  Deno.truncateSync(path, 16384);
  assertStringIncludes(await errorOf({ path }), `Cannot connect to ${bellPathOf(path)}`);
  assertMatch(await errorOf({ path, channel: 1 }), /has no channel 1/);
  assertMatch(await errorOf({ path, offset: 2 }), /multiple of 4/);
  for (const size of [16384, 100]) {
    Deno.truncateSync(path, size);
    for (let i = 0; i < 20; i++) await errorOf({ path });
  }
  assertEquals(openCountBelow(folder), 0);
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("connectShmem takes no more than an area holds from a platform that lies about lengths", async () => {
  const folder = Deno.makeTempDirSync();
  const path = `${folder}/liar.mem`;
  Deno.writeFileSync(path, new Uint8Array(16384));
  const listener = Deno.listen({ transport: "unix", path: bellPathOf(path) });
  const channel = await connected({ path });
  const heard: number[] = [];
  const peer = await listener.accept();
  const write = (words: readonly [number, number][]) => {
    const bytes = Deno.readFileSync(path);
    const view = new DataView(bytes.buffer);
    for (const [word, value] of words) view.setUint32(4096 + 4 * word, value, true);
    // In place: the client has mapped the file.
    const file = Deno.openSync(path, { write: true });
    file.writeSync(bytes);
    file.close();
  };
  for (const length of [0xffff_ffff, 0, 12, 5000]) {
    write([[LENGTH_WORD, length], [STATUS_WORD, 0]]);
    const message = new Promise<void>((resolve) => {
      channel.onMessage = ({ length: size }) => {
        heard.push(size);
        resolve();
      };
    });
    await peer.write(Uint8Array.of(1));
    await message;
    assertEquals(new Int32Array(Deno.readFileSync(path).buffer)[1024 + STATUS_WORD], CHANNEL_FREE);
  }
  assertEquals(heard, [4072, 0, 12, 4072]);
  const closed = new Promise<string>((resolve) => channel.onClose = resolve);
  peer.close();
  await closed;
  listener.close();
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("connectShmem sends a command that is too long for its area as one, and hears that it is refused", async () => {
  const port = Object.assign(new TestPort(), { close() {} });
  const site = new ShmemSite(() => port, { size: 512 });
  const channel = await served(site, connected(site.options));
  const answer = new Promise<Uint8Array>((resolve) => channel.onMessage = resolve);
  channel.send(messageOf(0x1234, 200));
  const response = await served(site, answer);
  assertEquals([response.length, new DataView(response.buffer).getInt32(4, true)], [8, -10]);
  assertEquals(port.requests, []);
  channel.close();
  site.close();
});
