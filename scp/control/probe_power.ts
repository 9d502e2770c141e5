// The power part of a probe: power domains with their state (versions 1.0 to 3.1), and the system as a whole.
// No layout changed between versions.
import * as power from "../../protocols/power/messages.ts";
import * as system from "../../protocols/system_power/messages.ts";
import type { Prober } from "./prober.ts";

/** What was found of a power domain. */
export interface ProbedPowerDomain {
  readonly id: number;
  readonly name: string;
  /** `on`, `off`, or `state N`, of which the last may add that context is lost; null = not told. */
  readonly state: string | null;
  /** How the agent may set it. */
  readonly supportsSync: boolean;
  readonly supportsAsync: boolean;
  readonly notifiesChanges: boolean;
  readonly notifiesRequests: boolean;
}

/** What was found of the system's power. */
export interface ProbedSystemPower {
  /** A state's name; null = see `failure`. */
  readonly state: string | null;
  /** Status of the state when there is none: NOT_SUPPORTED where the agent is not shown it. */
  readonly failure: string | null;
}

const POWER = power.POWER_MESSAGES.id;
const SYSTEM = system.SYSTEM_POWER_MESSAGES.id;
const NEWEST = 0x30001;

/** Asks for everything about all power domains; `version` null = the newest. */
export async function probePowerDomains(
  prober: Prober,
  version: number | null,
): Promise<ProbedPowerDomain[]> {
  const layout = version ?? NEWEST;
  const protocol = await prober.call(POWER, power.POWER_PROTOCOL_ATTRIBUTES, {}, "power");
  return await prober.each(protocol?.attributes.domainCount ?? 0, async (domainId) => {
    const about = `power domain ${domainId}`;
    const told = await prober.call(POWER, power.POWER_DOMAIN_ATTRIBUTES, { domainId }, about);
    if (told === null) return null;
    const { hasExtendedName, ...attributes } = told.attributes;
    const hasName = hasExtendedName && layout >= power.POWER_DOMAIN_NAME_GET.since;
    const extended = hasName
      ? await prober.call(POWER, power.POWER_DOMAIN_NAME_GET, { domainId }, told.name)
      : null;
    const name = extended?.name ?? told.name;
    const state = await prober.call(POWER, power.POWER_STATE_GET, { domainId }, name);
    return { id: domainId, name, state: state === null ? null : stateText(state.powerState), ...attributes };
  });
}

/** Asks for the state of the system. */
export async function probeSystemPower(prober: Prober): Promise<ProbedSystemPower> {
  const told = await prober.tryCall(SYSTEM, system.SYSTEM_POWER_STATE_GET, {});
  if (!told.ok) {
    // An agent with the view of a guest has the state not.
    if (told.status !== "NOT_SUPPORTED") prober.note(`SYSTEM_POWER_STATE_GET: ${told.status}`);
    return { state: null, failure: told.status };
  }
  const { systemState } = told.values;
  const known = Object.entries(system.SYSTEM_STATE).find(([, value]) => value === systemState);
  return { state: known?.[0] ?? `state 0x${systemState.toString(16)}`, failure: null };
}

function stateText({ isContextLost, stateId }: { isContextLost: boolean; stateId: number }): string {
  if (stateId === 0) return isContextLost ? "off" : "on";
  return `state ${stateId}${isContextLost ? ", context lost" : ""}`;
}
