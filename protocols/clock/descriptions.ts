// Clock protocol: what clocks are. Attributes, names, rates, permissions. Bits that a version does not know are 0 in it.
// SCMI 4.6.2.2 to 4.6.2.5, 4.6.2.9, 4.6.2.16.
import { ASYNC_PENDING_MAX } from "../../scp/core/limits.ts";
import { hasExtendedName, nameReply } from "../names.ts";
import { pageOf } from "../paging.ts";
import type { Handler } from "../protocol.ts";
import type { ClockContext } from "./context.ts";
import type * as messages from "./messages.ts";
import {
  CLOCK_CONFIG_SET,
  CLOCK_PARENT_SET,
  CLOCK_RATE_CHANGE_REQUESTED_NOTIFY,
  CLOCK_RATE_NOTIFY,
  CLOCK_RATE_SET,
} from "./messages.ts";

const RATE_SIZE = 8;
const RETURNED_MAX = 0xfff;
const V3 = 0x30000;

/** The commands that permissions are about. */
const CHANGING_IDS = [CLOCK_CONFIG_SET.id, CLOCK_RATE_SET.id, CLOCK_PARENT_SET.id];

export const attributes: Handler<typeof messages.CLOCK_PROTOCOL_ATTRIBUTES, ClockContext> = (
  _params,
  { clocks, session },
) => ({
  attributes: { clockCount: clocks.length, asyncPendingMax: session.hasP2a() ? ASYNC_PENDING_MAX : 0 },
});

export const clockAttributesV1: Handler<typeof messages.CLOCK_ATTRIBUTES_V1, ClockContext> = (
  params,
  { clocks },
) => {
  const { isEnabled, name } = clocks[params.clockId]!;
  return { attributes: { isEnabled }, name };
};

export const clockAttributes: Handler<typeof messages.CLOCK_ATTRIBUTES, ClockContext> = (
  params,
  context,
) => {
  const { session } = context;
  const clock = context.clocks[params.clockId]!;
  const isV3 = session.version >= V3;
  return {
    attributes: {
      notifiesRate: clock.notifiesRate && session.isOffered(CLOCK_RATE_NOTIFY.id),
      notifiesRequests: clock.notifiesRequests && session.isOffered(CLOCK_RATE_CHANGE_REQUESTED_NOTIFY.id),
      hasExtendedName: hasExtendedName(clock.name),
      hasParents: isV3 && context.parentsOf(clock).length > 0,
      hasExtendedConfig: isV3 && (clock.settingOf("dutyCycle") !== null || clock.settingOf("phase") !== null),
      isRestricted: isV3 && isRestricted(context, params.clockId),
      isEnabled: clock.isEnabled,
    },
    name: clock.name,
    enableDelayUs: clock.enableDelayUs,
  };
};

export const describeRates: Handler<typeof messages.CLOCK_DESCRIBE_RATES, ClockContext> = (
  params,
  { clocks, session },
) => {
  const { offer } = clocks[params.clockId]!;
  if (offer.kind === "steps") {
    if (params.rateIndex !== 0) return "OUT_OF_RANGE";
    const triplet = [offer.lowestHz, offer.highestHz, offer.stepHz];
    return {
      counts: { returned: triplet.length, isTriplet: true, remaining: 0 },
      rates: triplet.map((rateHz) => ({ rateHz })),
    };
  }
  const bounds = { room: session.room, itemSize: RATE_SIZE, countMax: RETURNED_MAX };
  const page = pageOf(offer.ratesHz, params.rateIndex, bounds);
  if (page === null) return "OUT_OF_RANGE";
  return {
    counts: { returned: page.items.length, isTriplet: false, remaining: page.remaining },
    rates: page.items.map((rateHz) => ({ rateHz })),
  };
};

export const nameGet: Handler<typeof messages.CLOCK_NAME_GET, ClockContext> = (params, { clocks }) =>
  nameReply(clocks[params.clockId]!.name);

export const getPermissions: Handler<typeof messages.CLOCK_GET_PERMISSIONS, ClockContext> = (
  { clockId },
  context,
) => {
  if (!isRestricted(context, clockId)) return "NOT_SUPPORTED";
  const { clocks, session } = context;
  const own = clocks[clockId]!.permissionsOf(session.agentId);
  return {
    permissions: {
      state: own.state && session.mayUse(CLOCK_CONFIG_SET.id, clockId),
      rate: own.rate && session.mayUse(CLOCK_RATE_SET.id, clockId),
      parent: own.parent && session.mayUse(CLOCK_PARENT_SET.id, clockId),
    },
  };
};

/** Whether there is something about a clock that this agent may not change. */
function isRestricted({ clocks, session }: ClockContext, clockId: number): boolean {
  return clocks[clockId]!.isRestricted ||
    CHANGING_IDS.some((messageId) => !session.mayUse(messageId, clockId));
}
