// Clock protocol: gates, duty cycle and phase, parents, in the layout of each version.
import { assertEquals } from "@std/assert";
import * as clock from "../../protocols/clock/messages.ts";
import { STATUS } from "../../scp/core/status.ts";
import { CLOCK, clockPlatform } from "../support/clock_platform.ts";
import {
  callOk,
  callStatus,
  connectAgent,
  createMachine,
  encodeCommand,
  statusOfBytes,
  type TestAgent,
} from "../support/platform.ts";

const { dutyCycle, phase } = clock.EXTENDED_CONFIG;
const { disable, enable, unchanged } = clock.CLOCK_STATE;

const PWM = {
  name: "pwm",
  rateHz: 1000,
  hasGate: true,
  startsEnabled: false,
  dutyCyclePercent: { lowest: 1, highest: 99, start: 50 },
  phaseMrad: { lowest: 0, highest: 6283, start: 0 },
} as const;

const configSet = (agent: TestAgent, state: number, extendedType = 0, extendedValue = 0, clockId = 0) =>
  callStatus(agent, CLOCK, clock.CLOCK_CONFIG_SET, {
    clockId,
    attributes: { state, extendedType },
    extendedValue,
  });

const configSetV1 = (agent: TestAgent, isEnabled: boolean, clockId = 0) =>
  callStatus(agent, CLOCK, clock.CLOCK_CONFIG_SET_V1, { clockId, attributes: { isEnabled } });

async function configOf(agent: TestAgent, extendedType = 0, clockId = 0) {
  const reply = await callOk(agent, CLOCK, clock.CLOCK_CONFIG_GET, { clockId, flags: { extendedType } });
  return [reply.attributes, reply.config.isEnabled, reply.extendedValue];
}

Deno.test("CLOCK_CONFIG_SET of versions 1.0 and 2.0 switches a clock, which its attributes tell (c017)", async () => {
  for (const release of ["1.0", "3.0"] as const) {
    const { agent } = clockPlatform([PWM], { release });
    const isEnabled = async () =>
      (await callOk(agent, CLOCK, clock.CLOCK_ATTRIBUTES_V1, { clockId: 0 })).attributes.isEnabled;
    for (const wanted of [true, true, false, false, true]) {
      assertEquals(await configSetV1(agent, wanted), "SUCCESS");
      assertEquals(await isEnabled(), wanted);
    }
  }
});

Deno.test("CLOCK_CONFIG_SET of versions 1.0 and 2.0 refuses any other bit (c015)", () => {
  const { agent } = clockPlatform([PWM], { release: "3.1" });
  const message = encodeCommand(CLOCK, clock.CLOCK_CONFIG_SET_V1, {
    clockId: 0,
    attributes: { isEnabled: true },
  }, 0);
  for (const word of [0xf, 2, 3, 0x8000_0001]) {
    new DataView(message.buffer).setUint32(8, word, true);
    assertEquals(statusOfBytes(agent, message), STATUS.INVALID_PARAMETERS);
  }
});

Deno.test("CLOCK_CONFIG_SET is denied where there is no gate, and to agents without the right", async () => {
  const inputs = [{ name: "fixed", rateHz: 1 }, { ...PWM, rights: { VM1: { state: false } } }];
  for (const release of ["2.0", "3.1"] as const) {
    const { machine, agent } = clockPlatform(inputs, { release });
    assertEquals(await configSetV1(agent, false), "DENIED");
    assertEquals(await configSetV1(agent, true), "SUCCESS");
    assertEquals(await configSetV1(connectAgent(machine, "VM1"), true, 1), "DENIED");
  }
  const { machine, agent } = clockPlatform(inputs);
  const guest = connectAgent(machine, "VM1");
  assertEquals(await configSet(agent, disable), "DENIED");
  assertEquals(await configSet(agent, enable), "SUCCESS");
  for (const state of [disable, enable]) assertEquals(await configSet(guest, state, 0, 0, 1), "DENIED");
  assertEquals(await configSet(guest, unchanged, dutyCycle, 60, 1), "DENIED");
  assertEquals(await configOf(guest, dutyCycle, 1), [0, false, 50]);
});

Deno.test("CLOCK_CONFIG_SET of version 3.0 switches a clock or leaves it as it is", async () => {
  const { agent } = clockPlatform([PWM]);
  assertEquals(await configSet(agent, enable), "SUCCESS");
  assertEquals(await configOf(agent), [0, true, 0]);
  assertEquals(await configSet(agent, unchanged, dutyCycle, 20), "SUCCESS");
  assertEquals(await configOf(agent, dutyCycle), [0, true, 20]);
  assertEquals(await configSet(agent, disable, phase, 3142), "SUCCESS");
  assertEquals(await configOf(agent, phase), [0, false, 3142]);
  assertEquals(await configOf(agent, dutyCycle), [0, false, 20]);
});

Deno.test("CLOCK_CONFIG_SET of version 3.0 refuses what makes no sense, and then changes nothing", async () => {
  const { agent } = clockPlatform([PWM, { name: "plain", rateHz: 1, hasGate: true }]);
  const refused: readonly (readonly [number, number, number])[] = [
    [2, 0, 0],
    [unchanged, 0, 0],
    [enable, 3, 0],
    [enable, 0x80, 0],
    [enable, 0xff, 0],
    [enable, dutyCycle, 0],
    [enable, dutyCycle, 100],
    [enable, phase, 6284],
    [enable, phase, 0xffff_ffff],
    [2, dutyCycle, 50],
  ];
  for (const each of refused) {
    assertEquals(await configSet(agent, ...each), "INVALID_PARAMETERS", each.join(" "));
  }
  assertEquals([await configOf(agent), await configOf(agent, dutyCycle)], [[0, false, 0], [0, false, 50]]);
  assertEquals(await configSet(agent, enable, dutyCycle, 50, 1), "INVALID_PARAMETERS");
});

Deno.test("CLOCK_CONFIG_SET of version 3.0 takes the shorter form of older agents", async () => {
  const { agent } = clockPlatform([PWM]);
  const short = encodeCommand(CLOCK, clock.CLOCK_CONFIG_SET_V1, {
    clockId: 0,
    attributes: { isEnabled: true },
  }, 0);
  // A longer message before must not lend its third word.
  await configSet(agent, unchanged, dutyCycle, 70);
  assertEquals(statusOfBytes(agent, short), STATUS.SUCCESS);
  assertEquals(await configOf(agent, dutyCycle), [0, true, 70]);
  new DataView(short.buffer).setUint32(8, 0xf, true);
  assertEquals(statusOfBytes(agent, short), STATUS.INVALID_PARAMETERS);
  // With a type the value that is missing counts as 0, which no duty cycle here is.
  new DataView(short.buffer).setUint32(8, 0x0001_0003, true);
  assertEquals(statusOfBytes(agent, short), STATUS.INVALID_PARAMETERS);
  assertEquals(statusOfBytes(agent, short.slice(0, 11)), STATUS.PROTOCOL_ERROR);
});

Deno.test("CLOCK_CONFIG_GET refuses a type that the clock does not have", async () => {
  const { agent } = clockPlatform([PWM, { name: "plain", rateHz: 1 }]);
  const status = (clockId: number, extendedType: number) =>
    callStatus(agent, CLOCK, clock.CLOCK_CONFIG_GET, { clockId, flags: { extendedType } });
  assertEquals([await status(1, 0), await status(1, dutyCycle), await status(1, phase)], [
    "SUCCESS",
    "INVALID_PARAMETERS",
    "INVALID_PARAMETERS",
  ]);
  for (const type of [3, 0x80, 0xff]) assertEquals(await status(0, type), "INVALID_PARAMETERS");
});

Deno.test("a clock runs until the last agent that enabled it has disabled it", async () => {
  const { agent, machine } = clockPlatform([PWM]);
  const guest = connectAgent(machine, "VM1");
  await configSet(agent, enable);
  await configSet(agent, enable);
  await configSet(guest, enable);
  await configSet(agent, disable);
  assertEquals(await configOf(agent), [0, true, 0]);
  await configSet(guest, disable);
  assertEquals(await configOf(agent), [0, false, 0]);
});

const PARENTS = [
  { name: "a", rateHz: 100 },
  { name: "b", rateHz: 1000 },
  { name: "c", rateHz: 10 },
  {
    name: "mux",
    parents: ["c", "a", "b"],
    rateMinHz: 10,
    rateMaxHz: 100,
    rights: { VM1: { parent: false } },
  },
] as const;

const possibleParents = (agent: TestAgent, skip: number, clockId = 3) =>
  callOk(agent, CLOCK, clock.CLOCK_POSSIBLE_PARENTS_GET, { clockId, skip });
const parentSet = (agent: TestAgent, parentId: number, clockId = 3) =>
  callStatus(agent, CLOCK, clock.CLOCK_PARENT_SET, { clockId, parentId });
const parentGet = async (agent: TestAgent, clockId = 3) =>
  (await callOk(agent, CLOCK, clock.CLOCK_PARENT_GET, { clockId })).parentId;

Deno.test("CLOCK_POSSIBLE_PARENTS_GET lists ids, ascending, in pages", async () => {
  const { agent, machine } = clockPlatform(PARENTS);
  const ids = (...all: number[]) => all.map((clockId) => ({ clockId }));
  assertEquals(await possibleParents(agent, 0), {
    counts: { returned: 3, remaining: 0 },
    parents: ids(0, 1, 2),
  });
  const tight = connectAgent(machine, "OSPM", { room: 4 + 4 + 4 + 8 });
  assertEquals(await possibleParents(tight, 0), {
    counts: { returned: 2, remaining: 1 },
    parents: ids(0, 1),
  });
  assertEquals(await possibleParents(tight, 2), { counts: { returned: 1, remaining: 0 }, parents: ids(2) });
  for (const skip of [3, 4, 0xffff_ffff]) {
    const status = await callStatus(agent, CLOCK, clock.CLOCK_POSSIBLE_PARENTS_GET, { clockId: 3, skip });
    assertEquals(status, "OUT_OF_RANGE");
  }
});

Deno.test("CLOCK_PARENT_SET makes a clock run from another one, which CLOCK_PARENT_GET tells", async () => {
  const { agent } = clockPlatform(PARENTS);
  assertEquals(await parentGet(agent), 2);
  assertEquals(await parentSet(agent, 0), "SUCCESS");
  assertEquals(await parentGet(agent), 0);
  assertEquals((await callOk(agent, CLOCK, clock.CLOCK_RATE_GET, { clockId: 3 })).rateHz, 100);
});

Deno.test("CLOCK_PARENT_SET refuses no choice, rates out of limits, agents without the right, a clock that changes", async () => {
  const { agent, machine } = clockPlatform([...PARENTS, {
    ...PARENTS[3],
    name: "slow",
    rateLatencyUs: 10,
  }]);
  assertEquals(await parentSet(agent, 3), "INVALID_PARAMETERS");
  assertEquals(await parentSet(agent, 1), "OUT_OF_RANGE");
  assertEquals(await parentSet(connectAgent(machine, "VM1"), 0), "DENIED");
  assertEquals(await parentSet(agent, 5), "NOT_FOUND");
  assertEquals(await parentSet(agent, 0, 5), "NOT_FOUND");
  const flags = { async: true, ignoresDelayed: true, roundsUp: false, roundsToNearest: false };
  assertEquals(
    await callStatus(agent, CLOCK, clock.CLOCK_RATE_SET, { flags, clockId: 4, rateHz: 10n }),
    "SUCCESS",
  );
  assertEquals(await parentSet(agent, 0, 4), "BUSY");
  machine.step(10);
  assertEquals(await parentSet(agent, 0, 4), "SUCCESS");
});

Deno.test("parents are not supported by a clock without a choice", async () => {
  const { agent } = clockPlatform([PARENTS[0], { name: "below", parents: ["a"] }]);
  for (const clockId of [0, 1]) {
    const statuses = [
      await callStatus(agent, CLOCK, clock.CLOCK_POSSIBLE_PARENTS_GET, { clockId, skip: 0 }),
      await parentSet(agent, 0, clockId),
      await callStatus(agent, CLOCK, clock.CLOCK_PARENT_GET, { clockId }),
    ];
    assertEquals(statuses, ["NOT_SUPPORTED", "NOT_SUPPORTED", "NOT_SUPPORTED"]);
  }
});

Deno.test("an agent is told of those parents only that it sees, by its own ids", async () => {
  const { clocks } = clockPlatform(PARENTS);
  const [, b, c, mux] = clocks.tree.clocks;
  const view = { clock: [mux!, b!] };
  const agent = connectAgent(createMachine({ view, timeline: clocks.timeline }));
  const listed = await possibleParents(agent, 0, 0);
  assertEquals(listed, { counts: { returned: 1, remaining: 0 }, parents: [{ clockId: 1 }] });
  // It runs from one that the agent does not see.
  assertEquals(mux!.parentChoice, c!);
  assertEquals(await callStatus(agent, CLOCK, clock.CLOCK_PARENT_GET, { clockId: 0 }), "DENIED");
});
