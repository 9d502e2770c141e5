// Power capping protocol: the power that domains draw, read or told when it gets beyond thresholds. SCMI 4.10.3.11 and its
// notification.
import type { Handler } from "../protocol.ts";
import { type PowercapContext, powerWordOf } from "./context.ts";
import * as messages from "./messages.ts";

export const measurementsGet: Handler<typeof messages.POWERCAP_MEASUREMENTS_GET, PowercapContext> = (
  params,
  { domains },
) => {
  const domain = domains[params.domainId]!;
  if (!domain.isMonitored) return "NOT_SUPPORTED";
  return { power: powerWordOf(domain.measure()), averagingUs: domain.averagingUs };
};

export const measurementsNotify: Handler<
  typeof messages.POWERCAP_MEASUREMENTS_NOTIFY,
  PowercapContext
> = (params, context) => {
  const { domainId, notifyEnable, powerLow, powerHigh } = params;
  if (powerLow > powerHigh) return "INVALID_PARAMETERS";
  if (!context.domains[domainId]!.notifiesPower) return "NOT_SUPPORTED";
  context.hearPower(domainId, notifyEnable.enable, powerLow, powerHigh);
  return "SUCCESS";
};
