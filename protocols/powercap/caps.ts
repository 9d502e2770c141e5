// Power capping protocol: setting and reading caps and averaging intervals, and hearing of their changes. An asynchronous cap
// is answered again when it is in force. What versions 1.0 and 2.0 have; limits.ts has what replaces it in 3.0. SCMI 4.10.3.6 to 4.10.3.9 and their notification.
import type { PowercapFailure, PowerLimit } from "../../scp/model/powercap_domain.ts";
import type { CommandSchema, DelayedOf } from "../../scp/core/schema.ts";
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
  const { domainId, flags, powerCap } = params;
  if (flags.async && !domain.supportsAsync) return "NOT_SUPPORTED";
  const cap = context.capOf(powerCap);
  const told = { domainId, powerCap };
  const result = flags.async
    ? beginCapSet(context, domain, cap, messages.POWERCAP_CAP_SET, flags.ignoresDelayed, told)
    : domain.setCap(agentId, cap);
  return result === "SUCCESS" || result === "NOT_SUPPORTED" ? result : STATUS_OF_FAILURE[result];
};

/** Accepts an asynchronous cap; the delayed response is sent when that is in force, and not before. */
export function beginCapSet<S extends CommandSchema>(
  { session }: PowercapContext,
  limit: Pick<PowerLimit, "beginCapChange">,
  cap: number | null,
  schema: S,
  ignoresDelayed: boolean,
  told: DelayedOf<S>,
): "SUCCESS" | "NOT_SUPPORTED" | PowercapFailure {
  if (!session.hasP2a()) return "NOT_SUPPORTED";
  const change = limit.beginCapChange(session.agentId, cap);
  if (typeof change === "string") return change;
  const respond = session.deferResponse(schema);
  if (respond === null) {
    change.cancel();
    return "BUSY";
  }
  change.whenOver((isInForce) => {
    // A reset of the system gives up what is under way; agents outside of it still wait.
    const answer = isInForce ? told : "GENERIC_ERROR";
    respond(ignoresDelayed ? null : answer);
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
