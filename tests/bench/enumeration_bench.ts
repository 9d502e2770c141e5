// What it costs per message to enumerate hardware as Linux does when it boots: ten clocks and ten sensors of a board that
// has no others, and as many of a large board, spread over it. The cost must not depend on how much there is.
import type { ClockInput } from "../../boards/clock.ts";
import * as clock from "../../protocols/clock/messages.ts";
import * as sensor from "../../protocols/sensor/messages.ts";
import { encodeCommand } from "../../scp/agent/agent.ts";
import type { CommandSchema, ParamsOf } from "../../scp/core/schema.ts";
import { createClocks } from "../support/clocks.ts";
import { connectAgent, createMachine } from "../support/platform.ts";
import { benchSensors, bufferOf, runRounds } from "./dispatch_bench.ts";

/** Costs of one message, ns. */
export interface EnumerationFigures {
  readonly fewNs: number;
  readonly manyNs: number;
  readonly messageCount: number;
}

const CLOCK = clock.CLOCK_MESSAGES.id;
const SENSOR = sensor.SENSOR_MESSAGES.id;
/** How much of a kind is asked for. */
const ASKED = 10;

/** So many clocks: the last of every ten has parents to choose from, all but the first two divide one. */
function clocksOf(count: number): Omit<ClockInput, "id">[] {
  const ratio = { kind: "dividers", dividers: [1, 2, 4, 8], divider: 8 } as const;
  return Array.from({ length: count }, (_, id) => ({
    name: `clock${id}`,
    ...(id < 2
      ? { rateHz: 100_000_000 }
      : { parents: id % 10 === 9 ? ["clock0", "clock1"] : ["clock0"], ratio }),
  }));
}

/** What an agent asks about ten resources of a kind. The last digit of an id is its place, so that kinds are alike. */
function requestsOf(clockCount: number, sensorCount: number): Uint8Array[] {
  const all: Uint8Array[] = [];
  const add = <S extends CommandSchema>(protocol: number, schema: S, params: ParamsOf<S>) =>
    all.push(encodeCommand(protocol, schema, params, all.length & 0x3ff));
  for (let place = 0; place < ASKED; place++) {
    const clockId = spread(place, clockCount);
    add(CLOCK, clock.CLOCK_ATTRIBUTES, { clockId });
    if (place === 9) add(CLOCK, clock.CLOCK_POSSIBLE_PARENTS_GET, { clockId, skip: 0 });
    add(CLOCK, clock.CLOCK_GET_PERMISSIONS, { clockId });
    add(CLOCK, clock.CLOCK_DESCRIBE_RATES, { clockId, rateIndex: 0 });
    add(CLOCK, clock.CLOCK_RATE_GET, { clockId });
    add(CLOCK, clock.CLOCK_CONFIG_GET, { clockId, flags: { extendedType: 0 } });
    const sensorId = spread(place, sensorCount);
    add(SENSOR, sensor.SENSOR_DESCRIPTION_GET, { index: sensorId });
    add(SENSOR, sensor.SENSOR_LIST_UPDATE_INTERVALS, { sensorId, index: 0 });
    if (place === 0) add(SENSOR, sensor.SENSOR_AXIS_DESCRIPTION_GET, { sensorId, index: 0 });
    if (place === 2) add(SENSOR, sensor.SENSOR_NAME_GET, { sensorId });
    add(SENSOR, sensor.SENSOR_CONFIG_GET, { sensorId });
    add(SENSOR, sensor.SENSOR_READING_GET, { sensorId, flags: { async: false } });
  }
  return all;
}

function spread(place: number, count: number): number {
  return count === ASKED ? place : Math.floor((count / ASKED) * place / ASKED) * ASKED + place;
}

/** Measures both boards in turn. */
export function benchEnumeration(
  clockCount: number,
  sensorCount: number,
  rounds: number,
): EnumerationFigures {
  const prepare = (clocks: number, sensors: number) => {
    const tree = createClocks(clocksOf(clocks));
    const machine = createMachine({
      timeline: tree.timeline,
      // One more than is asked for, so that the last page has no other length.
      sensors: benchSensors(sensors + ASKED),
      view: { clock: tree.tree.clocks },
    });
    const { channel } = connectAgent(machine);
    const requests = requestsOf(clocks, sensors).map(bufferOf);
    runRounds(channel, requests, rounds / 4);
    return { channel, requests, costs: [] as number[] };
  };
  const boards = [prepare(ASKED, ASKED), prepare(clockCount, sensorCount)];
  // In turn, so that a noisy neighbour hits both alike.
  for (let i = 0; i < 9; i++) {
    for (const { channel, requests, costs } of boards) costs.push(runRounds(channel, requests, rounds / 10));
  }
  // The best of each: what else the machine does can only add.
  const [fewNs, manyNs] = boards.map(({ costs }) => Math.min(...costs)) as [number, number];
  return { fewNs, manyNs, messageCount: boards[0]!.requests.length };
}
