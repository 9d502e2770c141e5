// An attacker sends more than its share, over every transport and beside every transport: who waits for it, and for how much of it.
import { assert, assertEquals } from "@std/assert";
import { PROTOCOL_VERSION } from "../../protocols/every_protocol.ts";
import { encodeCommand } from "../../scp/agent/agent.ts";
import type { Machine } from "../../scp/server/machine.ts";
import { createReactor } from "../../transports/ffi/reactor.ts";
import { MAILBOXES } from "../contract/mailbox.ts";
import { MESSAGE } from "../contract/message.ts";
import { SHMEM } from "../contract/shmem.ts";
import type { ContractAgent, ContractTransport } from "../contract/transport.ts";
import { VIRTIO } from "../contract/virtio.ts";
import { AGENT_IDS, attackedBoard, commandBytes, commandsOf, openScene, statusOf } from "./attacked_board.ts";
import { nameOf } from "./threats.ts";

const BASE = 0x10;
const ASK = encodeCommand(BASE, PROTOCOL_VERSION, {}, 0);
const EVERY_TRANSPORT = [MESSAGE, SHMEM, ...MAILBOXES, VIRTIO];
/** One of each kind of code. */
const KINDS = [MESSAGE, SHMEM, MAILBOXES[2]!, VIRTIO];
/** The attacker's channels, where it may have so many, and the commands that it has on its way on each of them. */
const CHANNEL_COUNT = 32;
const DEPTH = 64;
/** What others may be served while an agent of the class safety waits. */
const OTHERS_MAX = 16;

/** An agent that sends on all of its channels as much as there is room for. */
class Flooder {
  sentCount = 0;
  answeredCount = 0;

  constructor(readonly channels: readonly ContractAgent[]) {
    for (const channel of channels) this.#send(channel, DEPTH);
  }

  /** Sends a new command for each that was answered. */
  pump(): void {
    for (const channel of this.channels) {
      const { length } = channel.collect();
      this.answeredCount += length;
      this.#send(channel, length);
    }
  }

  /** Waits for the answers to all that it has sent. */
  finish(): void {
    for (let isBusy = true; isBusy;) {
      const before = this.answeredCount;
      for (const channel of this.channels) this.answeredCount += channel.take().length;
      isBusy = this.answeredCount > before;
    }
  }

  #send(channel: ContractAgent, count: number): void {
    for (let i = 0; i < count; i++) channel.send(ASK);
    this.sentCount += count;
  }
}

/** Serves the attacker over one transport and the others over another, all on one event loop. */
function serveAgents(
  attackerOver: ContractTransport,
  othersOver: ContractTransport,
  attacker: Parameters<typeof attackedBoard>[0] = {},
) {
  const { machine } = openScene(attackedBoard(attacker));
  const reactor = createReactor();
  const serve = (name: string, transport: ContractTransport, channelCount: number) =>
    transport.serve(() => machine.openChannel(name)!, { reactor, channelCount });
  // Who comes first must not matter: the attacker does.
  const count = Math.min(attackerOver.channelMax, CHANNEL_COUNT);
  const sites = [
    serve("attacker", attackerOver, count),
    serve("victim", othersOver, 1),
    serve("host", othersOver, 1),
  ];
  const flooder = new Flooder(sites[0]!.connectSeveral());
  const victim = sites[1]!.connect();
  const host = sites[2]!.connect();
  for (const agent of [victim, host]) {
    agent.send(ASK);
    assertEquals(agent.take().length, 1);
  }
  return {
    machine,
    reactor,
    flooder,
    victim,
    host,
    turn() {
      for (const site of sites) site.look();
      reactor.runOnce(0);
    },
    close() {
      for (const agent of [...flooder.channels, victim, host]) agent.disconnect();
      for (const site of sites) site.close();
      reactor.close();
    },
  };
}

/** Floods and looks who is served, turn by turn. */
function checkOrder(attackerOver: ContractTransport, othersOver: ContractTransport): void {
  const where = `${attackerOver.name} against ${othersOver.name}`;
  const site = serveAgents(attackerOver, othersOver);
  const { machine, flooder, victim, host } = site;
  const served: number[] = [];
  machine.trace.listen(({ kind, agentId }) => {
    if (kind === "command") served.push(agentId);
  });
  const isAnswered = (agent: ContractAgent) => agent.collect().length > 0;
  for (let i = 0; i < 10; i++) {
    flooder.pump();
    site.turn();
  }
  assert(served.length > 0, where);
  let othersServed = 0;
  for (let i = 0; i < 40; i++) {
    flooder.pump();
    victim.send(ASK);
    const before = served.length;
    site.turn();
    const since = served.slice(before);
    assertEquals(since[0], AGENT_IDS.victim, `who is served first, ${where}`);
    assert(isAnswered(victim), `the victim is answered in the turn of its command, ${where}`);
    // A command that comes just after that waits for all of them.
    const othersCount = since.length - 1;
    assert(othersCount <= OTHERS_MAX, `${othersCount} commands of others, ${where}`);
    othersServed += othersCount;
  }
  assert(othersServed >= 40, `${othersServed} commands of others beside those of the victim, ${where}`);
  // One that is like the attacker, beside channels that never rest and one that goes before all.
  for (let round = 0; round < 3; round++) {
    host.send(ASK);
    for (let turns = 0; !isAnswered(host); turns++) {
      assert(turns <= 2 * CHANNEL_COUNT, `the host starves, ${where}`);
      flooder.pump();
      victim.send(ASK);
      site.turn();
      assert(isAnswered(victim), where);
    }
  }
  flooder.finish();
  assertEquals(flooder.answeredCount, flooder.sentCount, `no command is lost, ${where}`);
  site.close();
}

Deno.test(nameOf("flood"), () => {
  for (const transport of EVERY_TRANSPORT) checkOrder(transport, transport);
  for (const attackerOver of KINDS) {
    for (const othersOver of KINDS) {
      if (attackerOver !== othersOver) checkOrder(attackerOver, othersOver);
    }
  }
});

const LIMIT = { messagesPerS: 1000, burst: 50 };

/** How many commands of an agent were served. */
function countOf(machine: Machine, name: string): number {
  const counts = machine.agents.find(name)!.messageCounts().flatMap(({ messages }) => messages);
  return counts.reduce((sum, { count }) => sum + count, 0);
}

/** Floods against a limit for half a second. */
function checkLimit(transport: ContractTransport): void {
  const site = serveAgents(transport, transport, { mediation: LIMIT });
  const { machine, reactor, flooder, victim } = site;
  const { service } = machine.agents.find("attacker")!;
  const stepCount = 500;
  let heldCount = 0;
  for (let ms = 0; ms < stepCount; ms++) {
    for (let i = 0; i < 3; i++) site.turn();
    flooder.pump();
    if (service.isHeld) heldCount++;
    machine.step(machine.nowUs() + 1000);
  }
  const servedCount = countOf(machine, "attacker");
  // What one turn serves may go beyond the limit; it is made up for.
  const most = stepCount * LIMIT.messagesPerS / 1000 + LIMIT.burst + 2 * OTHERS_MAX;
  assert(
    servedCount <= most && servedCount > most - 100,
    `${servedCount} were served over ${transport.name}, ${most} may be`,
  );
  assert(heldCount > stepCount / 2, `held ${heldCount} times`);
  // Held, then released: nobody has to tell the platform that there is something to serve.
  for (let i = 0; i < 1000 && (!service.isHeld || reactor.runOnce(0) > 0); i++);
  assert(service.isHeld);
  const before = countOf(machine, "attacker");
  for (let i = 0; i < 20; i++) site.turn();
  assertEquals(countOf(machine, "attacker"), before, `held over ${transport.name}`);
  const victimsBefore = countOf(machine, "victim");
  victim.send(ASK);
  assertEquals(victim.take().length, 1, "the victim waits for an agent that is held");
  assertEquals(countOf(machine, "victim"), victimsBefore + 1);
  machine.step(machine.nowUs() + 50_000);
  for (let i = 0; i < 4; i++) reactor.runOnce(0);
  assert(countOf(machine, "attacker") > before, `not served again over ${transport.name}`);
  site.close();
}

Deno.test(nameOf("rateLimit"), () => {
  for (const transport of EVERY_TRANSPORT) checkLimit(transport);
  // Also what has no descriptor is counted: a channel in the same process.
  const { attacker, machine: other } = openScene(attackedBoard({ mediation: LIMIT }));
  const command = commandsOf()[0]!;
  for (let i = 0; i < 60; i++) statusOf(attacker, commandBytes(command));
  assert(other.agents.find("attacker")!.service.isHeld);
});
