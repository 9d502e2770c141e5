// The repeated drive cycle: length and distance of the NEDC, and speed, acceleration and jerk that fit together.
import { assert, assertAlmostEquals } from "@std/assert";
import { NEDC } from "../../boards/packs/nedc.ts";
import { DriveCycle } from "../../scp/model/drive_cycle.ts";

function motionAt(cycle: DriveCycle, timeS: number) {
  const motion = { speedMPerS: NaN, accelerationMPerS2: NaN, jerkMPerS3: NaN };
  cycle.read(timeS, motion);
  return motion;
}

Deno.test("DriveCycle of the NEDC is 1180 s long and 11.0 km far, at most 120 km/h and 1.04 m/s2", () => {
  const cycle = new DriveCycle(NEDC);
  assertAlmostEquals(cycle.roundS, 1180, 1e-9);
  assertAlmostEquals(cycle.roundM, 11_000, 50);
  let speedMax = 0;
  let accelerationMax = 0;
  let accelerationMin = 0;
  let stillS = 0;
  for (let timeS = 0; timeS < 1180; timeS += 0.5) {
    const motion = motionAt(cycle, timeS);
    speedMax = Math.max(speedMax, motion.speedMPerS);
    accelerationMax = Math.max(accelerationMax, motion.accelerationMPerS2);
    accelerationMin = Math.min(accelerationMin, motion.accelerationMPerS2);
    if (motion.speedMPerS === 0) stillS += 0.5;
  }
  assertAlmostEquals(speedMax, 120 / 3.6, 1e-6);
  assertAlmostEquals(accelerationMax, 1.04, 0.01);
  assertAlmostEquals(accelerationMin, -1.39, 0.01);
  assertAlmostEquals(stillS, 280, 10);
});

Deno.test("DriveCycle repeats, also across the end of a round at speed", () => {
  const cycle = new DriveCycle([[0, 36], [5, 72], [10, 36]]);
  for (const timeS of [0, 0.1, 3, 7.5, 9.9]) {
    const first = motionAt(cycle, timeS);
    const later = motionAt(cycle, timeS + 1000 * 10);
    assertAlmostEquals(later.speedMPerS, first.speedMPerS, 1e-9);
    assertAlmostEquals(later.accelerationMPerS2, first.accelerationMPerS2, 1e-9);
  }
  // The corner at the end is rounded: 10 m/s, less half the slope times a quarter of the window.
  assertAlmostEquals(motionAt(cycle, 10).speedMPerS, 10 + 2 * 0.125, 1e-9);
});

Deno.test("DriveCycle that comes to a stop stands, whatever becomes of the last bit of the distance", () => {
  for (let place = 1; place < 400; place++) {
    const stopS = 19.3 + place / 7;
    const cycle = new DriveCycle([[0, 0], [7.1, place / 3], [stopS, 0], [place + 60, 0]]);
    for (let round = 0; round < 5; round++) {
      for (let sinceUs = -3; sinceUs < 4; sinceUs++) {
        const timeS = (Math.round((round * (place + 60) + stopS + 0.25) * 1e6) + sinceUs) / 1e6;
        assertAlmostEquals(motionAt(cycle, timeS).speedMPerS, 0, 1e-9, `${place}: ${timeS} s`);
      }
    }
  }
});

Deno.test("DriveCycle may be shorter than what its corners are rounded over", () => {
  const cycle = new DriveCycle([[0, 36], [0.1, 36]]);
  for (const timeS of [0, 0.05, 0.3, 12.34]) assertAlmostEquals(motionAt(cycle, timeS).speedMPerS, 10, 1e-9);
});

Deno.test("DriveCycle acceleration is the slope of its speed, and jerk that of its acceleration", () => {
  const cycle = new DriveCycle(NEDC);
  const h = 1e-4;
  for (let timeS = 10.511; timeS < 60; timeS += 0.3713) {
    const [before, at, after] = [timeS - h, timeS, timeS + h].map((when) => motionAt(cycle, when));
    assertAlmostEquals((after!.speedMPerS - before!.speedMPerS) / (2 * h), at!.accelerationMPerS2, 1e-4);
    assertAlmostEquals(
      (after!.accelerationMPerS2 - before!.accelerationMPerS2) / (2 * h),
      at!.jerkMPerS3,
      1e-4,
    );
    assert(at!.speedMPerS >= 0);
  }
});
