// Agents that do what they like with shared memory and bell: transports.md chapter 8, 5 to 11, 26. Whatever they do, the
// process lives, a turn stays short, and others are served.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { createReactor } from "../../transports/ffi/reactor.ts";
import { connectUnix, UnixConnection } from "../../transports/ffi/unix_socket.ts";
import { MemoryFile, openMemoryFile } from "../../transports/memory/memory_file.ts";
import { listenMessage } from "../../transports/message/listener.ts";
import { listenShmem } from "../../transports/shmem/listener.ts";
import { bellPathOf } from "../../transports/shmem/places.ts";
import {
  CHANNEL_ERROR,
  CHANNEL_FREE,
  FLAGS_WORD,
  HEADER_WORD,
  LENGTH_WORD,
  STATUS_WORD,
} from "../../transports/smt/layout.ts";
import { SmtCommandArea } from "../../transports/smt/smt_area.ts";
import { createMessageBuffer, PLAIN_SERVICE } from "../../transports/channel.ts";
import { MessageAgent } from "../contract/message.ts";
import { type ShmemAgent, ShmemSite } from "../contract/shmem.ts";
import { messageOf, TestPort } from "../support/smt_fixture.ts";
import type { ScribblerPlan } from "../support/smt_scribbler_worker.ts";
import { turnUntilLater } from "../support/turns.ts";

function statusOf({ commandWindow }: ShmemAgent): number {
  return Atomics.load(commandWindow.words, STATUS_WORD);
}

/** Runs a test with an agent that is connected. */
function withAgent(
  body: (site: ShmemSite, agent: ShmemAgent, port: TestPort) => void,
  options: { readonly channelCount?: number } = {},
): void {
  const ports: TestPort[] = [];
  const site = new ShmemSite(() => {
    ports.push(new TestPort());
    return ports.at(-1)!;
  }, options);
  const agent = site.connect();
  body(site, agent, ports[0]!);
  agent.disconnect();
  site.close();
}

/** Fails unless a new agent, which opens the file anew, is served. */
function assertServesNext(site: ShmemSite): void {
  const next = site.connect();
  next.send(messageOf(0x77));
  assertEquals(next.take().length, 1);
  next.disconnect();
}

Deno.test("shmem leaves a torn message alone until its own doorbell is rung", () => {
  withAgent((_site, agent, port) => {
    // The agent has cleared FREE and written a length; header and payload are still to come.
    const { words } = agent.commandWindow;
    Atomics.store(words, STATUS_WORD, 0);
    words[LENGTH_WORD] = 8;
    const torn = agent.commandWindow.bytes.slice();
    for (const areaNumber of [1, 2, 3]) {
      agent.ring(areaNumber);
      agent.settle();
    }
    assertEquals([...agent.commandWindow.bytes], [...torn]);
    words[HEADER_WORD] = 0x1234;
    agent.ring(0);
    agent.settle();
    assertEquals([port.requests.length, port.requests[0]!.length, statusOf(agent)], [1, 8, CHANNEL_FREE]);
  }, { channelCount: 2 });
});

Deno.test("shmem answers a doorbell on a free channel with nothing but a line", () => {
  withAgent((site, agent, port) => {
    const before = agent.commandWindow.bytes.slice();
    agent.ring(0);
    agent.settle();
    assertEquals([...agent.commandWindow.bytes], [...before]);
    assertEquals([agent.heardRings(), port.requests.length], [[], 0]);
    assertMatch(
      site.reports.join(),
      /^shmem:.*a\w*\.mem: area 0: a doorbell was rung while the channel was free$/,
    );
    agent.send(messageOf(1));
    assertEquals(agent.take().length, 1);
  });
});

Deno.test("shmem serves a message once whose doorbell is rung twice", () => {
  withAgent((site, agent, port) => {
    agent.send(messageOf(1));
    agent.ring(0, 0, 0);
    assertEquals(agent.take().length, 1);
    agent.ring(1, 2);
    agent.settle();
    assertEquals([port.requests.length, site.reports], [1, []]);
  });
});

Deno.test("shmem reports a bounded number of lines for each agent", () => {
  withAgent((site, agent) => {
    for (let i = 0; i < 100; i++) {
      agent.ring(0, 3, 255);
      agent.settle();
    }
    assertEquals(site.reports.length, 16);
    assert(site.reports.some((line) => /a byte 255 on the bell names no area: 0 to 2 do$/.test(line)));
  });
});

Deno.test("shmem serves each area once a turn in a doorbell storm, and others between", () => {
  const reactor = createReactor();
  const folder = Deno.makeTempDirSync();
  const [stormed, quiet] = [new TestPort(), new TestPort()];
  const path = `${folder}/storm.mem`;
  const endpoints = [
    listenShmem(reactor, { path }, () => stormed),
    listenMessage(reactor, `${folder}/quiet.sock`, () => quiet),
  ];
  const bell = connectUnix(bellPathOf(path), 1 << 20);
  assert(bell instanceof UnixConnection);
  const file = openMemoryFile(path);
  assert(file instanceof MemoryFile);
  const area = file.window(0, 4096);
  assert(!("error" in area));
  const other = new MessageAgent(`${folder}/quiet.sock`, reactor);
  while (reactor.runOnce(0) > 0);
  // The channel is never free: every ring finds a command.
  stormed.during = () => bell.send(new Uint8Array(64));
  const keepBusy = () => {
    Atomics.store(area.words, STATUS_WORD, 0);
    area.words[LENGTH_WORD] = 8;
  };
  for (let turn = 0; turn < 200; turn++) {
    keepBusy();
    bell.send(new Uint8Array(1000));
    const before = stormed.requests.length;
    other.send(messageOf(turn));
    reactor.runOnce(0);
    assert(stormed.requests.length - before <= 1, "one command a turn");
    assertEquals(quiet.requests.length, turn + 1, "the other agent is served in the same turn");
  }
  assert(stormed.requests.length > 100);
  other.vanish();
  bell.close();
  for (const endpoint of endpoints) if (!("error" in endpoint)) endpoint.close();
  file.close();
  reactor.close();
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("shmem serves no more channels in a turn than its agent may, the others in the turns that follow", () => {
  const served: number[] = [];
  const ports: TestPort[] = [];
  const service = { ...PLAIN_SERVICE, turnMessageMax: 2 };
  class NumberedPort extends TestPort {
    override readonly service = service;
  }
  const site = new ShmemSite(() => {
    const port = new NumberedPort();
    const number = ports.push(port) - 1;
    port.during = () => served.push(number);
    return port;
  }, { channelCount: 5 });
  const agents = site.connectSeveral();
  agents[0]!.settle();
  agents.forEach((agent) => agent.send(messageOf(1)));
  const counts: number[] = [];
  while (site.turn()) counts.push(served.length);
  assertEquals([counts, served], [[2, 4, 5], [0, 1, 2, 3, 4]]);
  for (const agent of agents) assertEquals(agent.take().length, 1);
  // Nothing of an agent that has sent more than it may, though it was in time for its turn.
  ports[1]!.during = () => service.isHeld = true;
  served.length = 0;
  agents.slice(0, 4).forEach((agent) => agent.send(messageOf(2)));
  while (site.turn());
  assertEquals(ports.map(({ requests }) => requests.length), [2, 2, 1, 1, 1]);
  for (const agent of agents.toReversed()) agent.disconnect();
  site.close();
});

/** Returns how many rings lie in the socket; the platform has no turn meanwhile. */
function drain(agent: ShmemAgent): number {
  let count = 0;
  for (let heard = agent.heardRings(); heard.length > 0; heard = agent.heardRings()) count += heard.length;
  return count;
}

Deno.test("shmem keeps the ring for responses that an agent does not listen to, and answers on", () => {
  withAgent((_site, agent, port) => {
    for (let i = 0; i < 2000; i++) {
      agent.commandWindow.words.set([1, 8, i], FLAGS_WORD);
      Atomics.store(agent.commandWindow.words, STATUS_WORD, 0);
      agent.ring(0);
      agent.settle();
    }
    assertEquals(port.requests.length, 2000);
    assert(drain(agent) < 2000, "the socket was full for a while, or this shows nothing");
    agent.settle();
    assertEquals(agent.heardRings(), [0]);
    agent.settle();
    assertEquals([agent.heardRings(), agent.isClosed], [[], false]);
  });
});

Deno.test("shmem keeps the ring for messages of the platform that an agent does not listen to", () => {
  withAgent((_site, agent, port) => {
    const message = createMessageBuffer(8);
    for (let i = 0; i < 2000; i++) {
      assertEquals(port.sink!.send(message, 8), "sent");
      Atomics.store(agent.notificationWindow.words, STATUS_WORD, CHANNEL_FREE);
    }
    agent.settle();
    assert(drain(agent) < 2000, "the socket was full for a while, or this shows nothing");
    agent.settle();
    assertEquals(agent.heardRings(), [1]);
  });
});

Deno.test("shmem keeps answering an agent that never frees its P2A area", () => {
  withAgent((_site, agent, port) => {
    const message = createMessageBuffer(8);
    const results = new Set<string>();
    for (let i = 0; i < 1000; i++) results.add(port.sink!.send(message, 8));
    agent.send(messageOf(1));
    agent.settle();
    assertEquals(port.requests.length, 1);
    assertEquals([...results], ["sent", "full"]);
    assertEquals(port.readyCount, 0);
    Atomics.store(agent.notificationWindow.words, STATUS_WORD, CHANNEL_FREE);
    agent.ring(1);
    agent.settle();
    assertEquals(port.readyCount, 1);
  });
});

Deno.test("shmem looks at a P2A area at any ring, for agents that free it and do not tell", () => {
  withAgent((_site, agent, port) => {
    const message = createMessageBuffer(8);
    port.sink!.send(message, 8);
    assertEquals(port.sink!.send(message, 8), "full");
    Atomics.store(agent.notificationWindow.words, STATUS_WORD, CHANNEL_FREE);
    agent.send(messageOf(1));
    agent.settle();
    assertEquals(port.readyCount, 1);
  });
});

Deno.test("shmem closes the connection when its file is truncated, tells, and serves the next agent", () => {
  withAgent((site, agent) => {
    for (let round = 0; round < 3; round++) {
      const victim = round === 0 ? agent : site.connect();
      Deno.truncateSync(site.path, 0);
      victim.ring(0);
      victim.settle();
      assertEquals([victim.isClosed, site.reports.length], [true, round + 1]);
      assertMatch(site.reports[round]!, /agent\.mem: connection closed: the file was truncated$/);
      if (round > 0) victim.disconnect();
    }
    assertServesNext(site);
  });
});

Deno.test("shmem survives a file that is truncated while a command is served, or while nobody is connected", () => {
  withAgent((site, agent, port) => {
    port.during = () => Deno.truncateSync(site.path, 0);
    agent.send(messageOf(1));
    agent.settle();
    assertEquals([agent.isClosed, site.reports.length], [true, 1]);
    port.during = () => {};
    assertServesNext(site);
    Deno.truncateSync(site.path, 0);
    const next = connectUnix(bellPathOf(site.path), 64);
    assert(next instanceof UnixConnection);
    next.send(Uint8Array.of(0));
    while (site.turn());
    assert(next.isPeerClosed);
    next.close();
    assertServesNext(site);
  });
});

Deno.test("shmem survives a file that is truncated before a message of the platform", () => {
  withAgent((site, agent, port) => {
    Deno.truncateSync(site.path, 0);
    assertEquals(port.sink!.send(createMessageBuffer(8), 8), "full");
    agent.ring(1);
    agent.settle();
    assertEquals([agent.isClosed, port.sink, site.reports.length], [true, null, 1]);
    assertServesNext(site);
  });
});

Deno.test("shmem turns agents away while a file of others is too short, and serves them when it is whole again", () => {
  const reactor = createReactor();
  const folder = Deno.makeTempDirSync();
  const path = `${folder}/ram`;
  const reports: string[] = [];
  Deno.writeFileSync(path, new Uint8Array(16384));
  const port = new TestPort();
  const endpoint = listenShmem(reactor, { path }, () => port, (line) => reports.push(line));
  assert(!("error" in endpoint));
  const settle = () => {
    while (reactor.runOnce(0) > 0);
  };
  const connect = () => {
    const bell = connectUnix(bellPathOf(path), 64);
    assert(bell instanceof UnixConnection);
    settle();
    return bell;
  };
  const first = connect();
  Deno.truncateSync(path, 0);
  first.send(Uint8Array.of(0));
  settle();
  assert(first.isPeerClosed);
  assertMatch(reports.at(-1)!, /the file was truncated; Cannot use .*make the file 16384 bytes long/);
  const second = connect();
  assert(second.isPeerClosed);
  assertMatch(reports.at(-1)!, /turned away: Cannot use .*make the file 16384 bytes long/);
  Deno.truncateSync(path, 16384);
  const third = connect();
  assertEquals(third.isPeerClosed, false);
  assertEquals(new Int32Array(Deno.readFileSync(path).buffer)[STATUS_WORD], CHANNEL_FREE);
  for (const bell of [first, second, third]) bell.close();
  endpoint.close();
  assertEquals(Deno.statSync(path).size, 16384);
  reactor.close();
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("SmtCommandArea answers in bounds while another processor writes all of its words", async () => {
  const folder = Deno.makeTempDirSync();
  const path = `${folder}/raced.mem`;
  const file = openMemoryFile(path, { createSize: 4096 });
  assert(file instanceof MemoryFile);
  const windows = file.windows([
    { offset: 1024, size: 128 },
    { offset: 2048, size: 8 },
    { offset: 0, size: 1024 },
    { offset: 1152, size: 128 },
  ]);
  assert(!("error" in windows));
  const [area, control, before, behind] = windows;
  const port = new TestPort();
  const smt = new SmtCommandArea(area!, port);
  smt.initialise();
  const worker = new Worker(new URL("../support/smt_scribbler_worker.ts", import.meta.url), {
    type: "module",
  });
  const stopped = new Promise<void>((resolve) => worker.onmessage = () => resolve());
  const plan: ScribblerPlan = { path, areaOffset: 1024, areaSize: 128, controlOffset: 2048 };
  worker.postMessage(plan);
  await turnUntilLater(() => Atomics.load(control!.words, 0) !== 0, () => {}, "the other processor writes");
  const statuses = new Set<number>();
  const sizes = new Set<number>();
  // On a busy machine the two seldom run at the same time: until each possible length was met.
  for (let i = 0; i < 20_000 || sizes.size < 4; i++) {
    assert(i < 50_000_000, `only ${[...sizes]} were met`);
    smt.serve();
    for (const request of port.requests.splice(0)) sizes.add(request.length);
    statuses.add(Atomics.load(area!.words, STATUS_WORD));
  }
  Atomics.store(control!.words, 1, 1);
  await stopped;
  worker.terminate();
  assertEquals([...sizes].sort((a, b) => a - b), [4, 8, 12, 104], "only lengths that can be were served");
  assert([...statuses].every((status) => [0, CHANNEL_FREE, CHANNEL_FREE | CHANNEL_ERROR].includes(status)));
  assert(
    [before!, behind!].every(({ bytes }) => bytes.every((byte) => byte === 0)),
    "neighbours are untouched",
  );
  file.close();
  Deno.removeSync(folder, { recursive: true });
});
