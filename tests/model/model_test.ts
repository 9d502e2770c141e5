// The whole model as the sensor protocol sees it: readings are a function of virtual time and seed, whoever reads what
// when; overrides, faults and inputs do what they say.
import { assert, assertAlmostEquals, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import type { ErrorProfile } from "../../boards/board.ts";
import { BUILT_IN_BOARDS } from "../../boards/registry.ts";
import { rcarBoard } from "../../boards/rcar.ts";
import { signalsOf } from "../../boards/signals.ts";
import { createModel, type Model } from "../../scp/model/model.ts";

const THERMAL1 = 0;
const POWER = 5;
const ENERGY = 6;
const BOARD_TEMPERATURE = 7;
const ACCEL = 8;
const EXTERIOR = 10;

/** All readings of a model at a time, as one list. */
function readingsAt(model: Model, timeUs: number): number[] {
  return model.sensors.flatMap((sensor) => [...sensor.sampleAt(timeUs).values]);
}

function modelOf(seed = 1, profile: ErrorProfile = "lab"): Model {
  return createModel(rcarBoard, { seed, profile });
}

for (const profile of ["clean", "lab", "road"] as const) {
  Deno.test(`createModel ${profile}: readings do not depend on who has read what before`, () => {
    const timesUs = [
      0,
      1,
      4_999,
      5_000,
      10_001,
      99_999,
      100_000,
      1_234_567,
      31_000_003,
      100_020_001,
      400_000_000,
    ];
    const undisturbed = timesUs.map((timeUs) => readingsAt(modelOf(7, profile), timeUs));

    const oneByOne = modelOf(7, profile);
    assertEquals(
      timesUs.map((timeUs) => readingsAt(oneByOne, timeUs)),
      undisturbed,
      "one model through all times",
    );

    const busy = modelOf(7, profile);
    let nowUs = 0;
    const seen = timesUs.map((timeUs) => {
      // One sensor or another is read at odd moments on the way.
      for (; nowUs < timeUs; nowUs += Math.max(1, Math.floor((timeUs - nowUs) / 3))) {
        busy.sensors[nowUs % busy.sensors.length]!.sampleAt(nowUs);
        if (nowUs % 2 === 1) busy.advanceTo(nowUs);
        if (nowUs % 5 === 1) busy.truth(nowUs % busy.sensors.length);
      }
      nowUs = timeUs;
      return readingsAt(busy, timeUs);
    });
    assertEquals(seen, undisturbed, "a model that was read on the way");
  });
}

Deno.test("createModel gives other noise for another seed, and the same truth", () => {
  assertEquals(readingsAt(modelOf(1), 60e6), readingsAt(modelOf(1), 60e6));
  assertNotEquals(readingsAt(modelOf(1), 60e6), readingsAt(modelOf(2), 60e6));
  assertEquals(readingsAt(modelOf(1, "clean"), 60e6), readingsAt(modelOf(2, "clean"), 60e6));
});

Deno.test("createModel leaves the noise of a sensor as it was when another one is added", () => {
  const fewer = createModel({ ...rcarBoard, sensors: rcarBoard.sensors.slice(0, 10) }, { seed: 1 });
  assertEquals(readingsAt(fewer, 60e6), readingsAt(modelOf(1), 60e6).slice(0, 14));
});

Deno.test("sampleAt holds a sample until the next multiple of the period", () => {
  const model = modelOf();
  const sensor = model.sensors[BOARD_TEMPERATURE]!; // every 100 ms
  const first = { ...sensor.sampleAt(1_000_000), values: [...sensor.sampleAt(1_000_000).values] };
  assertEquals(first.timeUs, 1_000_000);
  for (const timeUs of [1_000_001, 1_050_000, 1_099_999]) assertEquals(sensor.sampleAt(timeUs), first);
  assertEquals(sensor.sampleAt(1_100_000).timeUs, 1_100_000);
  const readings = new Set<number>();
  for (let timeUs = 1_200_000; timeUs < 13_000_000; timeUs += 100_000) {
    readings.add(sensor.sampleAt(timeUs).values[0]!);
  }
  assert(readings.size > 2, "noise changes from sample to sample");
});

Deno.test("sampleAt shows what was there at its sample time, however late it is asked", () => {
  const sampleUs = 60_000_000; // a multiple of every period, while the car speeds up and the chip's load changes
  const load = (model: Model) => {
    model.setInput("mhz.gpu", 600);
    model.setInput("utilisation.gpu", 1);
  };
  rcarBoard.sensors.forEach(({ samplePeriodUs }, index) => {
    const prompt = modelOf(1, "clean");
    load(prompt);
    const late = modelOf(1, "clean");
    load(late);
    const lastUs = Math.min(sampleUs + samplePeriodUs - 1, sampleUs + 5_000_000);
    assertEquals(late.sensors[index]!.sampleAt(lastUs), prompt.sensors[index]!.sampleAt(sampleUs));
  });
});

Deno.test("truth is that of the last tick, whatever the sensors' periods", () => {
  const sensors = rcarBoard.sensors.map((sensor) => ({ ...sensor, samplePeriodUs: 60_000_000 }));
  const model = createModel({ ...rcarBoard, sensors }, { seed: 1 });
  const powerW = model.truth(POWER)[0]!;
  model.advanceTo(4_999);
  assertEquals(model.truth(ENERGY), [0]);
  model.advanceTo(5_000);
  assertAlmostEquals(model.truth(ENERGY)[0]!, powerW * 0.005, 1e-12);
  model.advanceTo(2_000_000);
  assert(model.truth(ENERGY)[0]! > 1.9 * powerW);
});

Deno.test("advanceTo refuses time that falls", () => {
  const model = modelOf();
  model.advanceTo(1000);
  assertThrows(() => model.advanceTo(999), "virtual time never falls");
});

Deno.test("override makes a sensor show exactly these values, quantised, until release", () => {
  const model = modelOf();
  const sensor = model.sensors[THERMAL1]!;
  sensor.sampleAt(1_000_000);
  model.override(THERMAL1, [-12.34]);
  assertEquals(model.overrideOf(THERMAL1), [-12.34]);
  assertEquals(sensor.sampleAt(1_000_000).values, [-12_500]);
  assertEquals(sensor.sampleAt(5_000_000).values, [-12_500]);
  assertEquals(sensor.sampleAt(5_000_000).timeUs, 5_000_000);
  assert(model.truth(THERMAL1)[0]! > 25, "the physics goes on");
  model.override(THERMAL1, [1000]);
  assertEquals(sensor.sampleAt(5_000_000).values, [125_000], "saturated");
  model.release(THERMAL1);
  assertEquals(model.overrideOf(THERMAL1), null);
  assertEquals([...sensor.sampleAt(5_000_000).values], [
    ...modelOf().sensors[THERMAL1]!.sampleAt(5_000_000).values,
  ]);
});

Deno.test("override of a vector sets each axis", () => {
  const model = modelOf();
  model.override(ACCEL, [0.004788, -0.009576, 9.80665]);
  assertEquals(model.sensors[ACCEL]!.sampleAt(0).values, [4788, -9576, 9_805_824]);
  assertThrows(() => model.override(ACCEL, [1]), "one value per quantity");
  assertThrows(() => model.override(ACCEL, [1, 2, NaN]), "finite");
});

Deno.test("setFault makes samples fail, and null makes them valid again", () => {
  const model = modelOf();
  const sensor = model.sensors[THERMAL1]!;
  assertEquals(sensor.sampleAt(1_000).failure, null);
  for (const fault of ["HARDWARE_ERROR", "BUSY"] as const) {
    model.setFault(THERMAL1, fault);
    assertEquals(model.faultOf(THERMAL1), fault);
    assertEquals(sensor.sampleAt(1_001).failure, fault);
    assertEquals(model.sensors[1]!.sampleAt(1_001).failure, null, "others work");
  }
  model.setFault(THERMAL1, null);
  assertEquals(sensor.sampleAt(1_002).failure, null);
});

Deno.test("setInput drives the surroundings, and null gives them back to the board", () => {
  const model = modelOf();
  assert(model.inputs.some(({ name }) => name === "ambientC"));
  assertEquals(model.setInput("ambientC", -20), true);
  model.advanceTo(2_000e6);
  assert(model.truth(EXTERIOR)[0]! < -18 && model.truth(BOARD_TEMPERATURE)[0]! < 10);
  model.setInput("ambientC", null);
  model.advanceTo(4_000e6);
  assert(model.truth(EXTERIOR)[0]! > 23);
});

Deno.test("setInput refuses what there is not, and values outside the bounds", () => {
  const model = modelOf();
  assertEquals(model.setInput("ambientF", 3), false);
  for (const value of [201, -61, NaN, Infinity]) assertEquals(model.setInput("ambientC", value), false);
  assertEquals(model.setInput("utilisation.big", 1.01), false);
  assertEquals(model.setInput("mhz.big", 1701), false);
  model.advanceTo(60e6);
  const undisturbed = modelOf();
  undisturbed.advanceTo(60e6);
  assertEquals(model.truth(THERMAL1), undisturbed.truth(THERMAL1));
  for (const { name, min, max } of model.inputs) {
    assert(model.setInput(name, min) && model.setInput(name, max));
  }
  model.advanceTo(120e6);
  rcarBoard.sensors.forEach((sensor, index) =>
    assert(model.truth(index).every(Number.isFinite), sensor.name)
  );
});

Deno.test("setInput of the road tilts gravity on the accelerometer", () => {
  const model = modelOf(1, "clean");
  model.setInput("road.gradeRad", 0.1);
  const [x, , z] = model.sensors[ACCEL]!.sampleAt(5_000).values;
  assertAlmostEquals(x! / 1e6, 9.80665 * Math.sin(0.1), 0.003);
  assertAlmostEquals(z! / 1e6, 9.80665 * Math.cos(0.1), 0.003);
});

Deno.test("createModel profile road: a slow probe follows the air with its lag", () => {
  const model = createModel(rcarBoard, { seed: 1, profile: "road" });
  model.setInput("ambientC", 25);
  const before = model.sensors[EXTERIOR]!.sampleAt(1e6).values[0]!;
  model.setInput("ambientC", 65);
  const after = model.sensors[EXTERIOR]!.sampleAt(11e6).values[0]!;
  // One time constant of 10 s later: 63 % of the step; offset and noise are constant within 1.5 degrees.
  assertAlmostEquals((after - before) / 1000, 40 * (1 - Math.exp(-1)), 1.6);
});

Deno.test("createModel offers exactly the signals that boards/signals.ts announces", async () => {
  for (const { load } of BUILT_IN_BOARDS) {
    const board = await load();
    const announced = signalsOf({
      nodeNames: board.thermal.nodes.map((node) => node.name),
      railNames: board.power.rails.map((rail) => rail.name),
      blockNames: board.power.blocks.map((block) => block.name),
      hasVehicle: board.vehicle !== null,
    });
    // A sensor on each of them finds a signal of that width, which has a finite value.
    const sensors = [...announced].map(([signal, shape], id) => ({
      ...rcarBoard.sensors[0]!,
      powerDomain: null,
      id,
      name: signal,
      signal,
      typeCode: shape.typeCode,
      axes: shape.width === 1 ? null : ["a_X", "a_Y", "a_Z"],
    }));
    const model = createModel({ ...board, sensors }, { seed: 1 });
    assertEquals([...model.signalNames].sort(), [...announced.keys()].sort());
    model.advanceTo(100e6);
    sensors.forEach((sensor, index) => {
      assert(model.truth(index).every(Number.isFinite), sensor.name);
      assert(model.truth(index).length === (sensor.axes?.length ?? 1));
    });
  }
});

Deno.test("createModel tells the sensor protocol what the board says", () => {
  const model = modelOf();
  const accel = model.sensors[ACCEL]!;
  assertEquals(accel.quantities.map((quantity) => quantity.name), ["accel_X", "accel_Y", "accel_Z"]);
  assertEquals(accel.isVector, true);
  const thermal = model.sensors[THERMAL1]!;
  assertEquals(thermal.isVector, false);
  assertEquals(thermal.quantities, [{
    name: "thermal1",
    typeCode: 2,
    unitExponent: -3,
    resolution: { mantissa: 5, exponent: -1 },
    minRange: -40_000n,
    maxRange: 125_000n,
  }]);
  assertEquals(thermal.tripPointCount, 2);
});
