// The reset part of a probe: names and attributes of reset domains, versions 1.0 to 3.1. No layout changed
// between versions.
import * as reset from "../../protocols/reset/messages.ts";
import type { Prober } from "./prober.ts";

/** What was found of a reset domain. */
export interface ProbedResetDomain {
  readonly id: number;
  readonly name: string;
  readonly supportsAsync: boolean;
  readonly notifies: boolean;
  /** Time a reset takes; null = not known. */
  readonly latencyUs: number | null;
}

const RESET = reset.RESET_MESSAGES.id;
const NEWEST = 0x30001;

/** Asks for everything about all reset domains; `version` null = the newest. */
export async function probeResetDomains(
  prober: Prober,
  version: number | null,
): Promise<ProbedResetDomain[]> {
  const layout = version ?? NEWEST;
  const protocol = await prober.call(RESET, reset.RESET_PROTOCOL_ATTRIBUTES, {}, "reset");
  return await prober.each(protocol?.attributes.domainCount ?? 0, async (domainId) => {
    const about = `reset domain ${domainId}`;
    const told = await prober.call(RESET, reset.RESET_DOMAIN_ATTRIBUTES, { domainId }, about);
    if (told === null) return null;
    const { hasExtendedName, ...attributes } = told.attributes;
    const hasName = hasExtendedName && layout >= reset.RESET_DOMAIN_NAME_GET.since;
    const extended = hasName
      ? await prober.call(RESET, reset.RESET_DOMAIN_NAME_GET, { domainId }, told.name)
      : null;
    return {
      id: domainId,
      name: extended?.name ?? told.name,
      ...attributes,
      latencyUs: told.latencyUs === reset.LATENCY_UNKNOWN ? null : told.latencyUs,
    };
  });
}
