// Clock protocol: setting and reading rates, at once or with a delayed response, and hearing of changes. SCMI 4.6.2.6,
// 4.6.2.7, 4.6.2.10, 4.6.2.11.
import type { Clock, RateFailure, Rounding } from "../../scp/model/clock.ts";
import type { Handler } from "../protocol.ts";
import type { ClockContext } from "./context.ts";
import * as messages from "./messages.ts";

/** What agents are told for a rate that is not set. */
const STATUS_OF_FAILURE = {
  UNREACHABLE: "INVALID_PARAMETERS",
  DENIED: "DENIED",
  BUSY: "BUSY",
} as const satisfies Record<RateFailure, string>;

type RateSetParams = Parameters<Handler<typeof messages.CLOCK_RATE_SET, ClockContext>>[0];

function roundingOf({ roundsToNearest, roundsUp }: RateSetParams["flags"]): Rounding {
  if (roundsToNearest) return "nearest";
  return roundsUp ? "up" : "down";
}

export const rateSet: Handler<typeof messages.CLOCK_RATE_SET, ClockContext> = (params, context) => {
  const { flags, clockId } = params;
  const { session } = context;
  if (flags.ignoresDelayed && !flags.async) return "INVALID_PARAMETERS";
  const clock = context.clocks[clockId]!;
  // Rates beyond 2^53 are rounded, those beyond 2^63 read as negative: no clock gives one of either.
  const rateHz = Number(params.rateHz);
  const rounding = roundingOf(flags);
  if (flags.async) return beginRateSet(context, params, clock, rateHz, rounding);
  const result = clock.setRate(session.agentId, rateHz, rounding);
  return result === "SUCCESS" ? result : STATUS_OF_FAILURE[result];
};

/** Accepts an asynchronous change; the delayed response tells the rate that came into force. */
function beginRateSet(
  { session }: ClockContext,
  { clockId, flags }: RateSetParams,
  clock: Clock,
  rateHz: number,
  rounding: Rounding,
): "SUCCESS" | "INVALID_PARAMETERS" | "NOT_SUPPORTED" | "DENIED" | "BUSY" {
  if (!session.hasP2a()) return "NOT_SUPPORTED";
  const change = clock.beginRateChange(session.agentId, rateHz, rounding);
  if (typeof change === "string") return STATUS_OF_FAILURE[change];
  const answer = () => {
    const { result } = change;
    if (result === "SUCCESS") return { clockId, rateHz: clock.rateHz };
    // A reset of the system gives up what is under way; agents outside of it still wait.
    return result === null ? "GENERIC_ERROR" : STATUS_OF_FAILURE[result];
  };
  const isPending = session.respondLater(
    messages.CLOCK_RATE_SET,
    change.dueUs,
    flags.ignoresDelayed ? null : answer,
  );
  if (isPending) return "SUCCESS";
  change.cancel();
  return "BUSY";
}

export const rateGet: Handler<typeof messages.CLOCK_RATE_GET, ClockContext> = (params, { clocks }) => ({
  rateHz: clocks[params.clockId]!.rateHz,
});

export const rateNotify: Handler<typeof messages.CLOCK_RATE_NOTIFY, ClockContext> = (params, context) => {
  if (!context.clocks[params.clockId]!.notifiesRate) return "NOT_SUPPORTED";
  context.hearRates(params.clockId, params.notifyEnable.enable);
  return "SUCCESS";
};

export const rateChangeRequestedNotify: Handler<
  typeof messages.CLOCK_RATE_CHANGE_REQUESTED_NOTIFY,
  ClockContext
> = (params, context) => {
  if (!context.clocks[params.clockId]!.notifiesRequests) return "NOT_SUPPORTED";
  context.hearRequests(params.clockId, params.notifyEnable.enable);
  return "SUCCESS";
};
