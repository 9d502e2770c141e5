// Specific force and turn rates: gravity follows from the orientation, bends and braking show where they should.
import { assert, assertAlmostEquals } from "@std/assert";
import { COMPACT_EV } from "../../boards/packs/compact_ev.ts";
import type { Vehicle } from "../../boards/vehicle.ts";
import { GRAVITY_M_PER_S2, Kinematics } from "../../scp/model/kinematics.ts";

const G = GRAVITY_M_PER_S2;

function forceAt(vehicle: Vehicle, timeUs: number, gradeRad = 0, bankRad = 0): number[] {
  const out = new Float64Array(3);
  new Kinematics(vehicle).readSpecificForce(timeUs, gradeRad, bankRad, out);
  return [...out];
}

function assertVector(actual: readonly number[], expected: readonly number[], tolerance = 1e-9): void {
  expected.forEach((value, axis) =>
    assertAlmostEquals(actual[axis]!, value, tolerance, `axis ${axis}: ${actual}`)
  );
}

Deno.test("Kinematics of a car at rest on level ground: one g upward", () => {
  assertVector(forceAt(COMPACT_EV, 0), [0, 0, G]);
});

Deno.test("Kinematics of a car at rest follows the slope of the road", () => {
  // Nose up: the forward axis sees part of the support. Left side up: so does the left axis.
  assertVector(forceAt(COMPACT_EV, 0, 0.1), [G * Math.sin(0.1), 0, G * Math.cos(0.1)]);
  assertVector(forceAt(COMPACT_EV, 0, 0, 0.2), [0, G * Math.sin(0.2), G * Math.cos(0.2)]);
});

Deno.test("Kinematics shows gravity along the axis that a turned sensor points upward", () => {
  const right = Math.PI / 2;
  const turned = (mounting: Vehicle["mounting"]) => forceAt({ ...COMPACT_EV, mounting }, 0);
  assertVector(turned({ rollRad: right, pitchRad: 0, yawRad: 0 }), [0, G, 0]);
  assertVector(turned({ rollRad: 0, pitchRad: right, yawRad: 0 }), [-G, 0, 0]);
  assertVector(turned({ rollRad: Math.PI, pitchRad: 0, yawRad: 0 }), [0, 0, -G]);
  assertVector(turned({ rollRad: 0, pitchRad: 0, yawRad: right }), [0, 0, G]);
});

Deno.test("Kinematics gives the same length of the force however the sensor is turned", () => {
  const length = (vector: readonly number[]) => Math.hypot(...vector);
  for (const timeUs of [13e6, 57e6, 200.3e6, 1100e6]) {
    const straight = forceAt(COMPACT_EV, timeUs, 0.05, -0.02);
    const mounting = { rollRad: 0.3, pitchRad: -0.8, yawRad: 2 };
    assertAlmostEquals(
      length(forceAt({ ...COMPACT_EV, mounting }, timeUs, 0.05, -0.02)),
      length(straight),
      1e-9,
    );
  }
});

Deno.test("Kinematics of speeding up, braking and bends", () => {
  const kinematics = new Kinematics(COMPACT_EV);
  const force = new Float64Array(3);
  const rate = new Float64Array(3);
  let bendCount = 0;
  for (let timeUs = 1e6; timeUs < 1180e6; timeUs += 997_000) {
    const speed = kinematics.speedAt(timeUs);
    const acceleration = kinematics.accelerationAt(timeUs);
    const curvature = kinematics.curvatureAt(timeUs);
    kinematics.readSpecificForce(timeUs, 0, 0, force);
    kinematics.readAngularRate(timeUs, rate);
    // The body nods by 3 mrad and leans by 6 mrad per m/s2, away from the force: a share of gravity adds to it.
    const lateral = speed * speed * curvature;
    assertAlmostEquals(force[0]!, acceleration * (1 + 0.003 * G), 0.006);
    assertAlmostEquals(force[1]!, lateral * (1 + 0.006 * G), 0.02);
    assertAlmostEquals(rate[2]!, speed * curvature, 1e-12);
    assert(Math.abs(lateral) < 2, "bends are gentle");
    if (Math.abs(curvature) > 0.005 && speed > 1) bendCount++;
  }
  assert(bendCount > 100);
});

Deno.test("Kinematics turn rate of the body is the slope of its lean", () => {
  const kinematics = new Kinematics(COMPACT_EV);
  const rate = new Float64Array(3);
  const lean = (timeUs: number) => 0.006 * kinematics.speedAt(timeUs) ** 2 * kinematics.curvatureAt(timeUs);
  for (let timeUs = 50.5e6; timeUs < 60e6; timeUs += 333_000) {
    const slope = (lean(timeUs + 1000) - lean(timeUs - 1000)) / 0.002;
    kinematics.readAngularRate(timeUs, rate);
    assertAlmostEquals(rate[0]!, slope, 1e-5);
  }
});

Deno.test("Kinematics wheels: the inner one turns slower, their mean is the speed over the radius", () => {
  const kinematics = new Kinematics(COMPACT_EV);
  const timeUs = 70e6;
  const left = kinematics.wheelSpeedAt(timeUs, 1);
  const right = kinematics.wheelSpeedAt(timeUs, -1);
  assertAlmostEquals((left + right) / 2, kinematics.speedAt(timeUs) / 0.316, 1e-9);
  const isLeftBend = kinematics.curvatureAt(timeUs) > 0;
  assert(isLeftBend ? left < right : left > right);
});

Deno.test("Kinematics road vibration is 0.3 m/s2 rms at 60 km/h", () => {
  const steady = { ...COMPACT_EV, driveCycle: [[0, 60], [100, 60]] as const };
  const kinematics = new Kinematics({ ...steady, turning: { ...COMPACT_EV.turning, curvatureMaxPerM: 0 } });
  const force = new Float64Array(3);
  let squares = 0;
  let count = 0;
  for (let timeUs = 0; timeUs < 100e6; timeUs += 7_000, count++) {
    kinematics.readSpecificForce(timeUs, 0, 0, force);
    squares += (force[2]! - G) ** 2;
  }
  assertAlmostEquals(Math.sqrt(squares / count), 0.3, 0.01);
});
