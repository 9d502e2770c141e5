// What a protocol consists of: its messages, their handlers and a context per channel. The server compiles this into
// its tables; it knows no protocol by name, not even Base.
import type {
  AnswerOf,
  CommandSchema,
  DelayedOf,
  HardwareKind,
  NotificationSchema,
  ParamsOf,
  PayloadOf,
  ResourceKind,
} from "../scp/core/schema.ts";
import type { SharedAreas } from "../scp/core/shared_area.ts";
import type { FailureName } from "../scp/core/status.ts";
import type { Timer } from "../scp/core/timeline.ts";
import type { HardwareView } from "../scp/model/hardware.ts";
import type { SensorSupplier } from "../scp/model/sensor_supplier.ts";

export type { Timer } from "../scp/core/timeline.ts";

/**
 * The releases of the SCMI specification whose protocol versions a platform can show, oldest first. What is called a draft is
 * known from drafts only and may change.
 */
export const RELEASES = ["1.0", "2.0", "3.0", "3.1", "3.2", "4.0-draft"] as const;

/** A release of the SCMI specification. */
export type Release = typeof RELEASES[number];

/** What a platform shows unless told otherwise: the newest release that is no draft. */
export const DEFAULT_RELEASE: Release = "3.2";

/**
 * Completes which version of a protocol each release has, from the releases that brought a version: those after it keep it,
 * those before the first lack the protocol.
 */
export function versionsSince(
  changes: Readonly<Partial<Record<Release, number>>>,
): Pick<ProtocolDefinition, "versions" | "releases"> {
  let version: number | null = null;
  const releases = RELEASES.map((release) => [release, version = changes[release] ?? version] as const);
  return {
    versions: Object.values(changes),
    releases: Object.fromEntries(releases) as Record<Release, number | null>,
  };
}

/** Answers a command. The dispatcher has checked size, permissions, resource ids and reserved bits before. */
export type Handler<S, C> = (params: ParamsOf<S>, context: C) => AnswerOf<S>;

/** A command with its handler, the types joined. */
export interface Binding<C> {
  readonly schema: CommandSchema;
  readonly handler: (params: never, context: C) => object | string;
}

/** Joins a command and its handler. */
export function bind<S extends CommandSchema, C>(schema: S, handler: Handler<S, C>): Binding<C> {
  return { schema, handler: handler as Binding<C>["handler"] };
}

/** What one channel of one agent has with one protocol: the platform's services for its handlers. */
export interface Session {
  /** Wire id of the agent, 1 or more. */
  readonly agentId: number;
  readonly protocolId: number;
  /** The version whose layouts are in force. */
  readonly version: number;
  /** The newest version the platform offers: what PROTOCOL_VERSION reports. */
  readonly versionMax: number;
  /** Bytes that return values of the command in service may take, status not counted. */
  readonly room: number;
  /** What the channel's transport offers beside messages; null = nothing. */
  readonly sharedAreas: SharedAreas | null;
  /** Whether the agent has used up what it may send: what it has asked for beforehand, such as updates, is left out meanwhile. */
  readonly isHeld: boolean;
  /** Virtual time, us. */
  nowUs(): number;
  /** Counts what is done for the agent, as it has asked beforehand, like a command that it sends. */
  spend(): void;
  /** Whether the channel can carry notifications and delayed responses. */
  hasP2a(): boolean;
  /** Queues a notification on this channel. Drops it, and counts the drop, when the agent takes none. */
  notify<S extends NotificationSchema>(schema: S, payload: PayloadOf<S>): void;
  /**
   * Answers the command in service a second time, at `dueUs`, by a delayed response; null = the agent wants none, but the
   * command counts as pending until then. Returns false, and does nothing, when as many are pending as the channel may
   * have: the handler then answers BUSY.
   */
  respondLater<S extends CommandSchema>(
    schema: S,
    dueUs: number,
    answer: (() => DelayedOf<S> | FailureName) | null,
  ): boolean;
  /**
   * As `respondLater`, for work that is over when it is over: returns what then has to be called, once, with the answer or
   * null. Returns null, and does nothing, when as many are pending as the channel may have.
   */
  deferResponse<S extends CommandSchema>(
    schema: S,
  ): ((answer: DelayedOf<S> | FailureName | null) => void) | null;
  /** Tells the agent, if it hears of errors, that a command of this protocol fails from now on, and because of which agent. */
  reportFailure(schema: CommandSchema, status: FailureName, agentId: number): void;
  /** Runs a task at a virtual time; those due at the same time run in the order they were asked for. */
  at(timeUs: number, task: () => void): Timer;
  /** Whether a command of this protocol can be used by this agent on this channel, in the version in force. */
  isOffered(messageId: number): boolean;
  /**
   * Whether the agent may send a command of this protocol about a resource of its first kind: the command is offered, and the
   * agent's rights suffice.
   */
  mayUse(messageId: number, resourceId: number): boolean;
  /** What PROTOCOL_MESSAGE_ATTRIBUTES answers for a command that is offered. */
  messageAttributes(messageId: number): number;
  /** Puts another version in force; false when the platform does not have it. */
  negotiate(version: number): boolean;
}

/** An agent as others see it. */
export interface AgentIdentity {
  /** 0 is the platform itself. */
  readonly id: number;
  readonly name: string;
}

/** A change of permissions, from Base. */
export type PermissionResult = "SUCCESS" | "NOT_FOUND" | "DENIED";

/** The platform as a protocol sees it on behalf of one agent. */
export interface Platform {
  readonly vendor: string;
  readonly subVendor: string;
  readonly implementationVersion: number;
  /** All agents, the platform (id 0) first; ids are dense. */
  readonly agents: readonly AgentIdentity[];
  /** The hardware in the agent's view, by kind and by the agent's ids. */
  readonly view: HardwareView;
  /** The sensors that the agent supplies with values; null = none. */
  readonly supplier: SensorSupplier | null;
  /** Ids of the protocols the agent may use, Base left out, ascending. */
  readonly protocolIds: Uint8Array;
  /** Whether the agent may change the permissions of others and reset them. */
  readonly isTrusted: boolean;
  /** Allows or denies an agent a device, for one protocol or (null) for all. */
  permitDevice(
    agentId: number,
    deviceId: number,
    protocolId: number | null,
    isAllowed: boolean,
  ): PermissionResult;
  /**
   * Allows or denies an agent one resource, which the caller names by its own id. An agent that is denied the resource's
   * device stays so.
   */
  permitResource(agentId: number, kind: HardwareKind, id: number, isAllowed: boolean): PermissionResult;
  /** Whether the agent is denied a resource of its own. */
  isDenied(kind: HardwareKind, id: number): boolean;
  /** Whether the agent itself may control a resource: its view lets it, and it is not denied it. */
  mayControl(kind: HardwareKind, id: number): boolean;
  /** Puts an agent's configuration back to its default, and its permissions too if asked. */
  resetAgent(agentId: number, restoresPermissions: boolean): PermissionResult;
}

/** A command that may have a FastChannel for each resource of its protocol, in shared memory instead of messages. */
export interface FastCommand {
  readonly messageId: number;
  /**
   * Words of 32 bits in the FastChannel. An agent writes the last ones of the command's parameters: the first is the
   * resource's id, those between are 0. It reads all that the command returns.
   */
  readonly wordCount: number;
  /** Whether the agent writes or reads it. */
  readonly isWritten: boolean;
}

/** The FastChannels of a protocol. */
export interface FastChannelAccess<C> {
  /** The first version that has them. */
  readonly since: number;
  readonly commands: readonly FastCommand[];
  /** Adds a listener to what agents read of a resource; returns the function that takes it away. */
  listen(resourceId: number, context: C, changed: () => void): () => void;
}

/** A protocol, ready to be served. */
export interface ProtocolDefinition<C = unknown> {
  readonly id: number;
  readonly name: string;
  /** Versions it can speak, ascending. */
  readonly versions: readonly number[];
  /** Which version each release of the specification has; null = the release lacks the protocol. */
  readonly releases: Readonly<Record<Release, number | null>>;
  /** Its own commands; those that every protocol has are added. */
  readonly bindings: readonly Binding<C>[];
  readonly notifications: readonly NotificationSchema[];
  /** The kind of resource its ids name, if it has one. */
  readonly resource: HardwareKind | null;
  /** Further kinds that its ids name; absent: none. */
  readonly otherResources?: readonly HardwareKind[];
  /** What an agent must have some of to be offered the protocol; absent: its own kind of resource, if it has one. */
  readonly servedFor?: Exclude<ResourceKind, "agent" | "device">;
  /** Makes the state of one channel. */
  createContext(session: Session, platform: Platform): C;
  /** Frees what the context listens to, when the channel is reset or closed. Its timers stop by themselves. */
  closeContext?(context: C): void;
  /** Hears that another version is in force. */
  versionChanged?(context: C): void;
  /** Hears that the agent may have been denied or allowed something. */
  permissionsChanged?(context: C): void;
  /** Bits of PROTOCOL_MESSAGE_ATTRIBUTES for a command; absent: 0. */
  messageAttributes?(messageId: number, context: C): number;
  /** Its FastChannels; absent: it has none. */
  readonly fastChannels?: FastChannelAccess<C>;
  /** Whether this agent is shown a command that the version has; absent: always. */
  isShown?(messageId: number, context: C): boolean;
  /**
   * Hears of a command that could not be answered as it should have been (its reply did not fit), or that fails from now on,
   * and because of which agent: Base tells.
   */
  commandFailed?(context: C, header: number, status: number, agentId: number): void;
}

/** A protocol's declarations, for agents and tools: no behaviour. */
export interface ProtocolMessages {
  readonly id: number;
  readonly name: string;
  readonly commands: readonly CommandSchema[];
  readonly notifications: readonly NotificationSchema[];
}
