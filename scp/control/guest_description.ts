// What an agent's guest has to be told in its device tree, from the board: the protocols, the sensors of its view, and a
// thermal zone for each temperature of silicon that heats itself.
import type { Board } from "../../boards/board.ts";
import type { SensorDescription } from "../../boards/sensor_description.ts";
import type { Release } from "../../protocols/protocol.ts";
import { PROTOCOLS } from "../../protocols/registry.ts";
import type { GuestDescription, GuestTrip, GuestZone } from "./device_tree.ts";

const CELSIUS = 2;

/** Below the top of the sensor's range: what R-Car's own device tree has, 120 and 100 for a range up to 125 degrees. */
const CRITICAL_MARGIN_C = 5;
const PASSIVE_MARGIN_C = 25;
const HYSTERESIS_MC = 1000;
const POLLING_DELAY_MS = 1000;
const PASSIVE_POLLING_DELAY_MS = 250;

/** Describes the guest of an agent, which the board has to have. */
export function describeGuest(board: Board, agentName: string, release: Release): GuestDescription {
  return {
    title: `${board.name}, agent ${agentName}`,
    protocolIds: PROTOCOLS.filter(({ releases }) => releases[release] !== null).map(({ id }) => id),
    sensors: board.sensors.map((sensor) => ({
      id: sensor.id,
      name: sensor.name,
      typeCode: sensor.typeCode,
      zone: zoneOf(board, sensor),
    })),
  };
}

/** A zone for the temperature of a body that a power block heats: the guest can only act on what it causes. */
function zoneOf(board: Board, sensor: SensorDescription): GuestZone | null {
  if (sensor.typeCode !== CELSIUS || sensor.axes !== null) return null;
  const heaters = board.power.blocks.filter(({ node }) => sensor.signal === `temperature.${node}`);
  if (heaters.length === 0) return null;
  // Passive cooling is throttling, for which a block needs a slower operating point.
  const canThrottle = heaters.some(({ operatingPoints }) => operatingPoints.length > 1);
  const passive = trip("passive", sensor.rangeMax - PASSIVE_MARGIN_C);
  const critical = trip("critical", sensor.rangeMax - CRITICAL_MARGIN_C);
  return {
    pollingDelayMs: POLLING_DELAY_MS,
    passivePollingDelayMs: PASSIVE_POLLING_DELAY_MS,
    trips: canThrottle ? [passive, critical] : [critical],
  };
}

function trip(kind: GuestTrip["kind"], temperatureC: number): GuestTrip {
  return { kind, temperatureMc: Math.round(temperatureC * 1000), hysteresisMc: HYSTERESIS_MC };
}
