// What an agent may expect of its channel, from what it sent and what was answered: versions in force, subscriptions,
// delayed responses that have to come. The judge's own memory; nothing in it is asked of the platform.
import type { CommandSchema, NotificationSchema } from "../core/schema.ts";
import type { AgentFacts, PlatformFacts, ProtocolFacts } from "./target.ts";
import type { ParamValues } from "./program.ts";

/** A command that is to be answered a second time. */
export interface DelayedCommand {
  readonly schema: CommandSchema;
  readonly params: ParamValues;
}

/** A delayed response that has been promised. */
export interface PendingResponse {
  readonly header: number;
  /** The command that it answers; several, when it cannot be told any more which. */
  commands: readonly DelayedCommand[];
  /** Whether it has to come: not once the agent took the platform-to-agent direction away. */
  isDue: boolean;
}

/** Notifications that an agent asked for with one command for one set of ids. */
export interface Subscription {
  readonly protocolId: number;
  readonly schema: CommandSchema;
  readonly ids: ReadonlyMap<string, number>;
  /** False: turned off, but messages from before may still be on their way. */
  isOn: boolean;
}

/** What a sensor has been set to on a channel; null = not known. */
export interface SensorSettings {
  isEnabled: boolean | null;
  hasTimestamps: boolean | null;
  /** Bits 31:11 of the configuration word. */
  intervalWord: number | null;
  /** The interval that was asked for last, and how to round it. */
  wanted: { readonly us: number; readonly rounding: number } | null;
  /** Directions that each trip point was ever set to tell of, as bits. */
  readonly tripDirections: Map<number, number>;
}

/** The expectations of one channel. */
export class ChannelState {
  /** The version in force by protocol id. */
  readonly versions = new Map<number, number>();
  pending: PendingResponse[] = [];
  subscriptions: Subscription[] = [];
  readonly settings = new Map<number, SensorSettings>();
  /** Totals of paged lists by what was asked. */
  readonly totals = new Map<string, number>();
  /** The last timestamp by sensor and axis, in responses. */
  readonly timestamps = new Map<number, number[]>();
  /** The same in messages of the platform's own, which may be late. */
  readonly heardTimestamps = new Map<number, number[]>();
  /** Updates that came by sensor, since time passed last. */
  readonly updateCounts = new Map<number, number>();
  /** Messages of the platform that may be held back for want of room: what was turned off may still come. */
  mayHoldBack = false;

  /** Clocks that tell no rate, from before anything was asked. */
  readonly #silentClockIds: ReadonlySet<number>;

  /** A transition of the system may give up what is under way. */
  mayGiveUp = false;

  constructor(
    readonly facts: PlatformFacts,
    readonly agent: AgentFacts,
    readonly label: string,
    public hasP2a: boolean,
    public p2aRoom: number,
    public room: number,
  ) {
    this.#silentClockIds = new Set(agent.view.clock.flatMap(({ rateHz }, id) => rateHz === 0 ? [id] : []));
    this.forget();
  }

  /** Whether a clock tells 0 Hz, whatever its rate is. */
  hidesRate(clockId: number): boolean {
    return this.#silentClockIds.has(clockId);
  }

  /** The channel starts anew. */
  forget(): void {
    for (const { id, versionMax } of this.facts.protocols) this.versions.set(id, versionMax);
    this.pending = [];
    this.subscriptions = [];
    this.settings.clear();
    this.totals.clear();
    this.mayHoldBack = this.p2aRoom <= 0;
  }

  /** The agent takes no messages any more, or another set of buffers: what waits is given up. */
  loseMessages(): void {
    for (const pending of this.pending) pending.isDue = false;
    this.mayHoldBack = this.p2aRoom <= 0;
    this.#sweep();
  }

  /** Room was given or used: with room left, nothing is held back. */
  noteRoom(): void {
    if (this.p2aRoom > 0) {
      this.mayHoldBack = false;
      this.#sweep();
    } else {
      this.mayHoldBack = true;
    }
  }

  /** The command that a message id means in the version in force. */
  findCommand(protocol: ProtocolFacts, messageId: number): CommandSchema | undefined {
    const version = this.versions.get(protocol.id)!;
    return protocol.commands.find((schema) => {
      // An agent that went back can come forward again: negotiation goes by the newest version.
      const inForce = schema.name === "NEGOTIATE_PROTOCOL_VERSION" ? protocol.versionMax : version;
      return schema.id === messageId && schema.since <= inForce && inForce <= schema.until;
    });
  }

  /** The notifications of an id: those of the version in force, or, while messages are held back, of any. */
  findNotifications(protocol: ProtocolFacts, messageId: number): NotificationSchema[] {
    const version = this.versions.get(protocol.id)!;
    return protocol.notifications.filter(({ id, since, until }) =>
      id === messageId && (this.mayHoldBack || (since <= version && version <= until))
    );
  }

  /** Turns notifications on or off. */
  subscribe(
    protocolId: number,
    schema: CommandSchema,
    ids: ReadonlyMap<string, number>,
    isOn: boolean,
  ): void {
    const known = this.subscriptions.find((each) =>
      each.protocolId === protocolId && each.schema.name === schema.name &&
      [...ids].every(([name, id]) => each.ids.get(name) === id)
    );
    if (known !== undefined) known.isOn = isOn;
    else if (isOn) this.subscriptions.push({ protocolId, schema, ids, isOn });
    if (!this.mayHoldBack) this.#sweep();
  }

  /** Something was set: lists that go by it may have another length. */
  forgetLists(isChanging: (key: string) => boolean): void {
    for (const key of [...this.totals.keys()]) if (isChanging(key)) this.totals.delete(key);
  }

  settingsOf(sensorId: number): SensorSettings {
    let settings = this.settings.get(sensorId);
    if (settings === undefined) {
      const sensor = this.agent.view.sensor[sensorId];
      settings = {
        isEnabled: sensor?.startsEnabled ?? null,
        hasTimestamps: sensor === undefined ? null : false,
        intervalWord: null,
        wanted: null,
        tripDirections: new Map(),
      };
      this.settings.set(sensorId, settings);
    }
    return settings;
  }

  #sweep(): void {
    this.subscriptions = this.subscriptions.filter(({ isOn }) => isOn);
  }
}
