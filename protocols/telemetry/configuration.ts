// Telemetry protocol: which data events are on. A group is switched as a whole: while it is, its data events cannot be switched by
// themselves, and the other way round.
import { REPLY_SIZE_MAX } from "../../scp/core/limits.ts";
import { pageOf } from "../paging.ts";
import type { Handler } from "../protocol.ts";
import type { TelemetryContext } from "./context.ts";
import { LINE_SIZE_MAX } from "./lines.ts";
import * as messages from "./messages.ts";
import { EVENT_MODE } from "./messages.ts";

const ENABLED_SIZE = 8;
const RETURNED_MAX = 0xffff;
/** Header, agent id, status and number of words: what stands before the lines of an update. */
const UPDATE_HEAD_SIZE = 16;

/** Data events that may be on when they go by message: all have to fit into one. */
export const ENABLED_COUNT_MAX = Math.floor((REPLY_SIZE_MAX - UPDATE_HEAD_SIZE) / LINE_SIZE_MAX);

type Configure = Handler<typeof messages.TELEMETRY_DE_CONFIGURE, TelemetryContext>;

/** Handles TELEMETRY_DE_CONFIGURE. */
export const configure: Configure = (params, context) => {
  const { disablesAll, isGroup, mode } = params.flags;
  if (mode > EVENT_MODE.withTimestamp) return "INVALID_PARAMETERS";
  if (disablesAll) {
    if (mode !== EVENT_MODE.off) return "INVALID_PARAMETERS";
    context.switchAllOff();
    return NOWHERE;
  }
  return isGroup
    ? configureGroup(params.identifier, mode, context)
    : configureEvent(params.identifier, mode, context);
};

/** What is off, or goes by message, has no place in an area. */
const NOWHERE = { areaId: messages.NONE, lineOffset: 0, blockTimestampOffset: 0 } as const;

function configureEvent(id: number, mode: number, context: TelemetryContext): ReturnType<Configure> {
  const place = context.events.findPlace(id);
  if (place === undefined) return "INVALID_PARAMETERS";
  const event = context.events.all[place]!;
  if (!context.isAllowed(event)) return "DENIED";
  if (event.groupId !== null && context.groupModeOf(event.groupId) !== EVENT_MODE.off) return "IN_USE";
  if (mode === EVENT_MODE.withTimestamp && event.sensor.timestampExponent === null) return "NOT_SUPPORTED";
  const added = context.ownModeOf(place) === EVENT_MODE.off && mode !== EVENT_MODE.off ? 1 : 0;
  if (!hasRoomFor(added, context)) return "OUT_OF_RANGE";
  context.switchEvent(place, mode);
  return placeOf(place, mode, context);
}

function configureGroup(groupId: number, mode: number, context: TelemetryContext): ReturnType<Configure> {
  const members = context.events.groups[groupId];
  if (members === undefined) return "INVALID_PARAMETERS";
  const [first] = members;
  if (!context.isAllowed(first!)) return "DENIED";
  const firstPlace = context.events.findPlace(first!.id)!;
  const isOnByItself = members.some((_, i) => context.ownModeOf(firstPlace + i) !== EVENT_MODE.off);
  if (isOnByItself && mode !== EVENT_MODE.off) return "IN_USE";
  if (mode === EVENT_MODE.withTimestamp && first!.sensor.timestampExponent === null) return "NOT_SUPPORTED";
  const isAdded = context.groupModeOf(groupId) === EVENT_MODE.off && mode !== EVENT_MODE.off;
  if (!hasRoomFor(isAdded ? members.length : 0, context)) return "OUT_OF_RANGE";
  context.switchGroup(groupId, mode);
  return placeOf(firstPlace, mode, context);
}

/** Whether so many more data events can be on. */
function hasRoomFor(added: number, context: TelemetryContext): boolean {
  return context.area !== null || context.enabledCount() + added <= ENABLED_COUNT_MAX;
}

/** Where the line of a data event, or the first line of a group, is seen. */
function placeOf(place: number, mode: number, { area }: TelemetryContext) {
  if (area === null || mode === EVENT_MODE.off) return NOWHERE;
  return { areaId: area.id, lineOffset: area.offsetOf(place), blockTimestampOffset: 0 };
}

export const listEnabled: Handler<typeof messages.TELEMETRY_DE_ENABLED_LIST, TelemetryContext> = (
  params,
  context,
) => {
  const { events, session } = context;
  const modes = params.flags.isGroup
    ? events.groups.map((_, groupId) => ({ identifier: groupId, mode: context.groupModeOf(groupId) }))
    : events.all.map(({ id }, place) => ({ identifier: id, mode: context.modeOf(place) }));
  const enabled = modes.filter(({ mode }) => mode !== EVENT_MODE.off);
  // Nothing is an empty list, not an error: an agent that starts asks what there is.
  if (enabled.length === 0 && params.index === 0) {
    return { counts: { returned: 0, remaining: 0 }, enabled: [] };
  }
  const bounds = { room: session.room, itemSize: ENABLED_SIZE, countMax: RETURNED_MAX };
  const page = pageOf(enabled, params.index, bounds);
  if (page === null) return "OUT_OF_RANGE";
  return {
    counts: { returned: page.items.length, remaining: page.remaining },
    enabled: page.items.map(({ identifier, mode }) => ({ identifier, mode: { mode } })),
  };
};
