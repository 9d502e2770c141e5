// One channel's state in the telemetry protocol: which data events are on and how they are collected. Nothing is sampled, and
// nothing costs, before the agent turns the collection on.
import type { Interval } from "../../scp/model/sensor.ts";
import type { Platform, Session, Timer } from "../protocol.ts";
import { type DataEvent, type DataEvents, dataEventsOf } from "./data_events.ts";
import { COLLECTION, EVENT_MODE } from "./messages.ts";
import { TelemetryArea } from "./telemetry_area.ts";

/** Whether and how data events are collected. */
export interface Collection {
  readonly isOn: boolean;
  /** One of COLLECTION. */
  readonly mode: number;
  readonly interval: Interval;
}

/** What is so before an agent says anything, and after TELEMETRY_RESET. */
const AT_START: Collection = {
  isOn: false,
  mode: COLLECTION.sharedArea,
  interval: { mantissa: 1, exponent: 0 },
};

/** The context of the protocol's handlers. */
export class TelemetryContext {
  readonly events: DataEvents;
  collection: Collection = AT_START;
  updateTimer: Timer | null = null;
  /** Whether the shared area holds values: since the collection was turned on, or once they were read a single time. */
  isAreaFilled = false;
  /** One of EVENT_MODE for each data event, by its place: what it was switched to by itself. */
  #eventModes: Uint8Array;
  /** The same for each group. */
  #groupModes: Uint8Array;
  /** undefined = the channel has not been asked yet. */
  #area: TelemetryArea | null | undefined;

  constructor(readonly session: Session, readonly platform: Platform) {
    this.events = dataEventsOf(platform.view.sensor);
    this.#eventModes = new Uint8Array(this.events.all.length);
    this.#groupModes = new Uint8Array(this.events.groups.length);
  }

  /** The memory in which the agent sees its data events; null = the channel has none for them. */
  get area(): TelemetryArea | null {
    if (this.#area === undefined) this.#area = TelemetryArea.map(this);
    return this.#area;
  }

  /** What a data event was switched to by itself. */
  ownModeOf(place: number): number {
    return this.#eventModes[place]!;
  }

  groupModeOf(groupId: number): number {
    return this.#groupModes[groupId]!;
  }

  /** What a data event is switched to, by itself or with its group. */
  modeOf(place: number): number {
    const { groupId } = this.events.all[place]!;
    return this.#eventModes[place]! || (groupId === null ? EVENT_MODE.off : this.#groupModes[groupId]!);
  }

  switchEvent(place: number, mode: number): void {
    this.#eventModes[place] = mode;
  }

  switchGroup(groupId: number, mode: number): void {
    this.#groupModes[groupId] = mode;
  }

  switchAllOff(): void {
    this.#eventModes.fill(EVENT_MODE.off);
    this.#groupModes.fill(EVENT_MODE.off);
  }

  /** How many data events are on. */
  enabledCount(): number {
    return this.events.all.filter((_, place) => this.modeOf(place) !== EVENT_MODE.off).length;
  }

  /** Whether the agent may have a data event's values now: its sensor may have been taken from it. */
  isAllowed({ sensorId }: DataEvent): boolean {
    return !this.platform.isDenied("sensor", sensorId);
  }

  /** Everything as before the agent came. */
  reset(): void {
    this.updateTimer?.cancel();
    this.updateTimer = null;
    this.collection = AT_START;
    this.isAreaFilled = false;
    this.switchAllOff();
  }
}
