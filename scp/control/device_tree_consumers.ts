// The nodes of a device-tree overlay that use what the protocols offer: regulators, the performance domain of
// processors, and devices for the stock drivers of Linux that need no hardware of their own. simple-pm-bus
// runs its clocks and power domain while its power/control says `on`; regulator-output switches a supply by
// its `state`; regulator-virtual-consumer asks for a range by min_microvolts and max_microvolts; the AMBA bus
// lets go the resets of a device, here of the machine's clock (PL031).
import { indent, isWithin, oneLine } from "./device_tree_text.ts";

/** A voltage domain as a regulator of the guest. */
export interface GuestRegulator {
  /** The wire id. */
  readonly id: number;
  readonly name: string;
  /** The levels the guest may choose from, uV; null = it may not set the level. Linux has no negative ones. */
  readonly rangeUv: { readonly min: number; readonly max: number } | null;
  /** Whether the guest has to leave it on: Linux switches off what none of its drivers uses. */
  readonly isAlwaysOn: boolean;
}

/** What a device uses. */
export type ConsumerKind = "clock" | "power" | "regulator" | "reset" | "voltage";

/** The kinds. */
export const CONSUMER_KINDS = [
  "clock",
  "power",
  "regulator",
  "reset",
  "voltage",
] as const satisfies readonly ConsumerKind[];

/** A device that does nothing but use one resource. */
export interface GuestConsumer {
  readonly kind: ConsumerKind;
  /** The wire id of the resource. */
  readonly id: number;
  readonly name: string;
}

/** What has to be known to judge consumers. */
interface Consumers {
  readonly regulators: readonly GuestRegulator[];
  readonly processorDomains: readonly number[];
  readonly consumers: readonly GuestConsumer[];
}

const ID_MAX = 0xffff;
const PROTOCOL_OF = { power: 0x11, clock: 0x14, reset: 0x16, regulator: 0x17, voltage: 0x17 } as const;
const PERFORMANCE_PROTOCOL = 0x13;

/** A device of QEMU's machine that sits on the AMBA bus, and that nothing depends on. */
const AMBA_DEVICE = "/pl031@9010000";

/** Writes the node of regulators, one child for each: Linux knows them by `reg`, consumers by label. */
export function regulatorNodes(regulators: readonly GuestRegulator[]): string[] {
  return [
    "regulators {",
    ...indent(1, [
      "#address-cells = <1>;",
      "#size-cells = <0>;",
      ...regulators.flatMap(({ id, name, rangeUv, isAlwaysOn }) => [
        "",
        `scmi_regulator${id}: regulator@${id.toString(16)} { // ${oneLine(name)}`,
        ...indent(1, [
          `reg = <0x${id.toString(16)}>;`,
          `regulator-name = "${quotable(name)}";`,
          ...(rangeUv === null ? [] : [
            `regulator-min-microvolt = <${rangeUv.min}>;`,
            `regulator-max-microvolt = <${rangeUv.max}>;`,
          ]),
          ...(isAlwaysOn ? ["regulator-always-on;"] : []),
        ]),
        "};",
      ]),
    ]),
    "};",
  ];
}

/** Writes a fragment for each processor of the machine that has a performance domain. */
export function processorFragments(processorDomains: readonly number[]): string[] {
  return processorDomains.flatMap((domainId, index) =>
    fragment(1 + index, `/cpus/cpu@${index.toString(16)}`, [
      `power-domains = <&scmi_perf ${domainId}>;`,
      'power-domain-names = "perf";',
    ])
  );
}

/** Writes the devices that use clocks, power domains and regulators. */
export function consumerNodes(consumers: readonly GuestConsumer[]): string[] {
  const nodes = consumers.flatMap(({ kind, id, name }) =>
    kind === "reset" ? [] : [
      "",
      `scmi-${kind}-${id} { // ${oneLine(name)}`,
      ...indent(1, consumerProperties(kind, id)),
      "};",
    ]
  );
  return nodes;
}

/** Writes the fragment that gives the resets to a device of the machine. */
export function resetFragments(consumers: readonly GuestConsumer[]): string[] {
  const resets = consumers.filter(({ kind }) => kind === "reset");
  if (resets.length === 0) return [];
  const cells = resets.map(({ id }) => `<&scmi_reset ${id}>`).join(", ");
  return fragment(RESET_FRAGMENT, AMBA_DEVICE, [`resets = ${cells};`]);
}

/** Returns what no device tree can say, or null. `protocolIds` are those that have a node. */
export function findConsumerProblem(guest: Consumers, protocolIds: ReadonlySet<number>): string | null {
  const seen = new Set<string>();
  const lists = [
    ...guest.regulators.map(({ id, name }) => ({
      place: `regulator ${id}`,
      id,
      name,
      kind: "regulator" as const,
    })),
    ...guest.consumers.map(({ id, name, kind }) => ({ place: `consumer of ${kind} ${id}`, id, name, kind })),
  ];
  for (const { place, id, name, kind } of lists) {
    const where = `${place} (${oneLine(name)})`;
    if (!isWithin(id, 0, ID_MAX)) return `${where}: the id is not within 0 to ${ID_MAX}`;
    if (seen.has(place)) return `${where} is there twice: name it once`;
    seen.add(place);
    const protocolId = PROTOCOL_OF[kind];
    if (!protocolIds.has(protocolId)) {
      return `${where} needs protocol 0x${protocolId.toString(16)} among the protocols`;
    }
  }
  for (const { id, name, kind } of guest.consumers) {
    if (kind !== "regulator" && kind !== "voltage") continue;
    const where = `consumer of ${kind} ${id} (${oneLine(name)})`;
    const regulator = guest.regulators.find((each) => each.id === id);
    if (regulator === undefined) return `${where}: the guest has no such regulator`;
    if (kind === "regulator") continue;
    if (regulator.rangeUv === null) return `${where}: the guest may not set its level; take regulator:NAME`;
    // regulator-output takes its supply for itself alone.
    if (seen.has(`consumer of regulator ${id}`)) return `${where} is one of regulator, too: name it once`;
  }
  for (const { name, rangeUv } of guest.regulators) {
    if (
      rangeUv !== null && !(isWithin(rangeUv.min, 1, rangeUv.max) && isWithin(rangeUv.max, 1, 0x7fffffff))
    ) {
      return `regulator ${
        oneLine(name)
      }: ${rangeUv.min} to ${rangeUv.max} uV is no range of positive voltages`;
    }
  }
  if (guest.processorDomains.length > 0 && !protocolIds.has(PERFORMANCE_PROTOCOL)) {
    return "processors with a performance domain need protocol 0x13 among the protocols";
  }
  const wrong = guest.processorDomains.find((id) => !isWithin(id, 0, ID_MAX));
  return wrong === undefined ? null : `performance domain ${wrong} is not within 0 to ${ID_MAX}`;
}

/** After those of all processors that a machine can have. */
const RESET_FRAGMENT = 1000;

function consumerProperties(kind: Exclude<ConsumerKind, "reset">, id: number): string[] {
  if (kind === "regulator") {
    return ['compatible = "regulator-output";', `vout-supply = <&scmi_regulator${id}>;`];
  }
  if (kind === "voltage") {
    return ['compatible = "regulator-virtual-consumer";', `default-supply = <&scmi_regulator${id}>;`];
  }
  const uses = kind === "clock" ? `clocks = <&scmi_clock ${id}>;` : `power-domains = <&scmi_power ${id}>;`;
  return ['compatible = "simple-pm-bus";', "#address-cells = <1>;", "#size-cells = <1>;", "ranges;", uses];
}

function fragment(number: number, path: string, properties: readonly string[]): string[] {
  return [
    "",
    `fragment@${number} {`,
    `\ttarget-path = "${path}";`,
    "\t__overlay__ {",
    ...indent(2, properties),
    "\t};",
    "};",
  ];
}

/** Keeps foreign text within its quotes. */
function quotable(text: string): string {
  return oneLine(text).replaceAll('"', "?");
}
