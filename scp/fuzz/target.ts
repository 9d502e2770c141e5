// A platform under test as the fuzzer drives it, and what is known of it: in this process, or behind a socket. The
// judge sees nothing of the platform but what an agent sees, and the facts it was built from.
import type { CommandSchema, NotificationSchema, ResourceKind } from "../core/schema.ts";
import type { Step } from "./program.ts";
import type { HardwareView } from "../model/hardware.ts";
import type { SampleFailure } from "../model/sensor.ts";

/** A protocol that the platform offers. */
export interface ProtocolFacts {
  readonly id: number;
  readonly name: string;
  /** What PROTOCOL_VERSION reports. */
  readonly versionMax: number;
  /** Versions that can be negotiated; null = not known. */
  readonly versions: readonly number[] | null;
  readonly commands: readonly CommandSchema[];
  readonly notifications: readonly NotificationSchema[];
  readonly resource: ResourceKind | null;
  /** Further kinds that its ids name. */
  readonly otherResources: readonly ResourceKind[];
  /** Whether commands may be hidden from some agents. */
  readonly hidesCommands: boolean;
}

/** An agent of the platform. */
export interface AgentFacts {
  readonly id: number;
  readonly name: string;
  readonly isTrusted: boolean;
  /** Ids of the protocols that it is offered; null = not known. */
  readonly protocolIds: readonly number[] | null;
  /** How many of each kind it can name; absent = not known. */
  readonly counts: Readonly<Partial<Record<ResourceKind, number>>>;
  /** The names of its resources, in the order of their ids. */
  namesOf(kind: ResourceKind): readonly string[];
  /** What it sees of the hardware; nothing where that is not known. */
  readonly view: HardwareView;
  /** Whether its requests for a resource are votes, of which others may have more: then it need not read what it has set. */
  isShared(kind: ResourceKind, id: number): boolean;
  /** What its view lets it do; null = everything, or not known. */
  readonly rights: RightsFacts | null;
}

/** What a view lets an agent do. */
export interface RightsFacts {
  /** Whether the agent may only read a resource. */
  isReadOnly(kind: ResourceKind, id: number): boolean;
  /** Whether an id is refused as that of a resource which others have. */
  isForeign(kind: ResourceKind, id: number): boolean;
  /** Whether the view keeps a command from the agent. */
  forbids(protocolName: string, schema: CommandSchema): boolean;
}

/** What is known of a platform. */
export interface PlatformFacts {
  /**
   * Whether the platform is ours: then each refusal and the order of checks are known, not just what is allowed.
   */
  readonly isOurs: boolean;
  readonly protocols: readonly ProtocolFacts[];
  readonly agents: readonly AgentFacts[];
  readonly devices: readonly {
    readonly resources: Readonly<Partial<Record<ResourceKind, readonly string[]>>>;
  }[];
}

/** What became of a command. */
export interface Exchange {
  /** The response, as many bytes as the platform says; null = none. */
  readonly reply: Uint8Array | null;
  /** Whether the platform wrote behind the room it was given. */
  readonly hasOverrun: boolean;
  /** Places of the channels that the command reset, as when it takes the system down. */
  readonly resets: readonly number[];
}

/** Which FastChannel. */
export interface FastPlace {
  readonly protocolId: number;
  readonly messageId: number;
  readonly domainId: number;
}

/** Hears the platform's own messages. */
export type IncomingListener = (channel: number, message: Uint8Array) => void;

/** Hears that a channel was reset, other than by a program or within an exchange. */
export type ResetListener = (channel: number) => void;

/** A platform with the channels of one program. */
export interface Target {
  readonly facts: PlatformFacts;
  onIncoming: IncomingListener | null;
  onReset: ResetListener | null;
  /** Whether it can do what a step asks for; one that it cannot do is left out. */
  supports(step: Step): boolean;
  /** Virtual time, us; null when the platform has a clock of its own. */
  nowUs(): number | null;
  /** Sends bytes and waits for the response. */
  exchange(channel: number, message: Uint8Array): Exchange | Promise<Exchange>;
  /** Writes a FastChannel; returns the status that the agent is not told, null = there is no such FastChannel. */
  writeFast(channel: number, place: FastPlace, words: readonly number[]): number | null;
  /** Reads a FastChannel; null = there is no such FastChannel. */
  readFast(channel: number, place: FastPlace): number[] | null;
  /** Lets virtual time pass, or, with a clock of its own, gives the platform a chance to speak. */
  pass(us: number): void | Promise<void>;
  reset(channel: number): void | Promise<void>;
  /** Takes the platform-to-agent direction away, brings it back, or gives room for so many more messages. */
  changeP2a(channel: number, change: "off" | "on" | number): void;
  /** Sets how many bytes of a response the agent can take. */
  setRoom(channel: number, size: number): void;
  override(sensorId: number, value: number | null): void;
  setFault(sensorId: number, failure: SampleFailure | null): void;
  /** What is wrong with the hardware behind the platform; null = nothing, or it cannot be seen. */
  findHardwareProblem(): string | null;
  /** The hash of everything that happened, for comparison with another run; null = not known. */
  readonly traceHash: number | null;
  close(): void | Promise<void>;
}
