// What agents have to themselves: devices that exist, whose resources are no other agent's too, and all of which their agents may
// control. A set that its agent could not switch on would be out of everybody's reach.
import { byKind, HARDWARE_KINDS, type HardwareKind } from "../scp/core/schema.ts";
import { patternFor } from "../scp/core/name_pattern.ts";
import type { AgentInput, AgentKind } from "./agent.ts";
import type { ArbitrationInput, ClockStrategy } from "./arbitration.ts";
import type { DeviceDescription } from "./board.ts";
import type { ClockInput } from "./clock.ts";
import { type Complaints, listed } from "./complaints.ts";
import { pinsOfGroups } from "./pin.ts";
import { completePerformanceDomain, type PerformanceDomainInput } from "./performance_domain.ts";
import { completePowercapDomain, type PowercapDomainInput } from "./powercap_domain.ts";
import { completePowerDomain, type PowerDomainInput } from "./power_domain.ts";
import type { ViewEntry } from "./view_compiler.ts";
import { completeVoltageDomain, type VoltageDomainInput } from "./voltage_domain.ts";

/** The parts of a board that passed devices are about, null in place of those whose shape is wrong. */
export interface PassThroughParts {
  readonly agents: readonly (AgentInput | null)[];
  /** What each agent sees. */
  readonly views: readonly Readonly<Record<HardwareKind, readonly ViewEntry[]>>[];
  readonly devices: readonly (DeviceDescription | null)[];
  /** All names by kind, null among them for one that cannot be read; and those that agents can be shown. */
  readonly names: Readonly<Record<HardwareKind, readonly (string | null)[]>>;
  readonly shownNames: Readonly<Record<HardwareKind, readonly (string | null)[]>>;
  readonly pinGroups: readonly ({ readonly name: string; readonly pins: readonly string[] } | null)[];
  readonly clocks: readonly (ClockInput | null)[];
  readonly powerDomains: readonly (PowerDomainInput | null)[];
  readonly performanceDomains: readonly (PerformanceDomainInput | null)[];
  readonly voltageDomains: readonly (VoltageDomainInput | null)[];
  readonly powercapDomains: readonly (PowercapDomainInput | null)[];
  readonly arbitration: ArbitrationInput | null;
}

/** Strategies by which requests for a clock do nothing to it. */
const IDLE_STRATEGIES: readonly ClockStrategy[] = ["accept-ignore", "deny", "dummy"];

/** Says why an agent cannot have a resource of a device; null = it can. */
type Judge = (kind: HardwareKind, name: string) => string | null;

/** What is known here of a resource that not all agents may set. */
interface Settable {
  readonly name: string;
  readonly setBy: readonly AgentKind[];
}

/** Lists what is wrong with the devices that are passed through. */
export function checkPassThrough(parts: PassThroughParts, complaints: Complaints): void {
  /** By kind and name: whose it is. */
  const owners = new Map<string, number>();
  const devices = new Map(parts.devices.map((device) => [device?.name, device]));
  const judgeFor = judgesOf(parts);
  const known = byKind((kind) => new Set(parts.names[kind]));
  parts.agents.forEach((agent, index) => {
    agent?.passThrough?.forEach((deviceName, place) => {
      const path = `agents[${index}].passThrough[${place}]`;
      const device = devices.get(deviceName);
      if (device === undefined || device === null) {
        if (!parts.devices.includes(null)) complaints.add(path, `No device ${deviceName}`);
        return;
      }
      const judge = judgeFor(index);
      for (const kind of HARDWARE_KINDS) {
        const own = device.resources[kind] ?? [];
        const pins = kind === "pin" ? pinsOfGroups(parts.pinGroups, device.resources.pinGroup ?? []) : [];
        for (const name of new Set([...own, ...pins])) {
          const key = `${kind}/${name}`;
          const owner = owners.get(key);
          if (owner !== undefined && owner !== index) {
            complaints.add(
              path,
              `Its ${kind} ${name} is passed through to ${parts.agents[owner]!.name} already`,
            );
          }
          owners.set(key, index);
        }
        checkReach(path, kind, own.filter((name) => known[kind].has(name)), judge, complaints);
      }
    });
  });
}

/** Adds one mistake for all resources of a kind that an agent cannot have for the same reason. */
function checkReach(
  path: string,
  kind: HardwareKind,
  names: readonly string[],
  judge: Judge,
  complaints: Complaints,
): void {
  const lacking = Map.groupBy(names, (name) => judge(kind, name));
  for (const [reason, all] of lacking) {
    if (reason !== null) complaints.add(path, `Its ${kind} ${listed(all)} ${reason}`);
  }
}

function judgesOf(parts: PassThroughParts): (agentIndex: number) => Judge {
  const shown = byKind((kind) => new Set(parts.shownNames[kind]));
  const setters = settersOf(parts);
  const clocks = new Map(parts.clocks.map((clock) => [clock?.name, clock]));
  return (agentIndex) => {
    const { name: owner, kind: ownerKind } = parts.agents[agentIndex]!;
    const rights = byKind((kind) =>
      new Map(parts.views[agentIndex]![kind].map(({ name, right }) => [name, right]))
    );
    return (kind, name) => {
      if (!shown[kind].has(name)) return "shown to nobody: give it an id, or leave it out";
      const right = rights[kind].get(name);
      if (right === undefined) return `not in the view of ${owner}: give it control`;
      if (right === "read") return `only read by ${owner}: give it control`;
      if (setters.get(`${kind}/${name}`)?.includes(ownerKind) === false) {
        return `not set by agents of kind ${ownerKind}, as ${owner} is: let these set it`;
      }
      if (kind !== "clock") return null;
      if (clocks.get(name)?.rights?.[owner]?.state === false) {
        return `not switched by ${owner}: give it the right`;
      }
      return idleReason(name, owner, parts.arbitration);
    };
  };
}

/** By kind and name, the kinds of agents that may set a resource, where not all may. */
function settersOf(parts: PassThroughParts): Map<string, readonly AgentKind[]> {
  const setters = new Map<string, readonly AgentKind[]>();
  const add = <T>(kind: HardwareKind, all: readonly (T | null)[], complete: (each: T) => Settable) => {
    for (const each of all) {
      if (each === null) continue;
      const { name, setBy } = complete(each);
      setters.set(`${kind}/${name}`, setBy);
    }
  };
  add("powerDomain", parts.powerDomains, completePowerDomain);
  add("performanceDomain", parts.performanceDomains, (each) => {
    const { name, levelSetBy } = completePerformanceDomain(each);
    return { name, setBy: levelSetBy };
  });
  add("voltageDomain", parts.voltageDomains, completeVoltageDomain);
  add("powercapDomain", parts.powercapDomains, completePowercapDomain);
  return setters;
}

/** Why requests for a clock do nothing, where the board's policies say so. */
function idleReason(name: string, owner: string, arbitration: ArbitrationInput | null): string | null {
  const policies = arbitration?.clock ?? {};
  const pattern = patternFor(name, Object.keys(policies));
  if (pattern === undefined) return null;
  const { strategies } = policies[pattern]!;
  const strategy = strategies?.[owner] ?? strategies?.["*"] ?? "vote";
  if (!IDLE_STRATEGIES.includes(strategy)) return null;
  return `under arbitration.clock.${pattern}, where ${owner} has ${strategy}: give it vote, own or accept-clamp`;
}
