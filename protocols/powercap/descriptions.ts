// Power capping protocol: what domains are. SCMI 4.10.3.2, 4.10.3.4, 4.10.3.10.
import { hasExtendedName, nameReply } from "../names.ts";
import type { Handler } from "../protocol.ts";
import type { PowercapContext } from "./context.ts";
import * as messages from "./messages.ts";

export const attributes: Handler<typeof messages.POWERCAP_PROTOCOL_ATTRIBUTES, PowercapContext> = (
  _params,
  { domains },
) => ({ attributes: { domainCount: domains.length } });

export const domainAttributes: Handler<typeof messages.POWERCAP_DOMAIN_ATTRIBUTES, PowercapContext> = (
  params,
  context,
) => {
  const domain = context.domains[params.domainId]!;
  const { capRange, averagingRangeUs } = domain;
  const hasP2a = context.session.hasP2a();
  return {
    attributes: {
      notifiesCap: domain.notifiesCap && hasP2a,
      notifiesPower: domain.notifiesPower && hasP2a,
      supportsAsync: domain.supportsAsync && hasP2a,
      hasExtendedName: hasExtendedName(domain.name),
      isCapConfigurable: capRange.min !== capRange.max,
      isMonitored: domain.isMonitored,
      isAveragingConfigurable: averagingRangeUs.min !== averagingRangeUs.max,
      unit: messages.UNIT_CODE[domain.unit],
      hasFastChannels: context.fastChannels.isFastResource(params.domainId),
    },
    name: domain.name,
    averagingMinUs: averagingRangeUs.min,
    averagingMaxUs: averagingRangeUs.max,
    averagingStepUs: averagingRangeUs.step,
    powerCapMin: capRange.min,
    powerCapMax: capRange.max,
    powerCapStep: capRange.step,
    sustainablePower: domain.sustainablePower,
    accuracy: Math.round(domain.accuracyPercent * messages.ACCURACY_PER_PERCENT),
    parentId: context.findParentId(domain) ?? messages.NO_PARENT,
  };
};

export const nameGet: Handler<typeof messages.POWERCAP_DOMAIN_NAME_GET, PowercapContext> = (
  params,
  { domains },
) => nameReply(domains[params.domainId]!.name);
