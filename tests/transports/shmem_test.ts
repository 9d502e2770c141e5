// The shmem transport: who may connect, what a ring means, how files and sockets come and go. What goes wrong with areas is
// in shmem_hostile_test.ts.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { PROTOCOL_VERSION } from "../../protocols/every_protocol.ts";
import {
  PERFORMANCE_DESCRIBE_FASTCHANNEL,
  PERFORMANCE_LEVEL_GET,
  PERFORMANCE_LEVEL_SET,
} from "../../protocols/performance/messages.ts";
import { encodeCommand } from "../../scp/agent/agent.ts";
import { SENSOR_CONTINUOUS_UPDATE_NOTIFY } from "../../protocols/sensor/messages.ts";
import { createReactor } from "../../transports/ffi/reactor.ts";
import { connectUnix, UnixConnection } from "../../transports/ffi/unix_socket.ts";
import { listenShmem, type ShmemOptions } from "../../transports/shmem/listener.ts";
import { bellPathOf, CHANNEL_COUNT_MAX } from "../../transports/shmem/places.ts";
import { SmtAgentCommands, SmtAgentNotifications } from "../../transports/smt/agent_area.ts";
import { isAreaFree } from "../../transports/smt/layout.ts";
import { MemoryFile, openMemoryFile } from "../../transports/memory/memory_file.ts";
import { ShmemSite } from "../contract/shmem.ts";
import { createDvfs, DOMAIN, PERFORMANCE } from "../support/dvfs_board.ts";
import { exists, openCountBelow } from "../support/open_files.ts";
import { callOk, createMachine } from "../support/platform.ts";
import { messageOf, TestPort } from "../support/smt_fixture.ts";
import { turnUntil } from "../support/turns.ts";

const VERSION = encodeCommand(0x10, PROTOCOL_VERSION, {}, 5);

/** Runs a test with a path in a folder of its own, and a way to serve there. */
function withFolder(
  body: (path: string, listen: (options?: Partial<ShmemOptions>) => ReturnType<typeof listenShmem>) => void,
): void {
  const folder = Deno.makeTempDirSync();
  const reactor = createReactor();
  const path = `${folder}/a.mem`;
  body(path, (options = {}) => listenShmem(reactor, { path, ...options }, () => new TestPort()));
  reactor.close();
  Deno.removeSync(folder, { recursive: true });
}

function close(endpoint: ReturnType<typeof listenShmem>): void {
  assert(!("error" in endpoint), "error" in endpoint ? endpoint.error : "");
  endpoint.close();
}

function errorOf(endpoint: ReturnType<typeof listenShmem>): string {
  assert("error" in endpoint, "an error was expected");
  return endpoint.error;
}

Deno.test("listenShmem makes file and bell for their owner, and removes both", () => {
  withFolder((path, listen) => {
    const endpoint = listen();
    const modes = [path, bellPathOf(path)].map((each) => (Deno.lstatSync(each).mode ?? 0) & 0o777);
    assertEquals([modes, Deno.statSync(path).size], [[0o600, 0o600], 16384]);
    assert(!("error" in endpoint));
    assertEquals(endpoint.spec, `shmem:${path}`);
    close(endpoint);
    close(endpoint);
    assertEquals([exists(path), exists(bellPathOf(path))], [false, false]);
  });
});

Deno.test("listenShmem frees the areas of every channel and leaves the rest of an existing file alone", () => {
  withFolder((path, listen) => {
    Deno.writeFileSync(path, new Uint8Array(8192).fill(0xa5));
    const endpoint = listen({ offset: 2048, size: 2048, channelCount: 2 });
    const words = new Int32Array(Deno.readFileSync(path).buffer);
    const areaWords = 256 / 4;
    const expected = words.map((_, word) => {
      const inArea = word - 512;
      if (inArea < 0 || inArea >= 4 * areaWords) return 0xa5a5a5a5 | 0;
      return inArea % areaWords === 1 ? 1 : 0;
    });
    assertEquals([...words], [...expected]);
    close(endpoint);
    assertEquals([exists(path), exists(bellPathOf(path))], [true, false]);
  });
});

Deno.test("listenShmem replaces a bell that nobody serves, and leaves one in use with its file alone", () => {
  withFolder((path, listen) => {
    const first = listen();
    assertMatch(errorOf(listen()), /a\.mem\.bell: another process serves it/);
    assert(exists(path));
    Deno.renameSync(bellPathOf(path), `${path}.moved`);
    close(first);
    Deno.renameSync(`${path}.moved`, bellPathOf(path));
    close(listen());
    assertEquals([exists(path), exists(bellPathOf(path))], [false, false]);
  });
});

Deno.test("listenShmem tells what it cannot serve, closes its channels and leaves nothing behind", () => {
  withFolder((path) => {
    const reactor = createReactor();
    Deno.writeFileSync(`${path}.short`, new Uint8Array(4095));
    const cases: [Partial<ShmemOptions>, RegExp][] = [
      [{ size: 508 }, /Cannot share .*a\.mem: size 508 .*at least 128/],
      [{ offset: 3 }, /Cannot share .*a\.mem: offset 3 .*multiple of 4/],
      [{ channelCount: CHANNEL_COUNT_MAX + 1 }, /33 channels .*1 to 32/],
      [{ path: `${path}.short` }, /a\.mem\.short: it reaches beyond .*make the file 16384 bytes long/],
      [{ path: `${path}/x` }, /Cannot listen at .*check its directory/],
      [{ path: `/${"x".repeat(110)}` }, /longer than 107 bytes/],
    ];
    const ports: TestPort[] = [];
    for (const [options, told] of cases) {
      const openPort = () => {
        ports.push(new TestPort());
        return ports.at(-1)!;
      };
      assertMatch(errorOf(listenShmem(reactor, { path, ...options }, openPort)), told);
    }
    assert(ports.every(({ closeCount }) => closeCount === 1));
    assertEquals(openCountBelow(path), 0);
    assertEquals([...Deno.readDirSync(path.slice(0, path.lastIndexOf("/")))].map(({ name }) => name), [
      "a.mem.short",
    ]);
    reactor.close();
  });
});

Deno.test("shmem rings back for a response only if that was asked for", () => {
  const port = new TestPort();
  const site = new ShmemSite(() => port);
  const agent = site.connect();
  for (const wantsInterrupt of [true, false, true]) {
    const commands = new SmtAgentCommands(agent.commandWindow, { wantsInterrupt });
    assert(commands.send(messageOf(0x1234)));
    agent.ring(0);
    agent.settle();
    assert(commands.take() !== null);
    assertEquals(agent.heardRings(), wantsInterrupt ? [0] : []);
  }
  agent.disconnect();
  site.close();
  assertEquals([port.closeCount, port.requests.length], [1, 3]);
});

Deno.test("shmem channels of one file have a number each, which rings carry both ways", () => {
  const machine = createMachine();
  const site = new ShmemSite(() => machine.openChannel("OSPM")!, { channelCount: 3 });
  assertEquals(machine.agents.find("OSPM")!.channels.length, 3);
  const file = openMemoryFile(site.path);
  assert(file instanceof MemoryFile);
  const windows = file.windows(site.places.areas);
  assert(!("error" in windows));
  const agent = site.connect();
  const enable = encodeCommand(0x15, SENSOR_CONTINUOUS_UPDATE_NOTIFY, {
    sensorId: 0,
    notifyEnable: { enable: true },
  }, 1);
  const commands = [0, 2, 4].map((number) => new SmtAgentCommands(windows[number]!));
  for (const [index, message] of [VERSION, enable, VERSION].entries()) commands[index]!.send(message);
  agent.ring(4, 2);
  agent.settle();
  assertEquals(commands.map((each) => each.take() !== null), [false, true, true]);
  assertEquals(agent.heardRings(), [2, 4]);
  machine.step(100_000);
  assertEquals(agent.heardRings(), [3], "notifications go to the channel that asked");
  assertEquals([1, 3, 5].map((number) => isAreaFree(windows[number]!)), [true, false, true]);
  assertEquals(new SmtAgentNotifications(windows[3]!).isReturnWanted, true);
  agent.disconnect();
  file.close();
  site.close();
  assertEquals(machine.agents.find("OSPM")!.channels.length, 0);
});

Deno.test("shmem serves one agent at a time, and the next one when that is gone", () => {
  const port = new TestPort();
  const site = new ShmemSite(() => port);
  const first = site.connect();
  const second = connectUnix(bellPathOf(site.path), 64);
  assert(second instanceof UnixConnection);
  first.settle();
  assert(second.isPeerClosed);
  assertMatch(site.reports[0]!, /an agent was turned away: one is connected/);
  first.send(messageOf(1));
  assertEquals(first.take().length, 1);
  first.disconnect();
  second.close();
  const third = site.connect();
  third.send(messageOf(2));
  assertEquals([third.take().length, third.isClosed], [1, false]);
  third.disconnect();
  site.close();
});

Deno.test("shmem lets the next agent in whose predecessor has gone in the same turn", () => {
  const site = new ShmemSite(() => new TestPort());
  const first = connectUnix(bellPathOf(site.path), 64);
  assert(first instanceof UnixConnection);
  site.turn();
  first.close();
  const second = site.connect();
  second.send(messageOf(1));
  assertEquals([second.take().length, site.reports], [1, []]);
  second.disconnect();
  site.close();
});

Deno.test("shmem resets channel and areas when an agent goes, even within a command", () => {
  const port = new TestPort();
  const site = new ShmemSite(() => port);
  const agent = site.connect();
  assert(port.sink !== null);
  agent.hold();
  agent.commandWindow.bytes.fill(0xff);
  Atomics.store(agent.commandWindow.words, 1, 0);
  const { places } = site;
  agent.disconnect();
  assertEquals([port.sink, port.resetCount], [null, 1]);
  const words = new Int32Array(Deno.readFileSync(site.path).buffer);
  for (const { offset, size } of places.areas) {
    const area = [...words.subarray(offset / 4, (offset + size) / 4)];
    assertEquals(area, area.map((_, word) => word === 1 ? 1 : 0));
  }
  site.close();
});

Deno.test("shmem serves what an agent has written before it connects", () => {
  const port = new TestPort();
  const site = new ShmemSite(() => port);
  const file = openMemoryFile(site.path);
  assert(file instanceof MemoryFile);
  const windows = file.windows(site.places.areas);
  assert(!("error" in windows));
  const commands = new SmtAgentCommands(windows[0]!);
  commands.send(messageOf(0x1234));
  const bell = connectUnix(bellPathOf(site.path), 64);
  assert(bell instanceof UnixConnection);
  bell.send(Uint8Array.of(0));
  while (site.turn());
  assertEquals(commands.take()?.length, 12);
  bell.close();
  file.close();
  site.close();
});

Deno.test("shmem survives agents that ring and go, and agents that only come and go", () => {
  const port = new TestPort();
  const site = new ShmemSite(() => port);
  for (let round = 1; round <= 3; round++) {
    const agent = site.connect();
    agent.send(messageOf(round));
    agent.disconnect();
    assertEquals([port.requests.length, port.resetCount], [round, round]);
  }
  const before = openCountBelow(site.path);
  for (let round = 0; round < 50; round++) site.connect().disconnect();
  assertEquals([before, openCountBelow(site.path)], [2, 2], "the file and the bell");
  site.close();
});

Deno.test("listenShmem takes an agent with it when it is closed", () => {
  const port = new TestPort();
  const site = new ShmemSite(() => port);
  const agent = site.connect();
  site.close();
  assertEquals([agent.isClosed, port.closeCount, port.sink], [true, 1, null]);
});

Deno.test("shmem has FastChannels behind its areas, on all channels, looked at unasked and at every ring", () => {
  const { machine } = createDvfs();
  const site = new ShmemSite(() => machine.openChannel("OSPM")!, { channelCount: 2 });
  const agent = site.connect();
  const file = openMemoryFile(site.path);
  assert(file instanceof MemoryFile);
  const all = file.window(0, site.places.end);
  const second = file.windows(site.places.areas.slice(2));
  assert(!("error" in all) && !("error" in second));
  const describe = encodeCommand(PERFORMANCE, PERFORMANCE_DESCRIBE_FASTCHANNEL, {
    domainId: DOMAIN.cpu,
    messageId: PERFORMANCE_LEVEL_SET.id,
  }, 1);
  const commands = new SmtAgentCommands(second[0]!);
  commands.send(describe);
  agent.send(describe);
  agent.ring(2);
  const answers = [agent.take()[0]!, commands.take()!].map((answer) => new DataView(answer.slice().buffer));
  const [status, address, doorbell] = [4, 16, 28].map((at) => answers[0]!.getUint32(at, true));
  assertEquals([status, answers[1]!.getUint32(16, true)], [0, address]);
  assertEquals(address! >= site.places.fastChannels.offset && address! < site.places.end, true);
  const levelOf = () => {
    agent.send(encodeCommand(PERFORMANCE, PERFORMANCE_LEVEL_GET, { domainId: DOMAIN.cpu }, 2));
    return new DataView(agent.take()[0]!.slice().buffer).getUint32(8, true);
  };
  const store = (level: number) => {
    all.view.setUint32(address!, level, true);
    all.view.setUint32(doorbell!, 1, true);
  };
  for (const level of [200, 100]) {
    store(level);
    assertEquals(levelOf(), level, "the message comes after the FastChannel");
  }
  store(200);
  agent.ring(4);
  agent.settle();
  assertEquals([all.view.getUint32(doorbell!, true), levelOf()], [0, 200]);
  store(150);
  // Nobody rings: the platform looks again after 2 ms at the latest.
  const isHeard = () => all.view.getUint32(doorbell!, true) === 0;
  turnUntil(isHeard, () => site.reactor.runOnce(1), "the doorbell is heard");
  assertEquals(levelOf(), 150);
  // A file that is gone reads as level 0, which nobody has asked for.
  Deno.truncateSync(site.path, 0);
  agent.ring(4);
  agent.settle();
  assert(agent.isClosed);
  agent.disconnect();
  file.close();
  const next = site.connect();
  next.send(describe);
  assertEquals(new DataView(next.take()[0]!.slice().buffer).getUint32(16, true), address);
  next.disconnect();
  site.close();
});

Deno.test("shmem touches no FastChannels of a file that is lost, whatever the platform has to tell", async () => {
  const { machine, psci } = createDvfs();
  const site = new ShmemSite(() => machine.openChannel("OSPM")!);
  const agent = site.connect();
  Deno.truncateSync(site.path, 0);
  // No file can be made again where a folder is.
  Deno.removeSync(site.path);
  Deno.mkdirSync(site.path);
  agent.ring(0);
  agent.settle();
  assertMatch(site.reports[0]!, /the file was truncated; Cannot open /);
  // Would be written to memory that is no longer mapped.
  for (const level of [100, 200]) {
    await callOk(psci, PERFORMANCE, PERFORMANCE_LEVEL_SET, { domainId: DOMAIN.cpu, level });
    machine.step(machine.nowUs() + 100_000);
  }
  agent.disconnect();
  Deno.removeSync(site.path);
  const next = connectUnix(bellPathOf(site.path), 64);
  assert(next instanceof UnixConnection);
  while (site.turn());
  assertEquals([next.isPeerClosed, Deno.statSync(site.path).size], [false, 32768]);
  next.close();
  site.close();
});
