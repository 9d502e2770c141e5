// What can be asked of the running core from outside (command line, HTTP, tests): the calls with their
// parameters, and the shapes of what they tell. Plain data that survives a structured clone. JSON schemas of
// the same: views.ts.
import type { MediationDescription } from "../../boards/mediation.ts";
import type { TimeMode } from "../core/clock.ts";
import type { HardwareKind } from "../core/schema.ts";
import type { TraceEvent, TraceKind } from "../core/trace.ts";
import type { BeliefEvent } from "../model/arbitration/belief.ts";
import type { SystemDecision } from "../model/system_decision.ts";
import type { SystemCondition } from "../model/system_power.ts";
import type { SampleFailure } from "../model/sensor.ts";
import type { ViewReport } from "./agent_view.ts";
import type { HardwareView, HardwareViewKind, HardwareViews } from "./hardware_views.ts";
import type { EventResource } from "./trace_codes.ts";
import type { Release } from "../../protocols/protocol.ts";

/** An agent and a socket it is served at. */
export interface EndpointView {
  /** The transport specification, for example `virtio:/run/user/0/scp/rcar/ospm.virtio.sock,agent=OSPM`. */
  readonly spec: string;
  readonly transport: string;
  readonly path: string;
  readonly agent: string;
}

/** A protocol the platform serves. */
export interface ProtocolView {
  readonly id: number;
  readonly name: string;
  /** Major in bits 31:16, minor below. */
  readonly version: number;
}

/** The platform as a whole. */
export interface PlatformView {
  readonly name: string;
  readonly title: string;
  readonly identity: {
    readonly vendor: string;
    readonly subVendor: string;
    readonly implementationVersion: number;
  };
  readonly agents: readonly { readonly id: number; readonly name: string; readonly isTrusted: boolean }[];
  readonly protocols: readonly ProtocolView[];
  readonly release: Release;
  readonly seed: number;
  readonly time: TimeMode;
  /** Virtual time, us. */
  readonly nowUs: number;
  readonly sensorCount: number;
  readonly endpoints: readonly EndpointView[];
}

/** A sensor and what it says now. Lists have one entry per axis; a scalar sensor has one. */
export interface SensorView {
  readonly id: number;
  readonly name: string;
  readonly type: string;
  readonly typeCode: number;
  readonly unit: string;
  readonly unitExponent: number;
  /** Names of the axes; null = scalar. */
  readonly axes: readonly string[] | null;
  /** The agent that supplies its values; null = it measures. */
  readonly suppliedBy: string | null;
  /** What agents read, in wire units; empty while it fails. */
  readonly readings: readonly number[];
  /** The same in the unit of the sensor. */
  readonly values: readonly number[];
  /** What the model says before any error of the sensor, in its unit. */
  readonly truth: readonly number[];
  /** When the reading was taken: virtual time, us. */
  readonly timestampUs: number;
  readonly isOverridden: boolean;
  readonly fault: SampleFailure | null;
}

/** Something that can be set in the world around the platform. */
export interface InputView {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /**
   * What it was set to from outside; null = the board has it. A frequency is a request, which another one of an agent or a
   * reset of the system may have replaced.
   */
  readonly value: number | null;
}

/** A GPIO line. */
export type GpioLineView = HardwareViews["gpioLines"];

/** One channel of an agent. */
export interface ChannelView {
  /** The endpoint's specification; null for a channel inside the process. */
  readonly spec: string | null;
  /** Whether the platform can send on its own: an agent is there and takes notifications. */
  readonly isAttached: boolean;
}

/** An agent with its channels. */
export interface AgentView {
  readonly id: number;
  readonly name: string;
  readonly isTrusted: boolean;
  /** How the agent is served beside the others, and how often it was held for having sent too much. */
  readonly service: MediationDescription & { readonly isHeld: boolean; readonly heldCount: number };
  /** Commands since the start on all its channels, those that ended included, by protocol. */
  readonly protocols: readonly {
    readonly protocol: string;
    readonly messages: readonly {
      readonly id: number;
      readonly name: string;
      readonly count: number;
      readonly refusedCount: number;
      readonly fastCount: number;
      readonly fastRefusedCount: number;
    }[];
  }[];
  readonly channels: readonly ChannelView[];
}

/** The power of the system as a whole. */
export interface SystemView {
  readonly condition: SystemCondition;
  /** What it is to each agent. */
  readonly agents: readonly {
    readonly name: string;
    readonly isThere: boolean;
    readonly finds: SystemCondition;
  }[];
  /** The last decisions, the oldest first. */
  readonly decisions: readonly (Omit<SystemDecision, "agentId"> & { readonly agent: string })[];
}

/** Something an agent believes that is not so. */
export interface BeliefView extends Omit<BeliefEvent, "agentId" | "differs"> {
  readonly agent: string;
}

/** A difference that began or ended. */
export interface ToldBeliefView extends BeliefView {
  /** Whether they differ from then on. */
  readonly differs: boolean;
}

/** A resource under a policy, with the votes that count. */
export interface SharedResourceView {
  readonly kind: HardwareKind;
  readonly name: string;
  readonly votes: readonly {
    readonly agent: string;
    readonly about: string;
    readonly wanted: string;
  }[];
}

/** What agents share, and what came of their requests. */
export interface ArbitrationView {
  /** Resources under a policy that an agent has voted for. */
  readonly resources: readonly SharedResourceView[];
  /** What agents believe and is not so now. */
  readonly differences: readonly BeliefView[];
  /** When differences began and ended: the last ones, the oldest first. */
  readonly log: readonly ToldBeliefView[];
}

/** Events of each kind since the start. */
export interface TraceView {
  readonly nowUs: number;
  readonly counts: Readonly<Record<TraceKind, number>>;
}

/** An event with what it is about. */
export interface ToldEvent extends TraceEvent {
  /** Null where it is not about a resource of the board. */
  readonly resource: EventResource | null;
}

/** What happened since an earlier look. */
export interface EventBatch {
  /** The newest events, oldest first, at most EVENT_PAGE of them. */
  readonly events: readonly ToldEvent[];
  /** How many more there were, too many to be told one by one. */
  readonly droppedCount: number;
  /** Events since the start: where the next look begins. */
  readonly nextSequence: number;
}

/** Why a call was refused: nothing of that name, a value that makes no sense, not in this mode, or the core is gone. */
export type RefusalReason = "notFound" | "invalid" | "conflict" | "gone";

/** What came of a call; a problem is one line: what, where, what to do. */
export type CallOutcome<T> = { readonly ok: true; readonly value: T } | {
  readonly ok: false;
  readonly reason: RefusalReason;
  readonly problem: string;
};

interface Call<P, R> {
  readonly params: P;
  readonly result: CallOutcome<R>;
}

/** Every call. */
export interface ControlCalls {
  readonly platform: Call<null, PlatformView>;
  /** Sensors from an index on, at most SENSOR_PAGE of them: the core must not be kept from its agents. */
  readonly sensors: Call<{ readonly from: number }, readonly SensorView[]>;
  readonly sensor: Call<{ readonly name: string }, SensorView>;
  /** Makes a sensor read these values, in its unit, until it is released. */
  readonly override: Call<{ readonly name: string; readonly values: readonly number[] }, SensorView>;
  readonly release: Call<{ readonly name: string }, SensorView>;
  /** Resources of a kind from an index on, at most HARDWARE_PAGE of them. */
  readonly hardware: Call<
    { readonly kind: HardwareViewKind; readonly from: number },
    readonly HardwareView[]
  >;
  /** One resource by name. */
  readonly hardwareNamed: Call<{ readonly kind: HardwareViewKind; readonly name: string }, HardwareView>;
  readonly inputs: Call<null, readonly InputView[]>;
  /** Sets an input of the model; null gives it back to the board. */
  readonly setInput: Call<{ readonly name: string; readonly value: number | null }, InputView>;
  /** Makes a GPIO line show a level, whatever moves it; null = no longer. */
  readonly overrideLine: Call<{ readonly name: string; readonly level: 0 | 1 | null }, GpioLineView>;
  /** Agents from a place on, at most AGENT_PAGE of them. */
  readonly agents: Call<{ readonly from: number }, readonly AgentView[]>;
  /** What an agent sees, with resources from a place on, at most VIEW_PAGE of them. */
  readonly agentView: Call<{ readonly name: string; readonly from: number }, ViewReport>;
  readonly system: Call<null, SystemView>;
  /** Resources under a policy from a place on, voted for or not, at most SHARED_PAGE of them. */
  readonly shared: Call<{ readonly from: number }, readonly SharedResourceView[]>;
  /** What agents believe and is not so, from a place on, at most BELIEF_PAGE of that. */
  readonly differences: Call<{ readonly from: number }, readonly BeliefView[]>;
  /** The last differences that began or ended, of which a bounded number is kept. */
  readonly beliefLog: Call<null, readonly ToldBeliefView[]>;
  readonly trace: Call<null, TraceView>;
  /** Moves stepped time on. */
  readonly step: Call<{ readonly us: number }, { readonly nowUs: number }>;
  /**
   * Tells events from a sequence number on; null = tells only where the next look begins. The outside asks, so that the
   * core never waits for who is told.
   */
  readonly events: Call<{ readonly fromSequence: number | null }, EventBatch>;
  /** Closes all endpoints and ends the core. */
  readonly stop: Call<null, null>;
}

/** Their names. */
export type CallName = keyof ControlCalls;

/** Resources of a view told by one call. */
export const VIEW_PAGE = 256;

/** Sensors told by one call. */
export const SENSOR_PAGE = 16;

/** Agents told by one call, each with its counts of messages. */
export const AGENT_PAGE = 16;

/** Resources under a policy told by one call, each with the votes of all agents. */
export const SHARED_PAGE = 16;

/** Differences told by one call. */
export const BELIEF_PAGE = 256;

/** Events told by one call. */
export const EVENT_PAGE = 256;

/** Virtual time that one step may cover, us: an hour of physics takes the core about a second. */
export const STEP_MAX_US = 3_600_000_000;

/** Whoever talks to a running core. */
export interface CoreClient {
  call<N extends CallName>(name: N, params: ControlCalls[N]["params"]): Promise<ControlCalls[N]["result"]>;
}
