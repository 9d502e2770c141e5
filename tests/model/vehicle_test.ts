// The vehicle's batteries and tires: energy of a drive cycle, power = voltage x current, the tire law.
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { defineBoard } from "../../boards/board.ts";
import { COMPACT_EV } from "../../boards/packs/compact_ev.ts";
import { rcarBoard } from "../../boards/rcar.ts";
import { Kinematics } from "../../scp/model/kinematics.ts";
import { createModel } from "../../scp/model/model.ts";
import { batteryPowerW, tireKpa } from "../../scp/model/vehicle.ts";

/** The board without its chip, which the car does not feel; nor do the sensors of the chip matter here. */
const CAR_ONLY = defineBoard({
  ...rcarBoard,
  thermal: { nodes: [], links: [] },
  power: { blocks: [], rails: [], phases: [] },
  performanceDomains: [],
  voltageDomains: [],
  powercapDomains: [],
  thermalGovernors: [],
  sensors: rcarBoard.sensors.map((sensor) =>
    sensor.signal?.startsWith("vehicle.") ? sensor : { ...sensor, signal: "ambient.temperature" }
  ),
});

const placeOf = (name: string) => rcarBoard.sensors.findIndex((sensor) => sensor.name === name);
const VOLT = placeOf("volt_traction");
const CURRENT = placeOf("curr_traction");
const POWER = placeOf("power_traction");
const CHARGE = placeOf("Vehicle.Powertrain.TractionBattery.StateOfCharge.Current");
const CELLS = placeOf("temp_batt_avg");
const VOLT_12V = placeOf("volt_12v");
const CURRENT_12V = placeOf("curr_12v");
const TIRE = placeOf("tire_fl");

Deno.test("batteryPowerW at steady speeds is that of an ordinary car", () => {
  // Figures computed by hand, at the wheel: without auxiliaries and losses of the drive.
  for (const [kmPerH, kilowatt] of [[50, 3.2], [100, 12.7], [120, 19.6], [130, 23.9]] as const) {
    const wheelW = (batteryPowerW(COMPACT_EV, kmPerH / 3.6, 0, 0) - 400) * 0.88;
    assertAlmostEquals(wheelW / 1000, kilowatt, 0.1);
  }
  assertEquals(batteryPowerW(COMPACT_EV, 0, 0, 0), 400);
});

Deno.test("batteryPowerW of braking comes back, up to the limit", () => {
  const gentleW = batteryPowerW(COMPACT_EV, 10, -0.5, 0);
  assert(gentleW < 0 && gentleW > -60_000);
  assertEquals(batteryPowerW(COMPACT_EV, 40, -3, 0), -60_000 + 400);
});

Deno.test("batteryPowerW of a slope is the weight's share times the speed, through the drive", () => {
  const flatW = batteryPowerW(COMPACT_EV, 10, 0, 0);
  const climbW = batteryPowerW(COMPACT_EV, 10, 0, 0.05) - flatW;
  assertAlmostEquals(climbW, 1800 * 9.80665 * Math.sin(0.05) * 10 / 0.88, 5);
});

Deno.test("VehiclePart takes 1.42 kWh for an NEDC, and its charge falls by what was drawn", () => {
  const model = createModel(CAR_ONLY, { seed: 1 });
  let joule = 0;
  let ampereHours = 0;
  for (let timeUs = 0; timeUs < 1180e6; timeUs += 50_000) {
    model.advanceTo(timeUs);
    joule -= model.truth(POWER)[0]! * 0.05;
    ampereHours -= model.truth(CURRENT)[0]! * 0.05 / 3600;
  }
  model.advanceTo(1180e6);
  assertAlmostEquals(joule / 3.6e6, 1.42, 0.01);
  assertAlmostEquals(model.truth(CHARGE)[0]!, 80 - 100 * ampereHours / 169, 1e-6);
});

Deno.test("VehiclePart traction power is voltage times current at every moment, both signs", () => {
  const model = createModel(CAR_ONLY, { seed: 1 });
  let drawn = 0;
  let returned = 0;
  for (let seconds = 0; seconds < 400; seconds++) {
    model.advanceTo(seconds * 1e6);
    const powerW = model.truth(POWER)[0]!;
    assertAlmostEquals(powerW, model.truth(VOLT)[0]! * model.truth(CURRENT)[0]!, 1e-6);
    if (powerW < -1000) drawn++;
    if (powerW > 1000) returned++;
  }
  assert(drawn > 50 && returned > 10);
});

Deno.test("VehiclePart draws from the traction battery what the drive takes", () => {
  const model = createModel(CAR_ONLY, { seed: 1 });
  const kinematics = new Kinematics(COMPACT_EV);
  for (let timeUs = 0; timeUs < 1180e6; timeUs += 7e6) {
    model.advanceTo(timeUs);
    const driveW = batteryPowerW(
      COMPACT_EV,
      kinematics.speedAt(timeUs),
      kinematics.accelerationAt(timeUs),
      0,
    );
    assertAlmostEquals(-model.truth(POWER)[0]!, driveW, 1e-6);
  }
});

Deno.test("VehiclePart voltage sags by the battery's resistance, which doubles per 25 K of cold", () => {
  for (const [ambientC, ohm] of [[25, 0.06], [-25, 0.24]] as const) {
    const model = createModel({ ...CAR_ONLY, ambientC }, { seed: 1 });
    const at = (seconds: number) => {
      model.advanceTo(seconds * 1e6);
      return { volts: model.truth(VOLT)[0]!, ampere: model.truth(CURRENT)[0]! };
    };
    const still = at(50); // standing
    const pulling = at(60.5); // speeding up to 32 km/h
    assertAlmostEquals((still.volts - pulling.volts) / (still.ampere - pulling.ampere), ohm, 0.008);
  }
});

Deno.test("VehiclePart traction cells follow the surroundings with their time constant of 35,000 s", () => {
  const model = createModel(CAR_ONLY, { seed: 1 });
  model.setInput("ambientC", -20);
  model.advanceTo(3_500e6);
  assertAlmostEquals(model.truth(CELLS)[0]!, 25 - 45 * (1 - Math.exp(-0.1)), 0.6);
});

Deno.test("VehiclePart 12 V side: warm means less voltage, full means less current", () => {
  const lowVoltage = { ...COMPACT_EV.lowVoltage, capacityAh: 3 };
  const model = createModel({ ...CAR_ONLY, vehicle: { ...COMPACT_EV, lowVoltage } }, { seed: 1 });
  const [volts, ampere] = [model.truth(VOLT_12V)[0]!, model.truth(CURRENT_12V)[0]!];
  assert(volts > 13.8 && volts < 14.7 && ampere > 1);
  model.setInput("ambientC", 45);
  assertAlmostEquals(model.truth(VOLT_12V)[0]!, volts - 0.2, 0.01);
  model.setInput("ambientC", null);
  model.advanceTo(3_600e6);
  assertAlmostEquals(model.truth(VOLT_12V)[0]!, volts, 0.01);
  assert(model.truth(CURRENT_12V)[0]! < 0.4 * ampere);
});

Deno.test("VehiclePart readings of traction power, voltage and current agree within their steps", () => {
  const model = createModel(CAR_ONLY, { seed: 1, profile: "clean" });
  const readingAt = (index: number, timeUs: number) =>
    model.sensors[index]!.sampleAt(timeUs).values[0]! / 1000;
  for (let timeUs = 0; timeUs < 400e6; timeUs += 700_000) {
    const volts = readingAt(VOLT, timeUs);
    const ampere = readingAt(CURRENT, timeUs);
    // 10 W, 0.1 V and 0.1 A steps: half of each counts.
    const tolerance = 5 + 0.05 * Math.abs(ampere) + 0.05 * volts + 0.01;
    assertAlmostEquals(readingAt(POWER, timeUs), volts * ampere, tolerance);
  }
});

Deno.test("VehiclePart goes on for days: a fresh battery takes over at low charge", () => {
  const vehicle = { ...COMPACT_EV, traction: { ...COMPACT_EV.traction, capacityAh: 36 } };
  const model = createModel({ ...CAR_ONLY, vehicle }, { seed: 1 });
  let rises = 0;
  let previous = 80;
  for (let seconds = 1; seconds < 18_000; seconds += 10) {
    model.advanceTo(seconds * 1e6);
    const charge = model.truth(CHARGE)[0]!;
    assert(charge > 0 && charge <= 100);
    if (charge > previous + 30) rises++;
    previous = charge;
  }
  assert(rises >= 2);
});

Deno.test("tireKpa rises by 1.2 kPa per kelvin from 250 kPa, and tires warm up when driving", () => {
  assertEquals(tireKpa(250, 20), 250);
  assertAlmostEquals(tireKpa(250, 30) - 250, 12, 0.1);
  const model = createModel(CAR_ONLY, { seed: 1 });
  const cold = model.truth(TIRE)[0]!;
  model.advanceTo(1100e6);
  assert(model.truth(TIRE)[0]! > cold + 5);
});
