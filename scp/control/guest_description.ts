// What an agent's guest has to be told in its device tree, from the board: the protocols, the sensors of its
// view, a thermal zone for each temperature of silicon that heats itself, its regulators, and what was chosen
// for it.
import type { Board } from "../../boards/board.ts";
import type { SensorDescription } from "../../boards/sensor_description.ts";
import type { CompiledView } from "../../boards/view_compiler.ts";
import type { Release } from "../../protocols/protocol.ts";
import { protocolIdsOf, viewOf } from "./agent_view.ts";
import type { GuestChoices } from "./guest_choices.ts";
import type { GuestRegulator } from "./device_tree_consumers.ts";
import { guestGpioLines } from "./device_tree_gpio.ts";
import type { GuestDescription, GuestPowerParent, GuestTrip, GuestZone } from "./device_tree.ts";

/** The parts of a description that are not the board's. */
type Chosen = GuestChoices & Pick<GuestDescription, "transport" | "hasGpio">;

const CELSIUS = 2;
const VOLTAGE_PROTOCOL = 0x17;

/** Nothing chosen. */
const NO_CHOICES: Chosen = {
  processorDomains: [],
  consumers: [],
  transport: { kind: "virtio" },
  hasGpio: false,
};

/** Below the top of the sensor's range: what R-Car's own device tree has, 120 and 100 for a range up to 125 degrees. */
const CRITICAL_MARGIN_C = 5;
const PASSIVE_MARGIN_C = 25;
const HYSTERESIS_MC = 1000;
const POLLING_DELAY_MS = 1000;
const PASSIVE_POLLING_DELAY_MS = 250;

/** Describes the guest of an agent, which the board has to have, with what was chosen for it. */
export function describeGuest(
  board: Board,
  agentName: string,
  release: Release,
  { processorDomains, consumers, transport, hasGpio }: Chosen = NO_CHOICES,
): GuestDescription {
  const view = viewOf(board, agentName);
  const protocolIds = protocolIdsOf(view, release);
  return {
    processorDomains,
    consumers,
    transport,
    hasGpio,
    gpioLines: hasGpio ? guestGpioLines(board) : [],
    powerParents: powerParentsOf(board, view),
    regulators: protocolIds.includes(VOLTAGE_PROTOCOL) ? regulatorsOf(board, agentName, view) : [],
    title: `${board.name}, agent ${agentName}`,
    protocolIds,
    sensors: view.resources.sensor.map(({ boardId }, id) => {
      const sensor = board.sensors[boardId]!;
      return { id, name: sensor.name, typeCode: sensor.typeCode, zone: zoneOf(board, sensor) };
    }),
  };
}

/** The tree of the power domains, as far as the agent is shown it: of each the nearest above that it sees. */
function powerParentsOf({ powerDomains }: Board, { resources }: CompiledView): GuestPowerParent[] {
  const parentOf = new Map(powerDomains.map(({ name, parent }) => [name, parent]));
  const idOf = new Map(resources.powerDomain.map(({ name }, id) => [name, id]));
  return resources.powerDomain.flatMap(({ name }, childId) => {
    let above = parentOf.get(name) ?? null;
    while (above !== null && !idOf.has(above)) above = parentOf.get(above) ?? null;
    return above === null ? [] : [{ childId, parentId: idOf.get(above)! }];
  });
}

/**
 * The regulators of an agent's guest. Linux cannot have negative voltages, and switches a regulator on that is always on: it has
 * no use for one that its agent may only read.
 */
function regulatorsOf(board: Board, agentName: string, view: CompiledView): GuestRegulator[] {
  const agent = board.agents.find(({ name }) => name === agentName)!;
  return view.resources.voltageDomain.flatMap(({ name, boardId, right }, id) => {
    const { rail, setBy } = board.voltageDomains[boardId]!;
    const plan = board.power.rails.find((each) => each.name === rail);
    if (!plan?.regulator || right === "read") return [];
    const { steps, canSwitchOff } = plan.regulator;
    const ends = steps.kind === "list"
      ? { min: steps.levelsUv[0]!, max: steps.levelsUv.at(-1)! }
      : { min: steps.lowestUv, max: steps.highestUv };
    if (ends.min < 0) return [];
    const maySet = setBy.includes(agent.kind);
    const isNeeded = board.power.blocks.some((block) => block.rail === rail);
    // 0 V is a level that Linux refuses to ask for.
    const rangeUv = maySet && ends.min > 0 ? ends : null;
    return [{ id, name, rangeUv, isAlwaysOn: !maySet || !canSwitchOff || isNeeded }];
  });
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
