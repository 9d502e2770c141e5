// An attacker asks for all there is and gives nothing back: votes, pending commands, messages of the platform.
import { assert, assertEquals } from "@std/assert";
import * as clock from "../../protocols/clock/messages.ts";
import * as power from "../../protocols/power/messages.ts";
import * as sensor from "../../protocols/sensor/messages.ts";
import { encodeCommand } from "../../scp/agent/agent.ts";
import { ASYNC_PENDING_MAX, NOTIFICATIONS_WAITING_MAX } from "../../scp/core/limits.ts";
import { checkInvariants } from "../../scp/model/invariants.ts";
import { connectAgent } from "../support/platform.ts";
import { headerOf } from "../support/messages.ts";
import { hardwareState } from "../server/reference_views.ts";
import {
  AGENT_IDS,
  attackedBoard,
  attempts,
  commandsOf,
  openScene,
  type Scene,
  statusOf,
  survey,
  uncoupledBoard,
} from "./attacked_board.ts";
import { nameOf } from "./threats.ts";

const [POWER, CLOCK, SENSOR] = [0x11, 0x14, 0x15];

/** What takes hold of something: it switches on, limits, asks to be told. */
const TAKING = commandsOf().filter(({ schema }) => /_SET$|_NOTIFY|_CONFIGURE|_REQUEST$/.test(schema.name));

const ROUNDS = 300;

/** All that is kept for the attacker while it goes on asking: what was asked once more is not there once more. */
function kept({ machine, model, attacker }: Scene) {
  machine.step(machine.nowUs() + 1_000_000);
  attacker.heard.length = 0;
  // What subscriptions there are shows in what is told of a second, and of one change of each kind.
  machine.step(machine.nowUs() + 1_000_000);
  for (const command of commandsOf().filter(({ schema }) => /_SET$/.test(schema.name))) {
    for (const bytes of attempts(command, [0])) attacker.loopback.exchange(bytes);
    machine.step(machine.nowUs() + 50_000);
  }
  const pending = commandsOf().map(({ protocolId }) =>
    attacker.channel.slotOf(protocolId)?.pendingCount ?? 0
  );
  return {
    votes: model.arbitration.votes().filter(({ agentId }) => agentId === AGENT_IDS.attacker),
    pendingCount: pending.reduce((sum, count) => sum + count, 0),
    waitingCount: attacker.channel.outbox.delayedResponseCount,
    heard: Map.groupBy(attacker.heard, headerOf).entries().map(([header, all]) => [header, all.length])
      .toArray(),
  };
}

Deno.test(nameOf("voteHoarding"), () => {
  const board = uncoupledBoard();
  const scene = openScene(board);
  const { machine, model, attacker, victim } = scene;
  const quiet = openScene(board);
  const before = hardwareState(model);
  const takeAll = () => {
    for (const command of TAKING) {
      for (const bytes of attempts(command, [0])) attacker.loopback.exchange(bytes);
    }
    machine.step(machine.nowUs() + 10_000);
  };
  takeAll();
  const first = kept(scene);
  const timers = machine.timeline.size;
  for (let round = 1; round < ROUNDS; round++) {
    takeAll();
    attacker.heard.length = 0;
  }
  const last = kept(scene);
  assertEquals(last, first);
  assert(first.votes.length >= 5 && first.heard.length >= 3, JSON.stringify(first));
  assertEquals([first.pendingCount, first.waitingCount], [0, 0]);
  assertEquals(checkInvariants(model), []);
  assert(machine.timeline.size <= timers + 8, `${machine.timeline.size} timers, ${timers} after one round`);
  // One vote, however often it was cast, is taken back at once.
  const turn = (isEnabled: boolean) => {
    const attributes = { state: isEnabled ? 1 : 0, extendedType: 0 };
    return statusOf(
      attacker,
      encodeCommand(CLOCK, clock.CLOCK_CONFIG_SET, { clockId: 0, attributes, extendedValue: 0 }, 1),
    );
  };
  const clockState = () => hardwareState(model).get("clock/a_clock_with_a_long_name");
  for (let i = 0; i < 5000; i++) assertEquals(turn(true), "SUCCESS");
  const on = clockState();
  assertEquals(turn(false), "SUCCESS");
  assert(clockState() !== on, "the clock runs on one vote of five thousand");
  for (let i = 0; i < 10; i++) turn(true);
  attacker.channel.close();
  machine.step(machine.nowUs() + 1_000_000);
  quiet.machine.step(machine.nowUs());
  for (const [name, state] of hardwareState(model)) {
    // What is set on pins, as the hardware would have it, stays: nobody votes for that.
    if (!name.startsWith("pin/")) assertEquals(state, before.get(name), `${name} after the attacker is gone`);
  }
  assertEquals(survey(victim), survey(quiet.victim));
});

Deno.test(nameOf("untaken"), () => {
  const { machine, host, attacker } = openScene(attackedBoard({
    view: { sensor: { volt: "control" }, powerDomain: { part: "control" } },
  }));
  attacker.channel.close();
  const deaf = connectAgent(machine, "attacker", { p2aRoom: 0 });
  const read = encodeCommand(SENSOR, sensor.SENSOR_READING_GET, { sensorId: 0, flags: { async: true } }, 1);
  const statuses = Array.from({ length: 100 }, () => {
    machine.step(machine.nowUs() + 10_000);
    return statusOf(deaf, read);
  });
  assertEquals(statuses.indexOf("BUSY"), ASYNC_PENDING_MAX);
  assertEquals(statuses.slice(ASYNC_PENDING_MAX).every((status) => status === "BUSY"), true);
  const notify = { domainId: 0, notifyEnable: { enable: true } };
  assertEquals(statusOf(deaf, encodeCommand(POWER, power.POWER_STATE_NOTIFY, notify, 2)), "SUCCESS");
  // The host has the same domain as its second.
  const listening = { ...notify, domainId: 1 };
  assertEquals(statusOf(host, encodeCommand(POWER, power.POWER_STATE_NOTIFY, listening, 3)), "SUCCESS");
  const set = (isOn: boolean) => {
    const powerState = { isContextLost: !isOn, stateId: 0 };
    return encodeCommand(
      POWER,
      power.POWER_STATE_SET,
      { flags: { async: false }, domainId: 0, powerState },
      4,
    );
  };
  for (let i = 0; i < 200; i++) {
    assertEquals(statusOf(deaf, set(i % 2 === 0)), "SUCCESS");
    machine.step(machine.nowUs() + 10_000);
  }
  assertEquals(host.heard.length, 200);
  deaf.loopback.takeMore(1000);
  const kinds = deaf.heard.map((message) => message[1]! & 3);
  assertEquals(kinds.filter((kind) => kind === 2).length, ASYNC_PENDING_MAX, "no delayed response is lost");
  assertEquals(kinds.filter((kind) => kind === 3).length, NOTIFICATIONS_WAITING_MAX);
  assertEquals(statusOf(deaf, read), "SUCCESS");
});
