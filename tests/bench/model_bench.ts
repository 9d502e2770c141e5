// What the model costs: an hour of simulated driving on rcar, and reading a sensor when nothing new has been sampled, on
// a board with few and on one with ten thousand sensors. Prints figures; judges nothing.
import type { Board } from "../../boards/board.ts";
import { rcarBoard } from "../../boards/rcar.ts";
import { createModel } from "../../scp/model/model.ts";

/** Figures of one run. */
export interface ModelFigures {
  /** One hour of rcar, advanced in steps of 1 s with all sensors read at each, ms. */
  readonly hourMs: number;
  /** One reading, nothing new sampled, rcar's own sensors in rotation, ns. */
  readonly readNs: number;
  /** The same on a board with 10,000 sensors, of which as many are read in rotation, ns. */
  readonly manySensorsReadNs: number;
  /** One reading that takes a new sample of the accelerometer (three axes, noise), ns. */
  readonly newSampleNs: number;
}

const READ_COUNT = 10_000_000;
const SENSOR_COUNT = 10_000;

/** Measures the model; about two seconds. */
export function benchModel(): ModelFigures {
  return {
    hourMs: measureHourMs(),
    readNs: measureReadNs(rcarBoard),
    manySensorsReadNs: measureReadNs(withSensorCount(SENSOR_COUNT)),
    newSampleNs: measureNewSampleNs(),
  };
}

function measureHourMs(): number {
  const model = createModel(rcarBoard, { seed: 1 });
  const startMs = performance.now();
  for (let second = 1; second <= 3600; second++) {
    model.advanceTo(second * 1e6);
    for (const sensor of model.sensors) sensor.sampleAt(second * 1e6);
  }
  return performance.now() - startMs;
}

/** The rcar board with its scalar sensors repeated under other names. */
function withSensorCount(count: number): Board {
  const scalar = rcarBoard.sensors.filter((sensor) => sensor.axes === null);
  const sensors = Array.from({ length: count }, (_, id) => ({
    ...scalar[id % scalar.length]!,
    id,
    name: `sensor${id}`,
  }));
  return { ...rcarBoard, sensors };
}

function measureReadNs(board: Board): number {
  const model = createModel(board, { seed: 1 });
  // As many sensors on either board, spread over all of it.
  const stride = Math.floor(model.sensors.length / rcarBoard.sensors.length);
  const sensors = model.sensors.filter((_, index) => index % stride === 0).slice(0, rcarBoard.sensors.length);
  for (const sensor of sensors) sensor.sampleAt(1_000_000);
  let sum = 0;
  const startMs = performance.now();
  for (let read = 0; read < READ_COUNT; read++) {
    sum += sensors[read % sensors.length]!.sampleAt(1_000_100).values[0]!;
  }
  const elapsedMs = performance.now() - startMs;
  return sum === Infinity ? NaN : elapsedMs * 1e6 / READ_COUNT;
}

function measureNewSampleNs(): number {
  const model = createModel(rcarBoard, { seed: 1 });
  const accel = model.sensors.find((sensor) => sensor.isVector)!;
  const count = 500_000;
  const startMs = performance.now();
  for (let sample = 1; sample <= count; sample++) accel.sampleAt(sample * accel.samplePeriodUs);
  return (performance.now() - startMs) * 1e6 / count;
}

if (import.meta.main) {
  for (const [name, value] of Object.entries(benchModel())) console.log(`${name} ${value.toFixed(1)}`);
}
