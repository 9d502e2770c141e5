// What has to hold for a board's reset domains beyond their shape: names used once, ids without gaps.
import type { Complaints } from "./complaints.ts";
import type { ResetDomainInput } from "./reset_domain.ts";

/** Lists what is wrong with the reset domains of a board; those whose shape is wrong are null. */
export function checkResetDomains(
  domains: readonly (ResetDomainInput | null)[],
  names: readonly (string | null)[],
  complaints: Complaints,
): void {
  complaints.checkUnique(names, (index) => `resetDomains[${index}].name`);
  complaints.checkIds("resetDomains", domains);
  domains.forEach((domain, index) => {
    if (domain === null) return;
    const path = `resetDomains[${index}]`;
    complaints.checkUnique((domain.ownStates ?? []).map(String), (place) => `${path}.ownStates[${place}]`);
  });
}
