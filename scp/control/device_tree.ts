// The device-tree overlay that tells a guest about its platform: the SCMI node with one child per protocol,
// and a thermal zone for each temperature sensor that asks for one. Facts: the Linux bindings of
// firmware/arm,scmi and thermal-zones. The machine's own tree comes from QEMU; regulators, processors and
// devices that use clocks, domains and resets are in device_tree_consumers.ts, what depends on the transport
// in device_tree_transport.ts.
import {
  consumerNodes,
  findConsumerProblem,
  type GuestConsumer,
  type GuestRegulator,
  processorFragments,
  regulatorNodes,
  resetFragments,
} from "./device_tree_consumers.ts";
import { gpioLineNodes, type GuestGpioLine } from "./device_tree_gpio.ts";
import { indent, isWithin, oneLine } from "./device_tree_text.ts";
import {
  findTransportProblem,
  GPIO_LABEL,
  gpioFragment,
  type GuestTransport,
  type TransportNodes,
  transportNodes,
} from "./device_tree_transport.ts";

/** A trip point of a thermal zone, as the guest's thermal framework sees it. */
export interface GuestTrip {
  readonly kind: "active" | "passive" | "hot" | "critical";
  /** Threshold, thousandths of a degree Celsius, signed 32 bits. */
  readonly temperatureMc: number;
  /** How far below the threshold the zone must fall to leave the trip, thousandths of a degree, 0 or more. */
  readonly hysteresisMc: number;
}

/** The thermal zone a temperature sensor asks for. */
export interface GuestZone {
  /** Time between two readings, ms; 0 = the guest reads only when asked. */
  readonly pollingDelayMs: number;
  /** The same while passive cooling is active, ms. */
  readonly passivePollingDelayMs: number;
  /** At least one: Linux 6.12 refuses a zone without trips. */
  readonly trips: readonly GuestTrip[];
}

/** A sensor in the agent's view. */
export interface GuestSensor {
  /** The wire id, which is the thermal-sensor specifier. */
  readonly id: number;
  readonly name: string;
  /** SCMI sensor type (unit code); only 2, degrees Celsius, can have a zone. */
  readonly typeCode: number;
  readonly zone: GuestZone | null;
}

/** A power domain that has to be on for another one to be on, both by their wire ids. */
export interface GuestPowerParent {
  readonly childId: number;
  readonly parentId: number;
}

/** What one agent's guest has to be told. */
export interface GuestDescription {
  /** For the opening comment, for example `rcar, agent OSPM`. */
  readonly title: string;
  /** The protocols the platform serves to the agent, in any order. Base (0x10) may be there; it needs no node. */
  readonly protocolIds: readonly number[];
  readonly sensors: readonly GuestSensor[];
  /** Which power domain another one needs. */
  readonly powerParents: readonly GuestPowerParent[];
  /** The voltage domains that are regulators of the guest; they need protocol 0x17. */
  readonly regulators: readonly GuestRegulator[];
  /** The performance domain of each processor of the guest, by its wire id; empty = processors have none. */
  readonly processorDomains: readonly number[];
  /** Devices that do nothing but use a resource. */
  readonly consumers: readonly GuestConsumer[];
  readonly transport: GuestTransport;
  /** Whether the machine has the GPIO device, whose lines carry interrupts. */
  readonly hasGpio: boolean;
  /** The lines of the GPIO device that drivers use; none without the device. */
  readonly gpioLines: readonly GuestGpioLine[];
}

/** The overlay's source text, or one line that says what cannot be described. */
export type OverlayResult =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problem: string };

interface ProtocolNode {
  readonly title: string;
  /** By which other nodes refer to it. */
  readonly label: string | null;
  /** The property by which consumers refer to the node's resources; null = it has no consumers of its own. */
  readonly cells: string | null;
}

const BASE_PROTOCOL = 0x10;
const POWER_PROTOCOL = 0x11;
const PERFORMANCE_PROTOCOL = 0x13;
const SENSOR_PROTOCOL = 0x15;
const VOLTAGE_PROTOCOL = 0x17;
const DEGREES_CELSIUS = 2;

const PROTOCOL_NODES: ReadonlyMap<number, ProtocolNode> = new Map([
  [BASE_PROTOCOL, { title: "base", label: null, cells: null }],
  [POWER_PROTOCOL, { title: "power domains", label: "scmi_power", cells: "#power-domain-cells" }],
  [0x12, { title: "system power", label: null, cells: null }],
  [PERFORMANCE_PROTOCOL, { title: "performance", label: "scmi_perf", cells: "#power-domain-cells" }],
  [0x14, { title: "clocks", label: "scmi_clock", cells: "#clock-cells" }],
  [SENSOR_PROTOCOL, { title: "sensors", label: "scmi_sensors", cells: "#thermal-sensor-cells" }],
  [0x16, { title: "resets", label: "scmi_reset", cells: "#reset-cells" }],
  [VOLTAGE_PROTOCOL, { title: "voltages", label: null, cells: null }],
  [0x18, { title: "power capping", label: null, cells: null }],
  [0x19, { title: "pin control", label: null, cells: null }],
  [0x1b, { title: "telemetry", label: null, cells: null }],
]);

// Linux refuses a zone whose name has 20 characters or more; the binding wants the ending and at least 2 before it.
const ZONE_ENDING = "-thermal";
const ZONE_STEM_SIZE_MAX = 19 - ZONE_ENDING.length;
const DELAY_MAX_MS = 0x7fffffff;

/**
 * Writes the overlay for `fdtoverlay`. It targets paths, not labels: QEMU's tree has no symbols. Refuses what no
 * device tree can say: a protocol named twice, a zone of something that is no temperature, numbers out of range.
 */
export function deviceTreeOverlay(guest: GuestDescription): OverlayResult {
  const problem = findProblem(guest);
  if (problem !== null) return { ok: false, problem };

  const transport = transportNodes(guest.transport);
  const protocols = [...guest.protocolIds].sort((a, b) => a - b).filter((id) => id !== BASE_PROTOCOL);
  const lines = [
    `// SCMI nodes for ${oneLine(guest.title)}.`,
    "/dts-v1/;",
    "/plugin/;",
    "",
    "/ {",
    "\tfragment@0 {",
    '\t\ttarget-path = "/";',
    "\t\t__overlay__ {",
    ...indent(3, [
      "firmware {",
      "\tscmi {",
      ...indent(2, transport.properties),
      "\t\t#address-cells = <1>;",
      "\t\t#size-cells = <0>;",
      ...indent(2, protocols.flatMap((id) => protocolNode(id, guest, transport))),
      "\t};",
      "};",
      ...transport.nodes,
      ...zoneNodes(guest.sensors),
      ...consumerNodes(guest.consumers),
      ...gpioLineNodes(guest.gpioLines, GPIO_LABEL),
    ]),
    "\t\t};",
    "\t};",
    ...indent(1, [
      ...processorFragments(guest.processorDomains),
      ...resetFragments(guest.consumers),
      ...(guest.hasGpio ? gpioFragment() : []),
    ]),
    "};",
  ];
  return { ok: true, text: lines.join("\n") + "\n" };
}

/** The label by which trees refer to the node of a protocol; null = nothing refers to it. */
export function deviceTreeLabel(protocolId: number): string | null {
  return PROTOCOL_NODES.get(protocolId)?.label ?? null;
}

/**
 * Gives each name in turn a thermal-zone node name: letters, digits and hyphens, starting with a letter, short enough
 * for Linux, and different from all before it.
 */
export function zoneNames(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const stem = zoneStem(name);
    let unique = stem;
    for (let number = 2; taken.has(unique); number++) {
      const suffix = `-${number}`;
      unique = stem.slice(0, ZONE_STEM_SIZE_MAX - suffix.length) + suffix;
    }
    taken.add(unique);
    return unique + ZONE_ENDING;
  });
}

function zoneStem(name: string): string {
  const plain = name.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "");
  const stem = /^[a-z]/.test(plain) ? plain : `t${plain}`;
  const cut = stem.slice(0, ZONE_STEM_SIZE_MAX).replace(/-+$/, "");
  return cut.length >= 2 ? cut : `${cut}0`;
}

function protocolNode(
  id: number,
  { regulators, powerParents }: GuestDescription,
  transport: TransportNodes,
): string[] {
  const known = PROTOCOL_NODES.get(id);
  const hex = id.toString(16);
  const label = known?.label ? `${known.label}: ` : "";
  const lines = [`${label}protocol@${hex} { // ${known?.title ?? "vendor"}`, `\treg = <0x${hex}>;`];
  if (known?.cells) lines.push(`\t${known.cells} = <1>;`);
  lines.push(...indent(1, transport.protocolProperties(id)));
  if (id === POWER_PROTOCOL) lines.push(...indent(1, powerTree(powerParents)));
  if (id === VOLTAGE_PROTOCOL) lines.push(...indent(1, regulatorNodes(regulators)));
  return ["", ...lines, "};"];
}

/** Two lists in step, the parents and the domains below them. Linux 7.2 reads them; 6.12 does not. */
function powerTree(parents: readonly GuestPowerParent[]): string[] {
  if (parents.length === 0) return [];
  return [
    "power-domains =",
    ...indent(1, rows(parents.map(({ parentId }) => `<&scmi_power ${parentId}>`))),
    "power-domains-child-ids =",
    ...indent(1, rows(parents.map(({ childId }) => `<${childId}>`))),
  ];
}

const ROW_SIZE = 5;

/** The lines of a property's values. */
function rows(values: readonly string[]): string[] {
  return Array.from({ length: Math.ceil(values.length / ROW_SIZE) }, (_, row) => {
    const end = (row + 1) * ROW_SIZE;
    const text = values.slice(row * ROW_SIZE, end).join(", ");
    return text + (end < values.length ? "," : ";");
  });
}

function zoneNodes(sensors: readonly GuestSensor[]): string[] {
  const zoned = sensors.flatMap((sensor) => sensor.zone === null ? [] : [{ sensor, zone: sensor.zone }]);
  if (zoned.length === 0) return [];
  const names = zoneNames(zoned.map(({ sensor }) => sensor.name));
  const nodes = zoned.flatMap(({ sensor, zone }, index) => [
    ...(index === 0 ? [] : [""]),
    `${names[index]} { // ${oneLine(sensor.name)}`,
    `\tpolling-delay = <${zone.pollingDelayMs}>;`,
    `\tpolling-delay-passive = <${zone.passivePollingDelayMs}>;`,
    `\tthermal-sensors = <&scmi_sensors ${sensor.id}>;`,
    "\ttrips {",
    ...indent(2, zone.trips.flatMap(tripNode)),
    "\t};",
    "};",
  ]);
  return ["", "thermal-zones {", ...indent(1, nodes), "};"];
}

function tripNode(trip: GuestTrip, index: number): string[] {
  return [
    `trip${index} {`,
    `\ttemperature = <${cell(trip.temperatureMc)}>;`,
    `\thysteresis = <${cell(trip.hysteresisMc)}>;`,
    `\ttype = "${trip.kind}";`,
    "};",
  ];
}

function findProblem(guest: GuestDescription): string | null {
  const seen = new Set<number>();
  for (const id of guest.protocolIds) {
    if (!PROTOCOL_NODES.has(id) && !(Number.isInteger(id) && id >= 0x80 && id <= 0xff)) {
      return `protocol 0x${
        id.toString(16)
      } has no device-tree node: use 0x10 to 0x19, 0x1b, or 0x80 to 0xff of vendors`;
    }
    if (seen.has(id)) return `protocol 0x${id.toString(16)} is listed twice: name each protocol once`;
    seen.add(id);
  }
  const ids = new Set<number>();
  for (const sensor of guest.sensors) {
    const where = `sensor ${oneLine(sensor.name)}`;
    if (!isWithin(sensor.id, 0, 0xffff)) return `${where}: id ${sensor.id} is not within 0 to 65535`;
    if (ids.has(sensor.id)) return `${where}: id ${sensor.id} is taken by another sensor`;
    ids.add(sensor.id);
    if (sensor.zone === null) continue;
    if (!seen.has(SENSOR_PROTOCOL)) return `${where}: a thermal zone needs protocol 0x15 among the protocols`;
    const problem = findZoneProblem(sensor.zone, sensor.typeCode);
    if (problem !== null) return `${where}: ${problem}`;
  }
  return findPowerProblem(guest.powerParents, seen) ?? findConsumerProblem(guest, seen) ??
    findTransportProblem(guest.transport, guest.hasGpio);
}

function findPowerProblem(
  parents: readonly GuestPowerParent[],
  protocolIds: ReadonlySet<number>,
): string | null {
  if (parents.length > 0 && !protocolIds.has(POWER_PROTOCOL)) {
    return "power domains with parents need protocol 0x11 among the protocols";
  }
  const children = new Set<number>();
  for (const { childId, parentId } of parents) {
    for (const id of [childId, parentId]) {
      if (!isWithin(id, 0, 0xffff)) return `power domain ${id}: the id is not within 0 to 65535`;
    }
    if (children.has(childId)) return `power domain ${childId} has two parents: name one`;
    children.add(childId);
  }
  const above = new Map(parents.map(({ childId, parentId }) => [childId, parentId]));
  for (const { childId } of parents) {
    let id: number | undefined = childId;
    for (let steps = 0; id !== undefined; steps++) {
      if (steps > parents.length) return `power domain ${childId} is above itself: a tree has no circles`;
      id = above.get(id);
    }
  }
  return null;
}

function findZoneProblem(zone: GuestZone, typeCode: number): string | null {
  if (typeCode !== DEGREES_CELSIUS) {
    return "only a sensor in degrees Celsius (type 2) can have a thermal zone";
  }
  if (zone.trips.length === 0) return "a thermal zone needs at least one trip point";
  for (const delayMs of [zone.pollingDelayMs, zone.passivePollingDelayMs]) {
    if (!isWithin(delayMs, 0, DELAY_MAX_MS)) {
      return `polling delay ${delayMs} ms is not within 0 to ${DELAY_MAX_MS}`;
    }
  }
  for (const trip of zone.trips) {
    if (!isWithin(trip.temperatureMc, -0x80000000, 0x7fffffff)) {
      return `trip point ${trip.temperatureMc} m\u00b0C is not an integer of 32 bits`;
    }
    if (!isWithin(trip.hysteresisMc, 0, 0x7fffffff)) {
      return `hysteresis ${trip.hysteresisMc} m\u00b0C is not within 0 to 2147483647`;
    }
  }
  return null;
}

/** A cell holds a negative number only as an expression in parentheses. */
function cell(value: number): string {
  return value < 0 ? `(${value})` : `${value}`;
}
