// The in-process cost of a message: encoded commands of all protocols in rotation on the rcar board, served through the
// dispatcher into a reply buffer, as a transport does. The reference of the same run is the bare minimum: header echoed,
// status written.
import { rcarBoard } from "../../boards/rcar.ts";
import { createPlatform } from "../../scp/control/platform.ts";
import { STATUS } from "../../scp/core/status.ts";
import * as sensor from "../../protocols/sensor/messages.ts";
import {
  type AgentPort,
  createMessageBuffer,
  type MessageBuffer,
  PLAIN_SERVICE,
} from "../../transports/channel.ts";
import { encodeCommand } from "../../scp/agent/agent.ts";
import { connectAgent, createMachine } from "../support/platform.ts";
import { axes, SettableSensor } from "../support/constant_sensors.ts";
import type { Sensor } from "../../scp/model/sensor.ts";
import { rcarRotation } from "./rotation.ts";

/** What was measured; costs in nanoseconds a message. */
export interface DispatchFigures {
  readonly messageKinds: number;
  readonly mixedNs: number;
  readonly floorNs: number;
  readonly perMessageNs: ReadonlyMap<string, number>;
}

const SENSOR = 0x15;

/** So many sensors, the first a vector, the third with a long name. */
export function benchSensors(count = 10): Sensor[] {
  return Array.from(
    { length: count },
    (_, i) =>
      i % 10 === 0
        ? new SettableSensor(`accel${i}`, { isVector: true, quantities: axes("accel") })
        : new SettableSensor(i % 10 === 2 ? `a_name_beyond_the_short_${i}` : `temp${i}`),
  );
}

/** Room of a reply as Linux gives it over virtio: header, status, 128 bytes. */
const ROOM = 136;

/** Serves all requests so many times; returns the cost of one, ns. */
export function runRounds(port: AgentPort, requests: readonly MessageBuffer[], rounds: number): number {
  const reply = createMessageBuffer(4096);
  const start = performance.now();
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < requests.length; i++) {
      const request = requests[i]!;
      port.serve(request, request.bytes.length, reply, ROOM);
    }
  }
  return ((performance.now() - start) * 1e6) / (rounds * requests.length);
}

/** A buffer of exactly these bytes. */
export function bufferOf(bytes: Uint8Array): MessageBuffer {
  const buffer = createMessageBuffer(bytes.length);
  buffer.bytes.set(bytes);
  return buffer;
}

/** The middle one. */
export function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1]!;
}

/** A port that answers every command with a status only: the floor. */
const FLOOR: AgentPort = {
  service: PLAIN_SERVICE,
  agentName: "floor",
  serve(request, _size, reply) {
    reply.view.setUint32(0, request.view.getUint32(0, true), true);
    reply.view.setInt32(4, STATUS.SUCCESS, true);
    return 8;
  },
  attach() {},
  p2aReady() {},
  reset() {},
};

/** Measures the rotation, each message alone, and the floor. */
export function benchDispatch(rounds = 40_000): DispatchFigures {
  const { channel } = connectAgent(createPlatform(rcarBoard).machine, "OSPM");
  const messages = rcarRotation();
  const reply = createMessageBuffer(4096);
  for (const [label, bytes] of messages) {
    channel.serve(bufferOf(bytes), bytes.length, reply, ROOM);
    const status = reply.view.getInt32(4, true);
    if (status !== STATUS.SUCCESS) throw new Error(`${label} answers ${status}`);
  }
  const requests = [...messages.values()].map(bufferOf);
  runRounds(channel, requests, rounds / 4);
  runRounds(FLOOR, requests, rounds / 4);
  const mixed: number[] = [];
  const floor: number[] = [];
  for (let i = 0; i < 5; i++) {
    mixed.push(runRounds(channel, requests, rounds / 5));
    floor.push(runRounds(FLOOR, requests, rounds / 5));
  }
  const perMessageNs = new Map<string, number>();
  for (const [label, bytes] of messages) {
    perMessageNs.set(label, runRounds(channel, [bufferOf(bytes)], rounds));
  }
  return { messageKinds: messages.size, mixedNs: median(mixed), floorNs: median(floor), perMessageNs };
}

/** Readings of ten sensors, on a board that has no others and on one with `count`, spread over it: ns a message each. */
export function benchScale(count = 10_000, rounds = 200_000): { fewNs: number; manyNs: number } {
  const READ_COUNT = 10;
  const prepare = (sensorCount: number) => {
    const { channel } = connectAgent(createMachine({ sensors: benchSensors(sensorCount) }), "OSPM");
    const requests = Array.from({ length: READ_COUNT }, (_, i) => {
      // The kinds of sensors repeat every ten: the same ten kinds on both boards.
      const sensorId = Math.floor((i * sensorCount) / READ_COUNT / 10) * 10 + i;
      return bufferOf(
        encodeCommand(SENSOR, sensor.SENSOR_READING_GET, { sensorId, flags: { async: false } }, i),
      );
    });
    runRounds(channel, requests, rounds / 4);
    return { channel, requests, costs: [] as number[] };
  };
  const boards = [prepare(READ_COUNT), prepare(count)];
  // In turn, so that a noisy neighbour hits both alike.
  for (let i = 0; i < 9; i++) {
    for (const { channel, requests, costs } of boards) costs.push(runRounds(channel, requests, rounds / 10));
  }
  const [fewNs, manyNs] = boards.map(({ costs }) => median(costs)) as [number, number];
  return { fewNs, manyNs };
}
