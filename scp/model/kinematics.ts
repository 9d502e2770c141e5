// How the car moves and what its inertial sensors feel: specific force (a car at rest on level ground shows +9.81 m/s^2
// upward) and turn rates, in the sensor's own axes. Axes as in ISO 8855: X forward, Y left, Z up, so a positive pitch
// is nose down and a positive roll is left side up. All of it a pure function of time; suspension dynamics are left out.
import type { Mounting, Vehicle } from "../../boards/vehicle.ts";
import { DriveCycle, type Motion } from "./drive_cycle.ts";

/** Standard gravity, m/s^2. */
export const GRAVITY_M_PER_S2 = 9.80665;

/** Radian of body pitch and roll per m/s^2 of longitudinal and lateral acceleration. */
const PITCH_PER_ACCELERATION = -0.003;
const ROLL_PER_ACCELERATION = 0.006;

/** The road shakes the car by 0.3 m/s^2 rms at 60 km/h: three tones of equal strength, in Hz. */
const VIBRATION_PER_SPEED = 0.3 / (60 / 3.6) * Math.sqrt(2 / 3);
const VIBRATION_HZ = [1.7, 7.1, 11.3] as const;

const TURN = 2 * Math.PI;

/** The motion of a vehicle at one time; asking again for the same time costs nothing. */
export class Kinematics {
  readonly #vehicle: Vehicle;
  readonly #cycle: DriveCycle;
  readonly #motion: Motion = { speedMPerS: 0, accelerationMPerS2: 0, jerkMPerS3: 0 };
  readonly #mounting: Float64Array;
  readonly #vector = new Float64Array(3);
  #timeUs = -1;
  #curvaturePerM = 0;
  #curvatureRate = 0;

  constructor(vehicle: Vehicle) {
    this.#vehicle = vehicle;
    this.#cycle = new DriveCycle(vehicle.driveCycle);
    this.#mounting = rotationInto(vehicle.mounting);
  }

  /** Speed along the path, m/s. */
  speedAt(timeUs: number): number {
    this.#moveTo(timeUs);
    return this.#motion.speedMPerS;
  }

  /** Change of speed, m/s^2. */
  accelerationAt(timeUs: number): number {
    this.#moveTo(timeUs);
    return this.#motion.accelerationMPerS2;
  }

  /** Curvature of the path, 1/m; positive = to the left. */
  curvatureAt(timeUs: number): number {
    this.#moveTo(timeUs);
    return this.#curvaturePerM;
  }

  /** Angular speed of a wheel, rad/s; `side` is 1 on the left, -1 on the right. The inner wheel turns slower. */
  wheelSpeedAt(timeUs: number, side: 1 | -1): number {
    this.#moveTo(timeUs);
    const inward = side * this.#curvaturePerM * this.#vehicle.trackM / 2;
    return this.#motion.speedMPerS / this.#vehicle.wheelRadiusM * (1 - inward);
  }

  /**
   * Writes the specific force in the sensor's axes, m/s^2. `gradeRad` is the slope of the road (positive = uphill),
   * `bankRad` its tilt to the side (positive = left side up).
   */
  readSpecificForce(timeUs: number, gradeRad: number, bankRad: number, out: Float64Array): void {
    this.#moveTo(timeUs);
    const { speedMPerS, accelerationMPerS2 } = this.#motion;
    const lateral = speedMPerS * speedMPerS * this.#curvaturePerM;
    const pitch = PITCH_PER_ACCELERATION * accelerationMPerS2;
    const roll = ROLL_PER_ACCELERATION * lateral;
    // In the axes of the road, which is tilted against gravity; then in those of the body on its springs.
    const cosGrade = Math.cos(gradeRad);
    const x = accelerationMPerS2 + GRAVITY_M_PER_S2 * Math.sin(gradeRad);
    const y = lateral + GRAVITY_M_PER_S2 * cosGrade * Math.sin(bankRad);
    const z = GRAVITY_M_PER_S2 * cosGrade * Math.cos(bankRad) + this.#vibration(timeUs / 1e6, speedMPerS);
    const cosPitch = Math.cos(pitch);
    const sinPitch = Math.sin(pitch);
    const cosRoll = Math.cos(roll);
    const sinRoll = Math.sin(roll);
    const tilted = sinPitch * x + cosPitch * z;
    this.#vector[0] = cosPitch * x - sinPitch * z;
    this.#vector[1] = cosRoll * y + sinRoll * tilted;
    this.#vector[2] = cosRoll * tilted - sinRoll * y;
    this.#intoSensorAxes(out);
  }

  /** Writes the turn rates in the sensor's axes, rad/s. */
  readAngularRate(timeUs: number, out: Float64Array): void {
    this.#moveTo(timeUs);
    const { speedMPerS, accelerationMPerS2, jerkMPerS3 } = this.#motion;
    const lateralRate = 2 * speedMPerS * accelerationMPerS2 * this.#curvaturePerM +
      speedMPerS * speedMPerS * this.#curvatureRate;
    this.#vector[0] = ROLL_PER_ACCELERATION * lateralRate;
    this.#vector[1] = PITCH_PER_ACCELERATION * jerkMPerS3;
    this.#vector[2] = speedMPerS * this.#curvaturePerM;
    this.#intoSensorAxes(out);
  }

  /** Brings speed and curvature to a time. */
  #moveTo(timeUs: number): void {
    if (timeUs === this.#timeUs) return;
    this.#timeUs = timeUs;
    const timeS = timeUs / 1e6;
    this.#cycle.read(timeS, this.#motion);
    const { speedMPerS, accelerationMPerS2 } = this.#motion;
    const { curvatureMaxPerM, speedScaleMPerS, periodsS } = this.#vehicle.turning;
    const first = TURN / periodsS[0];
    const second = TURN / periodsS[1];
    const weave = 0.6 * Math.sin(first * timeS) + 0.4 * Math.sin(second * timeS);
    const weaveRate = 0.6 * first * Math.cos(first * timeS) + 0.4 * second * Math.cos(second * timeS);
    const relative = speedMPerS / speedScaleMPerS;
    const tightness = curvatureMaxPerM / (1 + relative * relative);
    const tightnessRate = -tightness * 2 * relative * accelerationMPerS2 / speedScaleMPerS /
      (1 + relative * relative);
    this.#curvaturePerM = tightness * weave;
    this.#curvatureRate = tightness * weaveRate + tightnessRate * weave;
  }

  #vibration(timeS: number, speedMPerS: number): number {
    let sum = 0;
    for (const hertz of VIBRATION_HZ) sum += Math.sin(TURN * hertz * timeS);
    return VIBRATION_PER_SPEED * speedMPerS * sum;
  }

  #intoSensorAxes(out: Float64Array): void {
    const m = this.#mounting;
    const v = this.#vector;
    for (let row = 0; row < 3; row++) {
      out[row] = m[3 * row]! * v[0]! + m[3 * row + 1]! * v[1]! + m[3 * row + 2]! * v[2]!;
    }
  }
}

/** Returns the matrix, row by row, that takes a vector from the car's axes into those of a turned sensor. */
function rotationInto(mounting: Mounting): Float64Array {
  const [cr, sr] = [Math.cos(mounting.rollRad), Math.sin(mounting.rollRad)];
  const [cp, sp] = [Math.cos(mounting.pitchRad), Math.sin(mounting.pitchRad)];
  const [cy, sy] = [Math.cos(mounting.yawRad), Math.sin(mounting.yawRad)];
  // The transpose of Rz(yaw) Ry(pitch) Rx(roll).
  return Float64Array.of(
    cy * cp,
    sy * cp,
    -sp,
    cy * sp * sr - sy * cr,
    sy * sp * sr + cy * cr,
    cp * sr,
    cy * sp * cr + sy * sr,
    sy * sp * cr - cy * sr,
    cp * cr,
  );
}
