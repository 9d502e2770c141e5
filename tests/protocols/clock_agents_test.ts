// The clocks of rcar as Arm's compliance suite and Linux go through them: every clock, in the order of their messages.
import { assert, assertEquals, assertGreater } from "@std/assert";
import { rcarBoard } from "../../boards/rcar.ts";
import * as clock from "../../protocols/clock/messages.ts";
import { PROTOCOL_MESSAGE_ATTRIBUTES } from "../../protocols/every_protocol.ts";
import type { Release } from "../../protocols/protocol.ts";
import { createPlatform } from "../../scp/control/platform.ts";
import { checkInvariants } from "../../scp/model/invariants.ts";
import { CLOCK } from "../support/clock_platform.ts";
import { callOk, callStatus, connectAgent, type TestAgent } from "../support/platform.ts";

const CLOCK_COUNT = 200;

/** What Linux gives a reply over virtio: header, status, 128 bytes. */
const LINUX_ROOM = 4 + 4 + 128;

function setup(release: Release) {
  const { machine, model } = createPlatform(rcarBoard, { release });
  return { machine, model, agent: connectAgent(machine, "OSPM", { room: LINUX_ROOM }) };
}

interface Rates {
  readonly isTriplet: boolean;
  readonly ratesHz: readonly number[];
}

/** Pages through the rates of a clock. */
async function readRates(agent: TestAgent, clockId: number): Promise<Rates> {
  const ratesHz: number[] = [];
  for (;;) {
    const params = { clockId, rateIndex: ratesHz.length };
    const { counts, rates } = await callOk(agent, CLOCK, clock.CLOCK_DESCRIBE_RATES, params);
    assertEquals(counts.returned, rates.length);
    ratesHz.push(...rates.map(({ rateHz }) => rateHz));
    if (counts.remaining === 0) return { isTriplet: counts.isTriplet, ratesHz };
    assertGreater(counts.returned, 0);
  }
}

/** Lowest and highest rate. */
function endsOf({ isTriplet, ratesHz }: Rates): [number, number] {
  return isTriplet ? [ratesHz[0]!, ratesHz[1]!] : [ratesHz[0]!, ratesHz.at(-1)!];
}

const rateOf = async (agent: TestAgent, clockId: number) =>
  (await callOk(agent, CLOCK, clock.CLOCK_RATE_GET, { clockId })).rateHz;

const SYNC = { async: false, ignoresDelayed: false, roundsUp: false, roundsToNearest: false };

const rateSet = (agent: TestAgent, clockId: number, rateHz: bigint) =>
  callStatus(agent, CLOCK, clock.CLOCK_RATE_SET, { flags: SYNC, clockId, rateHz });

Deno.test("the suite sets each clock to its other end and back, synchronously (c007, c009, c011, c013)", async () => {
  const { agent, model } = setup("2.0");
  for (let clockId = 0; clockId < CLOCK_COUNT; clockId++) {
    const [lowestHz, highestHz] = endsOf(await readRates(agent, clockId));
    const beforeHz = await rateOf(agent, clockId);
    const newHz = beforeHz === lowestHz ? highestHz : lowestHz;
    assertEquals(await rateSet(agent, clockId, BigInt(newHz)), "SUCCESS", `clock ${clockId}`);
    assertEquals(await rateOf(agent, clockId), newHz);
    assertEquals(await rateSet(agent, clockId, BigInt(beforeHz)), "SUCCESS");
    assertEquals(await rateOf(agent, clockId), beforeHz);
    const beyond = BigInt(lowestHz) + 1n + 2n ** 32n;
    assertEquals(await rateSet(agent, clockId, beyond), "INVALID_PARAMETERS");
    assertEquals(checkInvariants(model), []);
  }
});

Deno.test("the suite sets each clock to its other end, asynchronously (c010)", async () => {
  const { agent, machine } = setup("2.0");
  for (let clockId = 0; clockId < CLOCK_COUNT; clockId++) {
    const [lowestHz, highestHz] = endsOf(await readRates(agent, clockId));
    const newHz = await rateOf(agent, clockId) === lowestHz ? highestHz : lowestHz;
    const later = agent.client.callDelayed(CLOCK, clock.CLOCK_RATE_SET, {
      flags: { ...SYNC, async: true },
      clockId,
      rateHz: BigInt(newHz),
    });
    machine.step(machine.nowUs() + 10_000);
    assertEquals(await later, { ok: true, values: { clockId, rateHz: newHz } });
  }
});

Deno.test("the suite toggles each clock that has a gate (c017)", async () => {
  const { agent, model } = setup("2.0");
  const isEnabled = async (clockId: number) =>
    (await callOk(agent, CLOCK, clock.CLOCK_ATTRIBUTES_V1, { clockId })).attributes.isEnabled;
  const configSet = (clockId: number, wanted: boolean) =>
    callStatus(agent, CLOCK, clock.CLOCK_CONFIG_SET_V1, { clockId, attributes: { isEnabled: wanted } });
  let toggled = 0;
  for (const { id, hasGate } of rcarBoard.clocks) {
    if (!hasGate) continue;
    const before = await isEnabled(id);
    assertEquals(await configSet(id, !before), "SUCCESS");
    assertEquals(await isEnabled(id), !before);
    assertEquals(await configSet(id, before), "SUCCESS");
    assertEquals(await isEnabled(id), before);
    assertEquals(checkInvariants(model), []);
    toggled++;
  }
  assertEquals(toggled, 148 + 8);
});

/** What Linux learns of a clock when it boots. */
async function probe(agent: TestAgent, clockId: number) {
  const { attributes, name } = await callOk(agent, CLOCK, clock.CLOCK_ATTRIBUTES, { clockId });
  const fullName = attributes.hasExtendedName
    ? (await callOk(agent, CLOCK, clock.CLOCK_NAME_GET, { clockId })).name
    : name;
  const parents = attributes.hasParents
    ? (await callOk(agent, CLOCK, clock.CLOCK_POSSIBLE_PARENTS_GET, { clockId, skip: 0 })).parents
    : [];
  if (attributes.isRestricted) await callOk(agent, CLOCK, clock.CLOCK_GET_PERMISSIONS, { clockId });
  // The driver asks for the duty cycle whatever the extended configuration is, and counts a refusal as an error.
  if (attributes.hasExtendedConfig) {
    await callOk(agent, CLOCK, clock.CLOCK_CONFIG_GET, { clockId, flags: { extendedType: 1 } });
  }
  return { name: fullName, parents: parents.map((parent) => parent.clockId), attributes };
}

Deno.test("Linux 6.12 registers every clock: up to 16 rates, honest steps, parents below the count", async () => {
  const { agent } = setup("3.2");
  for (let clockId = 0; clockId < CLOCK_COUNT; clockId++) {
    const { name, parents } = await probe(agent, clockId);
    assertEquals(name, rcarBoard.clocks[clockId]!.name);
    for (const parent of parents) assert(parent < CLOCK_COUNT && parent !== clockId);
    const { isTriplet, ratesHz } = await readRates(agent, clockId);
    if (isTriplet) {
      assertEquals(ratesHz.length, 3);
      assertGreater(ratesHz[2]!, 0);
      assertEquals((ratesHz[1]! - ratesHz[0]!) % ratesHz[2]!, 0);
    } else {
      assertGreater(ratesHz.length, 0);
      assert(ratesHz.length <= 16, `${name} has ${ratesHz.length} rates`);
    }
    const [lowestHz, highestHz] = endsOf({ isTriplet, ratesHz });
    const rateHz = await rateOf(agent, clockId);
    assert(lowestHz <= rateHz && rateHz <= highestHz, name);
  }
});

Deno.test("Linux 7.2 reads three rates, then the last one by its index; lists ascend", async () => {
  const { agent } = setup("3.2");
  const describe = (clockId: number, rateIndex: number) =>
    callOk(agent, CLOCK, clock.CLOCK_DESCRIBE_RATES, { clockId, rateIndex });
  for (let clockId = 0; clockId < CLOCK_COUNT; clockId++) {
    const first = await describe(clockId, 0);
    if (first.counts.isTriplet) continue;
    const count = first.counts.returned + first.counts.remaining;
    const last = await describe(clockId, count - 1);
    assertEquals([last.counts.returned, last.counts.remaining], [1, 0]);
    const { ratesHz } = await readRates(agent, clockId);
    assertEquals(last.rates[0]!.rateHz, ratesHz.at(-1));
    for (let place = 1; place < count; place++) assertGreater(ratesHz[place]!, ratesHz[place - 1]!);
  }
});

Deno.test("Linux sets every step of a triplet that it rounds to itself", async () => {
  const { agent } = setup("3.2");
  const x21 = rcarBoard.clocks.findIndex(({ name }) => name === "x21_clk");
  const { isTriplet, ratesHz } = await readRates(agent, x21);
  assertEquals([isTriplet, ratesHz], [true, [1_000_000, 200_000_000, 25_000]]);
  const [lowestHz, highestHz, stepHz] = ratesHz as [number, number, number];
  for (let rateHz = lowestHz; rateHz <= highestHz; rateHz += 97 * stepHz) {
    assertEquals(await rateSet(agent, x21, BigInt(rateHz)), "SUCCESS");
    assertEquals(await rateOf(agent, x21), rateHz);
  }
});

Deno.test("Linux finds both notification commands when it asks at boot", async () => {
  const { agent } = setup("3.2");
  for (const messageId of [0x9, 0xa]) {
    assertEquals(await callOk(agent, CLOCK, PROTOCOL_MESSAGE_ATTRIBUTES, { messageId }), { attributes: 0 });
  }
});
