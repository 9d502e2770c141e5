// Power capping protocol, version 3.0: the concurrent limits of a domain. A domain without a cap that can be set has none to
// show, but the cap and the interval it has are read, as limit 0. Drafts of SCMI 4.0, scmi-devices 6.5.
import type { PowerLimit } from "../../scp/model/powercap_domain.ts";
import { pageOf } from "../paging.ts";
import type { Handler } from "../protocol.ts";
import { beginCapSet } from "./caps.ts";
import type { PowercapContext } from "./context.ts";
import type * as messages from "./messages_v3.ts";
import { POWERCAP_CAI_SET, POWERCAP_CAP_SET_V3 } from "./messages_v3.ts";

const LIMIT_SIZE = 48;
const RETURNED_MAX = 0xffff;

/** What agents are told for a value that is not set. */
const STATUS_OF_FAILURE = {
  FIXED: "NOT_SUPPORTED",
  DENIED: "DENIED",
  OUT_OF_RANGE: "INVALID_PARAMETERS",
  BUSY: "BUSY",
} as const;

function findLimit(
  { domainId, limitId }: { readonly domainId: number; readonly limitId: number },
  { domains }: PowercapContext,
): PowerLimit | undefined {
  return domains[domainId]!.limits[limitId];
}

export const capGet: Handler<typeof messages.POWERCAP_CAP_GET_V3, PowercapContext> = (params, context) => {
  const limit = findLimit(params, context);
  return limit === undefined ? "NOT_FOUND" : { powerCap: context.wordOf(limit, limit.cap) };
};

export const capSet: Handler<typeof messages.POWERCAP_CAP_SET_V3, PowercapContext> = (params, context) => {
  const { domainId, limitId, flags, powerCap } = params;
  const limit = findLimit(params, context);
  if (limit === undefined) return "NOT_FOUND";
  if (flags.async && !context.domains[domainId]!.supportsAsync) return "NOT_SUPPORTED";
  const cap = context.capOf(powerCap);
  const result = flags.async
    ? beginCapSet(context, limit, cap, POWERCAP_CAP_SET_V3, flags.ignoresDelayed, {
      domainId,
      powerCap,
      limitId,
    })
    : limit.setCap(context.session.agentId, cap);
  return result === "SUCCESS" || result === "NOT_SUPPORTED" ? result : STATUS_OF_FAILURE[result];
};

export const measuringGet: Handler<typeof messages.POWERCAP_PAI_GET_V3, PowercapContext> = (
  params,
  { domains },
) => ({ measuringUs: domains[params.domainId]!.averagingUs });

export const measuringSet: Handler<typeof messages.POWERCAP_PAI_SET_V3, PowercapContext> = (
  params,
  { session, domains },
) => {
  const result = domains[params.domainId]!.setMeasuring(session.agentId, params.measuringUs);
  return result === "SUCCESS" ? result : STATUS_OF_FAILURE[result];
};

export const averagingGet: Handler<typeof messages.POWERCAP_CAI_GET, PowercapContext> = (params, context) => {
  const limit = findLimit(params, context);
  return limit === undefined ? "NOT_FOUND" : { averagingUs: limit.averagingUs };
};

export const averagingSet: Handler<typeof messages.POWERCAP_CAI_SET, PowercapContext> = (params, context) => {
  const limit = findLimit(params, context);
  if (limit === undefined) return "NOT_FOUND";
  const result = limit.setAveraging(context.session.agentId, params.averagingUs);
  return result === "SUCCESS" ? result : STATUS_OF_FAILURE[result];
};

export const limitsDescribe: Handler<typeof messages.POWERCAP_CPC_ATTRIBUTES, PowercapContext> = (
  params,
  context,
) => {
  const domain = context.domains[params.domainId]!;
  if (context.limitCountOf(params.domainId) === 0) return "NOT_SUPPORTED";
  const { room } = context.session;
  const page = pageOf(domain.limits, params.index, { room, itemSize: LIMIT_SIZE, countMax: RETURNED_MAX });
  if (page === null) return "OUT_OF_RANGE";
  return {
    counts: { returned: page.items.length, remaining: page.remaining },
    limits: page.items.map(({ name, capRange, averagingRangeUs: offeredUs }, i) => {
      const averagingRangeUs = context.rangeFor(POWERCAP_CAI_SET.id, params.domainId, offeredUs);
      return {
        limitId: params.index + i,
        flags: { isCapConfigurable: capRange.min !== capRange.max },
        powerCapMin: capRange.min,
        powerCapMax: capRange.max,
        powerCapStep: capRange.step,
        averagingMinUs: averagingRangeUs.min,
        averagingMaxUs: averagingRangeUs.max,
        averagingStepUs: averagingRangeUs.step,
        name,
      };
    }),
  };
};
