// An attacker sends more than its share, at real sockets: who waits for it, and for how much of it.
import { assert, assertEquals } from "@std/assert";
import { PROTOCOL_VERSION } from "../../protocols/every_protocol.ts";
import { encodeCommand } from "../../scp/agent/agent.ts";
import { createReactor } from "../../transports/ffi/reactor.ts";
import { frameOf } from "../../transports/message/frame.ts";
import { listenMessage } from "../../transports/message/listener.ts";
import { MessageAgent } from "../contract/message.ts";
import { AGENT_IDS, attackedBoard, commandBytes, commandsOf, openScene, statusOf } from "./attacked_board.ts";
import { nameOf } from "./threats.ts";

const BASE = 0x10;
const ASK = encodeCommand(BASE, PROTOCOL_VERSION, {}, 0);
const FRAME = frameOf(ASK);

/** So many commands in one piece. */
function burst(count: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(count * FRAME.length);
  for (let i = 0; i < count; i++) bytes.set(FRAME, i * FRAME.length);
  return bytes;
}

/** Serves agents at sockets on one event loop. */
function serveAgents(names: readonly string[], attacker: Parameters<typeof attackedBoard>[0] = {}) {
  const { machine } = openScene(attackedBoard(attacker));
  const reactor = createReactor();
  const folder = Deno.makeTempDirSync();
  const endpoints = names.map((name) => {
    const endpoint = listenMessage(reactor, `${folder}/${name}`, () => machine.openChannel(name)!, () => {});
    assert(!("error" in endpoint));
    return endpoint;
  });
  return {
    machine,
    reactor,
    connect: (name: string) => new MessageAgent(`${folder}/${name}`, reactor),
    close() {
      for (const endpoint of endpoints) endpoint.close();
      reactor.close();
      Deno.removeSync(folder, { recursive: true });
    },
  };
}

Deno.test(nameOf("flood"), () => {
  const site = serveAgents(["attacker", "victim", "host"]);
  const served: number[] = [];
  site.machine.trace.listen(({ kind, agentId }) => {
    if (kind === "command") served.push(agentId);
  });
  const victim = site.connect("victim");
  const host = site.connect("host");
  const attackers = [1, 2, 3].map(() => site.connect("attacker"));
  victim.turn();
  for (const attacker of attackers) attacker.sendBytes(burst(3000));
  for (let i = 0; i < 10; i++) site.reactor.runOnce(0);
  assert(served.length > 0);
  for (let i = 0; i < 20; i++) {
    const before = served.length;
    victim.send(ASK);
    site.reactor.runOnce(0);
    const since = served.slice(before);
    assertEquals(since[0], AGENT_IDS.victim, "who is served first");
    // A command that comes just after that waits for all of them.
    const othersCount = since.length - 1;
    assert(othersCount > 0 && othersCount <= 16, `${othersCount} commands of others in a turn`);
  }
  // One that is like the attacker, beside three that never rest and one that goes before all.
  host.send(ASK);
  const before = served.length;
  let turns = 0;
  while (!served.slice(before).includes(AGENT_IDS.host)) {
    victim.send(ASK);
    site.reactor.runOnce(0);
    assert(++turns <= 8, "the host starves");
  }
  assertEquals(attackers.map((attacker) => attacker.take().length), [3000, 3000, 3000], "no command is lost");
  for (const agent of [victim, host, ...attackers]) agent.disconnect();
  site.close();
});

Deno.test(nameOf("rateLimit"), () => {
  const limit = { messagesPerS: 1000, burst: 50 };
  const site = serveAgents(["attacker", "victim"], { mediation: limit });
  const { machine, reactor } = site;
  const attackers = [1, 2].map(() => site.connect("attacker"));
  const victim = site.connect("victim");
  victim.turn();
  for (const attacker of attackers) attacker.sendBytes(burst(4000));
  const seconds = 2;
  for (let ms = 0; ms < seconds * 1000; ms++) {
    for (let i = 0; i < 3; i++) reactor.runOnce(0);
    machine.step(machine.nowUs() + 1000);
  }
  const countOf = (name: string) =>
    machine.agents.find(name)!.messageCounts().flatMap(({ messages }) => messages).reduce(
      (sum, { count }) => sum + count,
      0,
    );
  const servedCount = countOf("attacker");
  const most = seconds * limit.messagesPerS + limit.burst + 2 * 16;
  assert(servedCount <= most && servedCount > most - 100, `${servedCount} were served, ${most} may be`);
  victim.send(ASK);
  assertEquals(victim.take().length, 1, "the victim waits for an agent that is held");
  assertEquals(countOf("victim"), 1);
  // Also what has no descriptor is counted: a channel in the same process.
  const { attacker, machine: other } = openScene(attackedBoard({ mediation: limit }));
  const command = commandsOf()[0]!;
  for (let i = 0; i < 60; i++) statusOf(attacker, commandBytes(command));
  assert(other.agents.find("attacker")!.service.isHeld);
  for (const agent of [...attackers, victim]) agent.disconnect();
  site.close();
});
