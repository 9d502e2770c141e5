// Power capping protocol: setting and reading caps and averaging intervals, and hearing of their changes. An asynchronous cap
// is answered again when it is in force. SCMI 4.10.3.6 to 4.10.3.9 and their notification.
import type { PowercapDomain, PowercapFailure } from "../../scp/model/powercap_domain.ts";
import type { Handler } from "../protocol.ts";
import type { PowercapContext } from "./context.ts";
import * as messages from "./messages.ts";

/** What agents are told for a value that is not set. */
const STATUS_OF_FAILURE = {
  FIXED: "NOT_SUPPORTED",
  DENIED: "DENIED",
  OUT_OF_RANGE: "OUT_OF_RANGE",
  BUSY: "BUSY",
} as const satisfies Record<PowercapFailure, string>;

export const capGet: Handler<typeof messages.POWERCAP_CAP_GET, PowercapContext> = (params, context) => {
  const domain = context.domains[params.domainId]!;
  return { powerCap: context.wordOf(domain, domain.cap) };
};

export const capSet: Handler<typeof messages.POWERCAP_CAP_SET, PowercapContext> = (params, context) => {
  const { agentId } = context.session;
  const domain = context.domains[params.domainId]!;
  if (params.flags.async) return beginCapSet(params, context, domain);
  const result = domain.setCap(agentId, context.capOf(params.powerCap));
  return result === "SUCCESS" ? result : STATUS_OF_FAILURE[result];
};

/** Accepts an asynchronous cap; the delayed response tells the one that came into force. */
function beginCapSet(
  { domainId, flags, powerCap }: Parameters<typeof capSet>[0],
  context: PowercapContext,
  domain: PowercapDomain,
): ReturnType<typeof capSet> {
  const { session } = context;
  if (!domain.supportsAsync || !session.hasP2a()) return "NOT_SUPPORTED";
  const change = domain.beginCapChange(session.agentId, context.capOf(powerCap));
  if (typeof change === "string") return STATUS_OF_FAILURE[change];
  const respond = session.deferResponse(messages.POWERCAP_CAP_SET);
  if (respond === null) {
    change.cancel();
    return "BUSY";
  }
  change.whenOver((isInForce) => {
    // A reset of the system gives up what is under way; agents outside of it still wait.
    const answer = isInForce ? { domainId, powerCap } : "GENERIC_ERROR";
    respond(flags.ignoresDelayed ? null : answer);
  });
  return "SUCCESS";
}

export const averagingGet: Handler<typeof messages.POWERCAP_PAI_GET, PowercapContext> = (
  params,
  { domains },
) => ({ averagingUs: domains[params.domainId]!.averagingUs });

export const averagingSet: Handler<typeof messages.POWERCAP_PAI_SET, PowercapContext> = (
  params,
  { session, domains },
) => {
  const result = domains[params.domainId]!.setAveraging(session.agentId, params.averagingUs);
  return result === "SUCCESS" ? result : STATUS_OF_FAILURE[result];
};

export const capNotify: Handler<typeof messages.POWERCAP_CAP_NOTIFY, PowercapContext> = (params, context) => {
  if (!context.domains[params.domainId]!.notifiesCap) return "NOT_SUPPORTED";
  context.hearCap(params.domainId, params.notifyEnable.enable);
  return "SUCCESS";
};
