// The power capping part of a probe: attributes, cap, averaging interval and measured power of each domain.
// Versions 1.0 and 2.0 have the same layouts; only what a cap of 0 means differs. Version 3.0 is asked for
// its limits, too.
import * as powercap from "../../protocols/powercap/messages.ts";
import { POWERCAP_CAP_GET_V3, POWERCAP_PAI_GET_V3, V3 } from "../../protocols/powercap/messages_v3.ts";
import { probeAttributesV3, type ProbedPowerLimit, probePowerLimits } from "./probe_power_limits.ts";
import type { Prober } from "./prober.ts";

/** What was found of a power capping domain; null = not told. Powers are in its unit. */
export interface ProbedPowercapDomain {
  readonly id: number;
  readonly name: string;
  /** The domain it is part of; null = none. */
  readonly parentId: number | null;
  /** null = a number that has no meaning. */
  readonly unit: string | null;
  readonly cap: number | null;
  /** Whether there is no cap now: version 2.0 says so. */
  readonly isUncapped: boolean;
  readonly caps: { readonly min: number; readonly max: number; readonly step: number };
  readonly averagingUs: number | null;
  readonly averagings: { readonly minUs: number; readonly maxUs: number; readonly stepUs: number };
  /** The power measured; null where it is not monitored, too. */
  readonly power: number | null;
  readonly sustainablePower: number;
  readonly accuracyPercent: number;
  readonly isCapConfigurable: boolean;
  readonly isAveragingConfigurable: boolean;
  readonly isMonitored: boolean;
  readonly supportsAsync: boolean;
  readonly notifiesCap: boolean;
  readonly notifiesPower: boolean;
  readonly hasFastChannels: boolean;
  /** The limits kept at the same time; null = the version has but one. */
  readonly limits: readonly ProbedPowerLimit[] | null;
}

const POWERCAP = powercap.POWERCAP_MESSAGES.id;

/** Asks for everything about all power capping domains; `version` null = the newest. */
export async function probePowercapDomains(
  prober: Prober,
  version: number | null,
): Promise<ProbedPowercapDomain[]> {
  const isV3 = (version ?? powercap.V2) >= V3;
  const canBeUncapped = (version ?? powercap.V2) >= powercap.V2;
  const protocol = await prober.call(POWERCAP, powercap.POWERCAP_PROTOCOL_ATTRIBUTES, {}, "powercap");
  return await prober.each(protocol?.attributes.domainCount ?? 0, async (domainId) => {
    const params = { domainId };
    const about = `power capping domain ${domainId}`;
    const told = isV3
      ? await probeAttributesV3(prober, domainId, about)
      : await prober.call(POWERCAP, powercap.POWERCAP_DOMAIN_ATTRIBUTES, params, about);
    if (told === null) return null;
    const { hasExtendedName, unit, ...attributes } = told.attributes;
    const extended = hasExtendedName
      ? await prober.call(POWERCAP, powercap.POWERCAP_DOMAIN_NAME_GET, params, told.name)
      : null;
    const name = extended?.name ?? told.name;
    const { cap, averagingUs } = await probeValues(prober, domainId, name, isV3);
    const measured = attributes.isMonitored
      ? await prober.call(POWERCAP, powercap.POWERCAP_MEASUREMENTS_GET, params, name)
      : null;
    return {
      id: domainId,
      name,
      parentId: told.parentId === powercap.NO_PARENT ? null : told.parentId,
      unit: Object.entries(powercap.UNIT_CODE).find(([, code]) => code === unit)?.[0] ?? null,
      cap,
      isUncapped: canBeUncapped && cap === powercap.NO_CAP,
      caps: { min: told.powerCapMin, max: told.powerCapMax, step: told.powerCapStep },
      averagingUs,
      averagings: { minUs: told.averagingMinUs, maxUs: told.averagingMaxUs, stepUs: told.averagingStepUs },
      power: measured?.power ?? null,
      sustainablePower: told.sustainablePower,
      accuracyPercent: told.accuracy / powercap.ACCURACY_PER_PERCENT,
      ...attributes,
      limits: "limitCount" in told
        ? told.limitCount === 0 ? [] : await probePowerLimits(prober, domainId, name)
        : null,
    };
  });
}

/** Asks for the cap in force, in version 3.0 that of the first limit, and the interval of measurements. */
async function probeValues(prober: Prober, domainId: number, name: string, isV3: boolean) {
  if (isV3) {
    const first = await prober.call(POWERCAP, POWERCAP_CAP_GET_V3, { domainId, limitId: 0 }, name);
    const measuring = await prober.call(POWERCAP, POWERCAP_PAI_GET_V3, { domainId }, name);
    return { cap: first?.powerCap ?? null, averagingUs: measuring?.measuringUs ?? null };
  }
  const cap = await prober.call(POWERCAP, powercap.POWERCAP_CAP_GET, { domainId }, name);
  const averaging = await prober.call(POWERCAP, powercap.POWERCAP_PAI_GET, { domainId }, name);
  return { cap: cap?.powerCap ?? null, averagingUs: averaging?.averagingUs ?? null };
}
