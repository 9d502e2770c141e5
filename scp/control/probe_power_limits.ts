// What a probe asks of power capping in version 3.0 where older versions have other messages: the attributes
// of a domain with the cap of its first limit, and all of its limits. Drafts of SCMI 4.0.
import * as v3 from "../../protocols/powercap/messages_v3.ts";
import { POWERCAP_MESSAGES } from "../../protocols/powercap/messages.ts";
import type { Prober } from "./prober.ts";

/** What was found of a limit; null = not told. Powers are in the domain's unit. */
export interface ProbedPowerLimit {
  readonly name: string;
  /** 0 = there is none now. */
  readonly cap: number | null;
  readonly caps: { readonly min: number; readonly max: number; readonly step: number };
  /** The interval over which power is averaged to compare it with the cap. */
  readonly averagingUs: number | null;
  readonly averagings: { readonly minUs: number; readonly maxUs: number; readonly stepUs: number };
}

const POWERCAP = POWERCAP_MESSAGES.id;
/** No domain can count more. */
const LIMIT_COUNT_MAX = 15;

/** Asks for the attributes of a domain; they are those of older versions, and more. */
export async function probeAttributesV3(prober: Prober, domainId: number, about: string) {
  const told = await prober.call(POWERCAP, v3.POWERCAP_DOMAIN_ATTRIBUTES_V3, { domainId }, about);
  if (told === null) return null;
  const { attributes, measuringMinUs, measuringMaxUs, measuringStepUs, ...others } = told;
  return {
    ...others,
    attributes: {
      hasExtendedName: attributes.hasExtendedName,
      unit: attributes.unit,
      isCapConfigurable: attributes.isCapConfigurable,
      isAveragingConfigurable: attributes.isMeasuringConfigurable,
      isMonitored: attributes.isMonitored,
      supportsAsync: attributes.supportsAsync,
      notifiesCap: attributes.notifiesCap,
      notifiesPower: attributes.notifiesPower,
      hasFastChannels: attributes.hasFastChannels,
    },
    averagingMinUs: measuringMinUs,
    averagingMaxUs: measuringMaxUs,
    averagingStepUs: measuringStepUs,
    limitCount: attributes.limitCount,
  };
}

/** Asks for all limits of a domain that has some. */
export async function probePowerLimits(
  prober: Prober,
  domainId: number,
  domainName: string,
): Promise<ProbedPowerLimit[]> {
  const described = await prober.gather(LIMIT_COUNT_MAX, async (index) => {
    const page = await prober.call(POWERCAP, v3.POWERCAP_CPC_ATTRIBUTES, { domainId, index }, domainName);
    return page === null ? null : { items: page.limits, remaining: page.counts.remaining };
  });
  return await prober.each(described.length, async (place) => {
    const { limitId, name, ...ranges } = described[place]!;
    const params = { domainId, limitId };
    const about = `${domainName} ${name}`;
    const cap = await prober.call(POWERCAP, v3.POWERCAP_CAP_GET_V3, params, about);
    const averaging = await prober.call(POWERCAP, v3.POWERCAP_CAI_GET, params, about);
    return {
      name,
      cap: cap?.powerCap ?? null,
      caps: { min: ranges.powerCapMin, max: ranges.powerCapMax, step: ranges.powerCapStep },
      averagingUs: averaging?.averagingUs ?? null,
      averagings: {
        minUs: ranges.averagingMinUs,
        maxUs: ranges.averagingMaxUs,
        stepUs: ranges.averagingStepUs,
      },
    };
  });
}
