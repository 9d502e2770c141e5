// A board with sensors whose values an agent supplies, its agents, and what they do with them: for tests of both ends.
import { assertEquals } from "@std/assert";
import { type Board, defineBoard } from "../../boards/board.ts";
import type { Release } from "../../protocols/protocol.ts";
import * as base from "../../protocols/base/messages.ts";
import * as sensor from "../../protocols/sensor/messages.ts";
import * as supply from "../../protocols/sensor_supply/messages.ts";
import { createPlatform } from "../../scp/control/platform.ts";
import { readFields } from "../../scp/core/codec.ts";
import { HEADER_SIZE, packHeader, protocolIdOf } from "../../scp/core/header.ts";
import { STATUS } from "../../scp/core/status.ts";
import { EVERY_HARDWARE } from "./every_hardware.ts";
import { callOk, callStatus, connectAgent, type TestAgent } from "./platform.ts";

export const BASE = 0x10;
export const SENSOR = 0x15;
export const SUPPLY = 0xa0;

const SENSOR_DEFAULTS = {
  typeCode: 90,
  unitExponent: -3,
  rangeMin: -100,
  rangeMax: 100,
  step: { mantissa: 1, exponent: -3 },
  samplePeriodUs: 10_000,
  tripPointCount: 1,
  asyncLatencyUs: 1_000,
  supportsContinuousUpdate: true,
  timestampExponent: -6,
  intervals: { kind: "list", list: [{ mantissa: 10, exponent: -3 }] },
} as const;

/** `owner` supplies two of three sensors, `reader` sees them, `stranger` sees the measured one only. */
const BOARD: Board = defineBoard({
  ...EVERY_HARDWARE,
  name: "referred",
  agents: [
    { name: "owner", kind: "OSPM", view: { sensor: { speed: "read" } } },
    { name: "reader", kind: "OSPM", isTrusted: true, view: { sensor: { force: "read", speed: "read" } } },
    { name: "stranger", kind: "OSPM", view: { sensor: { air: "read" } } },
  ],
  sensors: [
    { ...SENSOR_DEFAULTS, id: 0, name: "air", typeCode: 2, signal: "ambient.temperature" },
    { ...SENSOR_DEFAULTS, id: 1, name: "speed", suppliedBy: "owner", staleAfterMs: 500 },
    {
      ...SENSOR_DEFAULTS,
      id: 2,
      name: "force",
      suppliedBy: "owner",
      axes: ["force_X", "force_Y"],
      timestampExponent: null,
    },
  ],
});

/** The reader's ids, and the owner's own of what it supplies. */
export const FORCE = 0;
export const SPEED = 1;
export const OWN_SPEED = 0;
export const OWN_FORCE = 1;

export function setup(release: Release = "3.2") {
  const { machine, model } = createPlatform(BOARD, { release });
  const connect = (name: string) => connectAgent(machine, name);
  return {
    machine,
    model,
    owner: connect("owner"),
    reader: connect("reader"),
    stranger: connect("stranger"),
  };
}

export function give(agent: TestAgent, value: number, timestamp: bigint | null = null, sensorId = OWN_SPEED) {
  return callStatus(agent, SUPPLY, supply.SENSOR_SUPPLY, {
    sensorId,
    flags: { hasTimestamp: timestamp !== null },
    timestamp: timestamp ?? 0n,
    values: [{ value: BigInt(value) }],
  });
}

export async function read(agent: TestAgent, sensorId = SPEED): Promise<string> {
  const params = { sensorId, flags: { async: false } };
  const answer = await agent.client.call(SENSOR, sensor.SENSOR_READING_GET, params);
  return answer.ok ? answer.values.readings.map(({ value }) => value).join() : answer.status;
}

export const hearErrors = (agent: TestAgent) =>
  callOk(agent, BASE, base.BASE_NOTIFY_ERRORS, { notifyEnable: { enable: true } });

/** What an agent has heard since it was asked last, as short texts. */
export function heard(agent: TestAgent): string[] {
  return agent.heard.splice(0).map((message) => {
    const view = new DataView(message.buffer, message.byteOffset, message.length);
    const header = view.getUint32(0, true);
    if (protocolIdOf(header) === BASE) {
      const { payload } = base.BASE_ERROR_EVENT;
      const { agentId, errorStatus, reports } = readFields(payload, view, HEADER_SIZE, message.length)!;
      assertEquals(errorStatus, { fatal: false, reportCount: 1 });
      assertEquals(reports, [{
        messageHeader: packHeader(SENSOR, sensor.SENSOR_READING_GET.id, 0, 0),
        status: STATUS.HARDWARE_ERROR >>> 0,
      }]);
      return `lost because of agent ${agentId}`;
    }
    if ((header & 0xff) === sensor.SENSOR_TRIP_POINT_EVENT.id) return "trip";
    const { payload } = sensor.SENSOR_UPDATE;
    return `${readFields(payload, view, HEADER_SIZE, message.length)!.readings[0]!.value}`;
  });
}
