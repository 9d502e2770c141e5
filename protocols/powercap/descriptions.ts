// Power capping protocol: what domains are. SCMI 4.10.3.2, 4.10.3.4, 4.10.3.10; version 3.0 from drafts of 4.0.
import type { PowercapDomain, SettableRange } from "../../scp/model/powercap_domain.ts";
import { hasExtendedName, nameReply } from "../names.ts";
import type { Handler } from "../protocol.ts";
import type { PowercapContext } from "./context.ts";
import * as messages from "./messages.ts";
import { POWERCAP_CAI_SET, POWERCAP_PAI_SET_V3 } from "./messages_v3.ts";
import type { POWERCAP_DOMAIN_ATTRIBUTES_V3 } from "./messages_v3.ts";

export const attributes: Handler<typeof messages.POWERCAP_PROTOCOL_ATTRIBUTES, PowercapContext> = (
  _params,
  { domains },
) => ({ attributes: { domainCount: domains.length } });

export const domainAttributes: Handler<typeof messages.POWERCAP_DOMAIN_ATTRIBUTES, PowercapContext> = (
  params,
  context,
) => {
  const domain = context.domains[params.domainId]!;
  const averagingRangeUs = context.rangeFor(
    messages.POWERCAP_PAI_SET.id,
    params.domainId,
    domain.averagingRangeUs,
  );
  return {
    attributes: {
      ...flagsOf(params.domainId, domain, context),
      notifiesCap: notifiesCap(domain, context),
      isAveragingConfigurable: isSettable(averagingRangeUs),
    },
    name: domain.name,
    averagingMinUs: averagingRangeUs.min,
    averagingMaxUs: averagingRangeUs.max,
    averagingStepUs: averagingRangeUs.step,
    ...powersOf(params.domainId, domain, context),
  };
};

export const domainAttributesV3: Handler<typeof POWERCAP_DOMAIN_ATTRIBUTES_V3, PowercapContext> = (
  params,
  context,
) => {
  const domain = context.domains[params.domainId]!;
  const averagingRangeUs = context.rangeFor(
    POWERCAP_PAI_SET_V3.id,
    params.domainId,
    domain.averagingRangeUs,
  );
  const first = context.rangeFor(
    POWERCAP_CAI_SET.id,
    params.domainId,
    domain.limits[0]!.averagingRangeUs,
  );
  const isCapTold = notifiesCap(domain, context);
  return {
    attributes: {
      ...flagsOf(params.domainId, domain, context),
      notifiesMeasuring: false,
      isMeasuringConfigurable: isSettable(averagingRangeUs),
      notifiesCap: isCapTold,
      isAveragingConfigurable: isSettable(first),
      notifiesAveraging: isCapTold,
      limitCount: context.limitCountOf(params.domainId),
    },
    name: domain.name,
    measuringMinUs: averagingRangeUs.min,
    measuringMaxUs: averagingRangeUs.max,
    measuringStepUs: averagingRangeUs.step,
    ...powersOf(params.domainId, domain, context),
    averagingMinUs: first.min,
    averagingMaxUs: first.max,
    averagingStepUs: first.step,
  };
};

function notifiesCap(domain: PowercapDomain, { session }: PowercapContext): boolean {
  return domain.notifiesCap && session.isOffered(messages.POWERCAP_CAP_NOTIFY.id);
}

/** The attributes that mean the same in all versions. */
function flagsOf(domainId: number, domain: PowercapDomain, context: PowercapContext) {
  const { session, fastChannels } = context;
  return {
    notifiesPower: domain.notifiesPower && session.isOffered(messages.POWERCAP_MEASUREMENTS_NOTIFY.id),
    supportsAsync: domain.supportsAsync && session.hasP2a() &&
      session.isOffered(messages.POWERCAP_CAP_SET.id),
    hasExtendedName: hasExtendedName(domain.name),
    isCapConfigurable: isSettable(capRangeOf(domainId, domain, context)),
    isMonitored: domain.isMonitored,
    unit: messages.UNIT_CODE[domain.unit],
    hasFastChannels: fastChannels.isFastResource(domainId),
  };
}

/** The powers of a domain, and its place among others. */
function powersOf(domainId: number, domain: PowercapDomain, context: PowercapContext) {
  const capRange = capRangeOf(domainId, domain, context);
  return {
    powerCapMin: capRange.min,
    powerCapMax: capRange.max,
    powerCapStep: capRange.step,
    sustainablePower: domain.sustainablePower,
    accuracy: Math.round(domain.accuracyPercent * messages.ACCURACY_PER_PERCENT),
    parentId: context.findParentId(domain) ?? messages.NO_PARENT,
  };
}

function capRangeOf(domainId: number, domain: PowercapDomain, context: PowercapContext): SettableRange {
  return context.rangeFor(messages.POWERCAP_CAP_SET.id, domainId, domain.capRange);
}

function isSettable({ min, max }: SettableRange): boolean {
  return min !== max;
}

export const nameGet: Handler<typeof messages.POWERCAP_DOMAIN_NAME_GET, PowercapContext> = (
  params,
  { domains },
) => nameReply(domains[params.domainId]!.name);
