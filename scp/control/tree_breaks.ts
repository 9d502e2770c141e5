// What of a device tree made for an agent of one board means something else on another board, or nothing: ids
// that name another resource, and what the tree says of resources whose ids have not moved. Pins, groups and
// functions are named in a tree, not numbered; power caps and the system's power are not in it at all.
import type { HardwareKind } from "../core/schema.ts";
import type { Board } from "../../boards/board.ts";
import type { Release } from "../../protocols/protocol.ts";
import { reportView, type SeenResource, type ViewReport } from "./agent_view.ts";
import { deviceTreeLabel, type GuestDescription, zoneNames } from "./device_tree.ts";
import type { GuestRegulator } from "./device_tree_consumers.ts";
import type { GuestGpioLine } from "./device_tree_gpio.ts";
import { describeGuest } from "./guest_description.ts";
import { sensorUnit } from "./sensor_units.ts";
import { KIND_TITLES } from "./view_text.ts";

/** A place of a device tree that is wrong on the new board. */
export interface TreeBreak {
  /** A phandle with its specifier, or a node. */
  readonly place: string;
  /** What it was for, and what it is now. */
  readonly problem: string;
}

/** An agent's view with what its guest is told. */
export interface ViewedGuest {
  readonly report: ViewReport;
  readonly guest: GuestDescription;
}

/** Views an agent, which the board has to have, with all that a guest of it can have in its tree. */
export function viewGuest(board: Board, agent: string, release: Release): ViewedGuest {
  const chosen = {
    processorDomains: [],
    consumers: [],
    transport: { kind: "virtio" },
    hasGpio: true,
  } as const;
  return { report: reportView(board, agent), guest: describeGuest(board, agent, release, chosen) };
}

/** By kind, the protocol whose node has the ids. */
const PROTOCOL_OF: Readonly<Partial<Record<HardwareKind, number>>> = {
  sensor: 0x15,
  clock: 0x14,
  powerDomain: 0x11,
  performanceDomain: 0x13,
  resetDomain: 0x16,
  voltageDomain: 0x17,
};

/** Returns what breaks of a tree that was made for `before`; after null = the board has no such agent. */
export function treeBreaks(before: ViewedGuest, after: ViewedGuest | null): TreeBreak[] {
  const gone = before.guest.protocolIds
    .filter((id) => after?.guest.protocolIds.includes(id) !== true)
    .map((id) => ({
      place: `protocol@${id.toString(16)}`,
      problem: after === null ? "the board has no such agent" : "the agent is not served this protocol",
    }));
  const moved = before.report.resources.flatMap((resource) => movedBreaks(resource, before, after));
  if (after === null) return [...gone, ...moved];
  return [
    ...gone,
    ...moved,
    ...sensorBreaks(before, after),
    ...powerBreaks(before, after),
    ...regulatorBreaks(before, after),
    ...lineBreaks(before.guest.gpioLines, after.guest.gpioLines),
  ];
}

/** What breaks where a tree names the id of something that has another one now, or none. */
function movedBreaks(resource: SeenResource, old: ViewedGuest, now: ViewedGuest | null): TreeBreak[] {
  const { kind, id, name } = resource;
  const protocolId = PROTOCOL_OF[kind];
  if (protocolId === undefined || isAtPlace(now, kind, id, name)) return [];
  const heir = now === null ? null : nameOf(now, kind, id);
  const problem = `was ${KIND_TITLES[kind]} ${name}, is ${heir ?? "nothing"} now`;
  const label = deviceTreeLabel(protocolId);
  const places = label === null ? [] : [`<&${label} ${id}>`];
  return [...places, ...nodesOf(kind, id, old.guest)].map((place) => ({ place, problem }));
}

/** The nodes of the old overlay itself that have the id. */
function nodesOf(kind: HardwareKind, id: number, guest: GuestDescription): string[] {
  if (kind === "voltageDomain") {
    return guest.regulators.some((regulator) => regulator.id === id) ? [regulatorPlace(id)] : [];
  }
  return kind === "sensor" ? zonePlaces(id, guest) : [];
}

/** What is not what it was: the quantity of a sensor, or whether its guest heats what it measures. */
function sensorBreaks(old: ViewedGuest, now: ViewedGuest): TreeBreak[] {
  return old.guest.sensors.flatMap(({ id, name, typeCode }) => {
    const heir = now.guest.sensors[id];
    const places = zonePlaces(id, old.guest);
    if (heir === undefined || heir.name !== name) return [];
    if (heir.typeCode !== typeCode) {
      const problem = `${name} was of type ${sensorUnit(typeCode).type}, is ${
        sensorUnit(heir.typeCode).type
      } now`;
      return [`<&${deviceTreeLabel(PROTOCOL_OF.sensor!)} ${id}>`, ...places].map((place) => ({
        place,
        problem,
      }));
    }
    if (heir.zone !== null) return [];
    return places.map((place) => ({
      place,
      problem: `nothing that its guest heats is measured by ${name} now`,
    }));
  });
}

/** Parents of power domains are two lists in the protocol's node. */
function powerBreaks(old: ViewedGuest, now: ViewedGuest): TreeBreak[] {
  const nameIn = (viewed: ViewedGuest, id: number | undefined) =>
    (id === undefined ? null : nameOf(viewed, "powerDomain", id)) ?? "nothing";
  return old.guest.powerParents.flatMap(({ childId, parentId }) => {
    const child = nameIn(old, childId);
    const heirId = now.guest.powerParents.find((each) => each.childId === childId)?.parentId;
    if (!isAtPlace(now, "powerDomain", childId, child)) return [];
    const [was, is] = [nameIn(old, parentId), nameIn(now, heirId)];
    if (was === is && parentId === heirId) return [];
    const problem = `${child} was below ${was}, is below ${is === was ? `${is} of another id` : is} now`;
    return [{ place: `protocol@11/power-domains-child-ids <${childId}>`, problem }];
  });
}

/** A regulator of a tree may do less than it says: a wider range, or leave to switch off, breaks nothing. */
function regulatorBreaks(old: ViewedGuest, now: ViewedGuest): TreeBreak[] {
  return old.guest.regulators.flatMap((regulator) => {
    const { id, name } = regulator;
    if (!isAtPlace(now, "voltageDomain", id, name)) return [];
    const problem = lossOf(regulator, now.guest.regulators.find((each) => each.id === id));
    return problem === null ? [] : [{ place: regulatorPlace(id), problem: `${name}: ${problem}` }];
  });
}

function lossOf(old: GuestRegulator, now: GuestRegulator | undefined): string | null {
  if (now === undefined) return "is no regulator that its guest could set now";
  const { rangeUv } = old;
  if (rangeUv !== null && now.rangeUv === null) return "its level may not be set now";
  if (rangeUv !== null && (rangeUv.min < now.rangeUv!.min || rangeUv.max > now.rangeUv!.max)) {
    const text = ({ min, max }: { min: number; max: number }) => `${min} to ${max} uV`;
    return `its range was ${text(rangeUv)}, is ${text(now.rangeUv!)} now`;
  }
  return now.isAlwaysOn && !old.isAlwaysOn ? "may not be switched off now" : null;
}

/** Lines of the GPIO device go by their numbers. */
function lineBreaks(old: readonly GuestGpioLine[], now: readonly GuestGpioLine[]): TreeBreak[] {
  return old.flatMap(({ number, name, use }) => {
    const heir = now.find((each) => each.number === number);
    if (heir?.name === name && heir.use === use) return [];
    const place = use === "key" ? `scmi-gpio-keys/key-${number}` : `scmi-counter-${number}`;
    const is = heir === undefined ? "nothing that drivers use" : `${heir.use} ${heir.name}`;
    return [{ place, problem: `was ${use} ${name}, is ${is} now` }];
  });
}

function isAtPlace(viewed: ViewedGuest | null, kind: HardwareKind, id: number, name: string): boolean {
  return viewed !== null && nameOf(viewed, kind, id) === name;
}

function nameOf({ report }: ViewedGuest, kind: HardwareKind, id: number): string | null {
  return report.resources.find((each) => each.kind === kind && each.id === id)?.name ?? null;
}

function regulatorPlace(id: number): string {
  return `protocol@17/regulators/regulator@${id.toString(16)}`;
}

/** The thermal zone of a sensor, if the tree has one. */
function zonePlaces(id: number, { sensors }: GuestDescription): string[] {
  const zoned = sensors.filter(({ zone }) => zone !== null);
  const place = zoned.findIndex((sensor) => sensor.id === id);
  return place < 0 ? [] : [`thermal-zones/${zoneNames(zoned.map(({ name }) => name))[place]}`];
}
