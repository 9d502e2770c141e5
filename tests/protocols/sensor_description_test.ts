// Sensor protocol: descriptors, axes, names, update intervals, in the layouts of all versions.
import { assert, assertEquals } from "@std/assert";
import { NEGOTIATE_PROTOCOL_VERSION, PROTOCOL_VERSION } from "../../protocols/every_protocol.ts";
import * as sensor from "../../protocols/sensor/messages.ts";
import type { Interval } from "../../scp/model/sensor.ts";
import { axes, quantity, SettableSensor } from "../support/constant_sensors.ts";
import { callOk, callStatus, connectAgent, createMachine, encodeCommand } from "../support/platform.ts";

const SENSOR = 0x15;
const LONG = "Vehicle.Chassis.Axle.Row1.Wheel.Left.Tire.Temperature";

Deno.test("PROTOCOL_VERSION of Sensor follows the release of the platform (m001)", async () => {
  const versions = {
    "1.0": 0x10000,
    "2.0": 0x10000,
    "3.0": 0x20000,
    "3.1": 0x30000,
    "3.2": 0x30001,
  } as const;
  for (const [release, version] of Object.entries(versions)) {
    const agent = connectAgent(createMachine({ release: release as keyof typeof versions }));
    assertEquals(await callOk(agent, SENSOR, PROTOCOL_VERSION, {}), { version }, release);
  }
});

Deno.test("PROTOCOL_ATTRIBUTES of Sensor counts sensors and has no shared area (m002)", async () => {
  const machine = createMachine();
  const attributes = await callOk(connectAgent(machine), SENSOR, sensor.SENSOR_PROTOCOL_ATTRIBUTES, {});
  assertEquals(attributes, {
    attributes: { sensorCount: 3, asyncPendingMax: 16 },
    addressLow: 0,
    addressHigh: 0,
    areaSize: 0,
  });
  const deaf = connectAgent(machine, "OSPM", { hasP2a: false });
  const without = await callOk(deaf, SENSOR, sensor.SENSOR_PROTOCOL_ATTRIBUTES, {});
  assertEquals(without.attributes.asyncPendingMax, 0);
});

/** Reads all descriptors by pages, as Linux does; returns the sizes of the pages too. */
async function enumerate(count: number, room: number) {
  const sensors = Array.from(
    { length: count },
    (_, i) =>
      i % 3 === 1
        ? new SettableSensor(`v${i}`, { isVector: true, quantities: axes(`v${i}`) })
        : new SettableSensor(`s${i}`, { hasExtendedAttributes: i % 3 === 0 }),
  );
  const agent = connectAgent(createMachine({ sensors }), "OSPM", { room });
  const ids: number[] = [];
  const pages: number[] = [];
  for (let index = 0; index < count;) {
    const page = await callOk(agent, SENSOR, sensor.SENSOR_DESCRIPTION_GET, { index });
    assertEquals(page.counts.returned, page.descriptors.length);
    assertEquals(page.counts.remaining, count - index - page.counts.returned);
    assert(page.counts.returned > 0, "a page is never empty");
    ids.push(...page.descriptors.map(({ sensorId }) => sensorId));
    pages.push(page.counts.returned);
    index += page.counts.returned;
  }
  return { ids, pages };
}

Deno.test("SENSOR_DESCRIPTION_GET pages by the room of the agent's buffer, ids dense and in order", async () => {
  // 136 bytes as Linux gives over virtio: 124 after header, status and counts. Sizes are 52, 32, 28 in turn.
  const { ids, pages } = await enumerate(9, 136);
  assertEquals(ids, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
  assertEquals(pages, [3, 3, 3]);
  assertEquals((await enumerate(7, 4096)).pages, [7]);
  // Exactly one of 52 bytes fits.
  assertEquals((await enumerate(1, 12 + 52)).pages, [1]);
});

Deno.test("SENSOR_DESCRIPTION_GET says so when not even one descriptor fits", async () => {
  const agent = connectAgent(createMachine(), "OSPM", { room: 12 + 51 });
  assertEquals(await callStatus(agent, SENSOR, sensor.SENSOR_DESCRIPTION_GET, { index: 0 }), "COMMS_ERROR");
});

Deno.test("SENSOR_DESCRIPTION_GET refuses an index at or beyond the count (m005)", async () => {
  const agent = connectAgent(createMachine());
  for (const index of [3, 4, 0xffff_ffff]) {
    const status = await callStatus(agent, SENSOR, sensor.SENSOR_DESCRIPTION_GET, { index });
    assertEquals(status, "INVALID_PARAMETERS");
  }
});

Deno.test("SENSOR_DESCRIPTION_GET tells everything about a scalar sensor", async () => {
  const agent = connectAgent(createMachine({ sensors: [new SettableSensor(LONG)] }));
  const { descriptors } = await callOk(agent, SENSOR, sensor.SENSOR_DESCRIPTION_GET, { index: 0 });
  assertEquals(descriptors, [{
    sensorId: 0,
    attributesLow: {
      supportsAsync: true,
      supportsContinuousUpdate: true,
      hasExtendedName: true,
      timestampExponent: -6,
      hasTimestamps: true,
      hasExtendedAttributes: true,
      tripPointCount: 2,
    },
    attributesHigh: { axisCount: 0, unitExponent: -3, isVector: false, typeCode: 2 },
    name: LONG.slice(0, 15),
    powerUw: 1500,
    resolution: { mantissa: 5, exponent: -1 },
    minRange: -40_000n,
    maxRange: 125_000n,
  }]);
});

Deno.test("SENSOR_DESCRIPTION_GET shows nothing that needs a platform-to-agent channel when there is none", async () => {
  const agent = connectAgent(createMachine(), "OSPM", { hasP2a: false });
  const { descriptors } = await callOk(agent, SENSOR, sensor.SENSOR_DESCRIPTION_GET, { index: 0 });
  for (const { attributesLow } of descriptors) {
    assertEquals([attributesLow.supportsAsync, attributesLow.supportsContinuousUpdate], [false, false]);
  }
});

Deno.test("SENSOR_DESCRIPTION_GET of version 2.0 has no extended names, of 3.0 it has", async () => {
  for (const [release, isLong] of [["3.0", false], ["3.1", true]] as const) {
    const agent = connectAgent(createMachine({ release, sensors: [new SettableSensor(LONG)] }));
    const { descriptors } = await callOk(agent, SENSOR, sensor.SENSOR_DESCRIPTION_GET, { index: 0 });
    assertEquals(descriptors[0]!.attributesLow.hasExtendedName, isLong, release);
  }
});

Deno.test("SENSOR_DESCRIPTION_GET of version 1.0 has 28-byte descriptors with the interval inside", async () => {
  const slow = { mantissa: 3, exponent: -1 };
  const sensors = [
    new SettableSensor("slow", { defaultInterval: slow }),
    new SettableSensor("fast", { defaultInterval: { mantissa: 250, exponent: -6 } }),
  ];
  const agent = connectAgent(createMachine({ release: "2.0", sensors }), "OSPM", { room: 12 + 28 });
  const page = await callOk(agent, SENSOR, sensor.SENSOR_DESCRIPTION_GET_V1, { index: 0 });
  assertEquals(page, {
    counts: { returned: 1, remaining: 1 },
    descriptors: [{
      sensorId: 0,
      attributesLow: { supportsAsync: true, tripPointCount: 2 },
      attributesHigh: { intervalMantissa: 3, intervalExponent: -1, unitExponent: -3, typeCode: 2 },
      name: "slow",
    }],
  });
  // A mantissa beyond 5 bits cannot be told: 0 stands for "not reported".
  const { descriptors } = await callOk(agent, SENSOR, sensor.SENSOR_DESCRIPTION_GET_V1, { index: 1 });
  assertEquals(descriptors[0]!.attributesHigh.intervalMantissa, 0);
});

Deno.test("SENSOR_DESCRIPTION_GET of version 1.0 is bit for bit what Linux and the suite expect", () => {
  const agent = connectAgent(createMachine({ release: "1.0", sensors: [new SettableSensor("temp")] }));
  const reply = agent.loopback.exchange(
    encodeCommand(SENSOR, sensor.SENSOR_DESCRIPTION_GET_V1, { index: 0 }, 7),
  )!;
  const words = Array.from(
    { length: reply.length / 4 },
    (_, i) => new DataView(reply.buffer).getUint32(4 * i, true),
  );
  assertEquals(words, [
    0x001c_5403, // token 7, protocol 0x15, command, message 3
    0, // SUCCESS
    1, // one descriptor, none remaining
    0, // sensor id
    0x8000_0002, // asynchronous, two trip points
    0x0000_e802, // interval not told (100 does not fit 5 bits), exponent -3, degrees Celsius
    0x706d_6574, // "temp"
    0,
    0,
    0,
  ]);
});

Deno.test("SENSOR_AXIS_DESCRIPTION_GET describes axes by pages", async () => {
  const sensors = [new SettableSensor("accel", { isVector: true, quantities: axes("accel") })];
  const agent = connectAgent(createMachine({ sensors }), "OSPM", { room: 136 });
  const first = await callOk(agent, SENSOR, sensor.SENSOR_AXIS_DESCRIPTION_GET, { sensorId: 0, index: 0 });
  assertEquals(first.counts, { returned: 2, remaining: 1 });
  assertEquals(first.axes[1], {
    axisId: 1,
    attributesLow: { hasExtendedName: false, hasExtendedAttributes: true },
    attributesHigh: { unitExponent: -6, typeCode: 89 },
    name: "accel_Y",
    resolution: { mantissa: 5, exponent: -1 },
    minRange: -40_000n,
    maxRange: 125_000n,
  });
  const second = await callOk(agent, SENSOR, sensor.SENSOR_AXIS_DESCRIPTION_GET, { sensorId: 0, index: 2 });
  assertEquals([second.counts, second.axes[0]!.axisId], [{ returned: 1, remaining: 0 }, 2]);
  const beyond = await callStatus(agent, SENSOR, sensor.SENSOR_AXIS_DESCRIPTION_GET, {
    sensorId: 0,
    index: 3,
  });
  assertEquals(beyond, "INVALID_PARAMETERS");
});

Deno.test("SENSOR_AXIS_DESCRIPTION_GET and SENSOR_AXIS_NAME_GET of a scalar sensor are not supported", async () => {
  const agent = connectAgent(createMachine());
  for (const schema of [sensor.SENSOR_AXIS_DESCRIPTION_GET, sensor.SENSOR_AXIS_NAME_GET]) {
    assertEquals(await callStatus(agent, SENSOR, schema, { sensorId: 0, index: 0 }), "NOT_SUPPORTED");
  }
});

Deno.test("SENSOR_AXIS_NAME_GET lists all axes once one has a long name, by pages", async () => {
  const quantities = [
    quantity("Acceleration.Longitudinal_X"),
    quantity("short_Y"),
    quantity("Acceleration.Vertical_Z"),
  ];
  const sensors = [
    new SettableSensor("long", { isVector: true, quantities }),
    new SettableSensor("short", { isVector: true, quantities: axes("a") }),
  ];
  const agent = connectAgent(createMachine({ sensors }), "OSPM", { room: 12 + 2 * 68 });
  const first = await callOk(agent, SENSOR, sensor.SENSOR_AXIS_NAME_GET, { sensorId: 0, index: 0 });
  assertEquals(first, {
    counts: { returned: 2, remaining: 1 },
    names: [{ axisId: 0, name: "Acceleration.Longitudinal_X" }, { axisId: 1, name: "short_Y" }],
  });
  const second = await callOk(agent, SENSOR, sensor.SENSOR_AXIS_NAME_GET, { sensorId: 0, index: 2 });
  assertEquals(second.names, [{ axisId: 2, name: "Acceleration.Vertical_Z" }]);
  const get = (sensorId: number, index: number) =>
    callStatus(agent, SENSOR, sensor.SENSOR_AXIS_NAME_GET, { sensorId, index });
  assertEquals(await get(0, 3), "INVALID_PARAMETERS");
  assertEquals(await get(1, 0), "NOT_SUPPORTED");
  assertEquals(await get(1, 3), "INVALID_PARAMETERS", "wrong whatever the names are");
});

Deno.test("SENSOR_NAME_GET tells the whole name where the descriptor could not", async () => {
  const agent = connectAgent(
    createMachine({ sensors: [new SettableSensor(LONG), new SettableSensor("short")] }),
  );
  assertEquals(await callOk(agent, SENSOR, sensor.SENSOR_NAME_GET, { sensorId: 0 }), {
    flags: 0,
    name: LONG,
  });
  assertEquals(await callStatus(agent, SENSOR, sensor.SENSOR_NAME_GET, { sensorId: 1 }), "NOT_SUPPORTED");
});

Deno.test("SENSOR_NAME_GET does not exist before version 3.0", async () => {
  const agent = connectAgent(createMachine());
  await callOk(agent, SENSOR, NEGOTIATE_PROTOCOL_VERSION, { version: 0x20000 });
  assertEquals(await callStatus(agent, SENSOR, sensor.SENSOR_NAME_GET, { sensorId: 2 }), "NOT_FOUND");
});

Deno.test("SENSOR_LIST_UPDATE_INTERVALS pages a list, gives a segment whole and an empty list where there is none", async () => {
  const list: Interval[] = Array.from({ length: 5 }, (_, i) => ({ mantissa: i + 1, exponent: -3 }));
  const [lowest, highest, step] = [{ mantissa: 1, exponent: -3 }, { mantissa: 1, exponent: 0 }, {
    mantissa: 1,
    exponent: -3,
  }];
  const sensors = [
    new SettableSensor("list", { intervals: { kind: "list", list } }),
    new SettableSensor("segment", { intervals: { kind: "segment", lowest, highest, step } }),
    new SettableSensor("none", { intervals: { kind: "none" }, defaultInterval: null }),
  ];
  const agent = connectAgent(createMachine({ sensors }), "OSPM", { room: 12 + 4 * 3 });
  const get = (sensorId: number, index: number) =>
    callOk(agent, SENSOR, sensor.SENSOR_LIST_UPDATE_INTERVALS, { sensorId, index });
  const status = (sensorId: number, index: number) =>
    callStatus(agent, SENSOR, sensor.SENSOR_LIST_UPDATE_INTERVALS, { sensorId, index });
  assertEquals(await get(0, 0), {
    counts: { returned: 3, isSegment: false, remaining: 2 },
    intervals: list.slice(0, 3).map((interval) => ({ interval })),
  });
  assertEquals((await get(0, 3)).counts, { returned: 2, isSegment: false, remaining: 0 });
  assertEquals(await get(1, 0), {
    counts: { returned: 3, isSegment: true, remaining: 0 },
    intervals: [{ interval: lowest }, { interval: highest }, { interval: step }],
  });
  assertEquals(await status(0, 5), "INVALID_PARAMETERS");
  assertEquals(await status(1, 1), "INVALID_PARAMETERS");
  assertEquals(await get(2, 0), { counts: { returned: 0, isSegment: false, remaining: 0 }, intervals: [] });
  assertEquals(await status(2, 1), "INVALID_PARAMETERS");
});
