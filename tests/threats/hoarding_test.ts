// An attacker asks for all there is and gives nothing back: votes, pending commands, messages of the platform.
import { assert, assertEquals } from "@std/assert";
import * as clock from "../../protocols/clock/messages.ts";
import * as power from "../../protocols/power/messages.ts";
import * as sensor from "../../protocols/sensor/messages.ts";
import { encodeCommand } from "../../scp/agent/agent.ts";
import { ASYNC_PENDING_MAX, NOTIFICATIONS_WAITING_MAX } from "../../scp/core/limits.ts";
import { checkInvariants } from "../../scp/model/invariants.ts";
import { connectAgent } from "../support/platform.ts";
import { hardwareState } from "../server/reference_views.ts";
import { attackedBoard, attempts, commandsOf, openScene, statusOf, survey } from "./attacked_board.ts";
import { nameOf } from "./threats.ts";

const [POWER, CLOCK, SENSOR] = [0x11, 0x14, 0x15];

/** What takes hold of something: it switches on, limits, asks to be told. */
const TAKING = commandsOf().filter(({ schema }) => /_SET$|_NOTIFY|_CONFIGURE|_REQUEST$/.test(schema.name));

/** What an agent that is gone may have left, as the hardware would have it: values, which nobody has voted for, stay. */
const VALUES = new Set(["performanceDomain", "voltageDomain", "powercapDomain", "pin"]);

Deno.test(nameOf("voteHoarding"), () => {
  const scene = openScene();
  const { machine, model, attacker, victim } = scene;
  const quiet = openScene();
  const before = hardwareState(model);
  let heapAfterFirst = 0;
  let timersAfterFirst = 0;
  for (let round = 0; round < 300; round++) {
    for (const command of TAKING) {
      for (const bytes of attempts(command, [0])) attacker.loopback.exchange(bytes);
    }
    machine.step(machine.nowUs() + 10_000);
    attacker.heard.length = 0;
    if (round === 0) timersAfterFirst = machine.timeline.size;
    if (round === 100) heapAfterFirst = Deno.memoryUsage().heapUsed;
  }
  assertEquals(checkInvariants(model), []);
  assert(machine.timeline.size <= timersAfterFirst + 8, `${machine.timeline.size} timers`);
  // Two hundred further rounds of a hundred messages: one entry for each would be megabytes.
  const grownMib = (Deno.memoryUsage().heapUsed - heapAfterFirst) / 2 ** 20;
  assert(grownMib < 64, `the heap has grown by ${grownMib.toFixed(0)} MiB`);
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
    const isOfAttacker = !VALUES.has(name.split("/")[0]!);
    if (isOfAttacker) assertEquals(state, before.get(name), `${name} after the attacker is gone`);
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
