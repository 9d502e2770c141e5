// Lines of telemetry: the value of a data event, with the time it was taken where the agent wants that. The same in messages and
// in shared areas. scmi-devices 8.4.
import type { TelemetryContext } from "./context.ts";
import { DATA_LINE, EVENT_MODE } from "./messages.ts";

/** Timestamps count microseconds. */
export const TIMESTAMP_RATE_KHZ = 1000;

/** Words of a line, without and with a timestamp. */
const LINE_WORDS = { plain: 4, extended: 6 } as const;

/** Bytes of the longest line. */
export const LINE_SIZE_MAX = 4 * LINE_WORDS.extended;

/** A line, as messages carry it. */
export interface Line {
  readonly meta: {
    readonly type: number;
    readonly usesBlockTimestamp: boolean;
    readonly isExtended: boolean;
    readonly hasTimestamp: boolean;
    /** The sensor fails: there is no value. */
    readonly isInvalid: boolean;
  };
  readonly dataEventId: number;
  readonly value: number;
  readonly timestamp: number;
}

/** Takes the line of a data event at the present; one that is off has no value in it. */
export function lineOf(context: TelemetryContext, place: number): Line {
  const event = context.events.all[place]!;
  const mode = context.modeOf(place);
  const isOn = mode !== EVENT_MODE.off && context.isAllowed(event);
  const sample = isOn ? event.sensor.sampleAt(context.session.nowUs()) : null;
  const isValid = sample !== null && sample.failure === null;
  const hasTimestamp = isValid && mode === EVENT_MODE.withTimestamp;
  return {
    meta: {
      type: DATA_LINE,
      usesBlockTimestamp: false,
      isExtended: hasTimestamp,
      hasTimestamp,
      isInvalid: !isValid,
    },
    dataEventId: event.id,
    value: isValid ? sample.values[event.axis]! : 0,
    timestamp: hasTimestamp ? sample.timeUs : 0,
  };
}

/** What a message carries. */
export interface Collected {
  readonly dwordCount: number;
  readonly lines: readonly Line[];
}

/** Takes the lines of all data events that are on and allowed. What the agent finds in its shared area is not sent. */
export function collect(context: TelemetryContext): Collected {
  const lines: Line[] = [];
  if (context.area !== null) return { dwordCount: 0, lines };
  let dwordCount = 0;
  for (const [place, event] of context.events.all.entries()) {
    if (context.modeOf(place) === EVENT_MODE.off || !context.isAllowed(event)) continue;
    const line = lineOf(context, place);
    dwordCount += line.meta.isExtended ? LINE_WORDS.extended : LINE_WORDS.plain;
    lines.push(line);
  }
  return { dwordCount, lines };
}

/** Whether a sensor fails whose data events are on. */
export function hasFault(context: TelemetryContext): boolean {
  const { events, session } = context;
  return events.all.some((event, place) =>
    context.modeOf(place) !== EVENT_MODE.off && context.isAllowed(event) &&
    event.sensor.sampleAt(session.nowUs()).failure !== null
  );
}
