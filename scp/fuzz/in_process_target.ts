// The platform in this process: the fuzzer plays the transport. It lends buffers with a canary behind the agent's
// room, steps virtual time and moves the hardware.
import { createMessageBuffer, type FastChannelPort, type P2aSink } from "../../transports/channel.ts";
import { MESSAGE_SIZE_MAX } from "../core/limits.ts";
import { byKind, HARDWARE_KINDS, type HardwareKind, type ResourceKind } from "../core/schema.ts";
import type { SampleFailure, Sensor } from "../model/sensor.ts";
import { PROTOCOL_MESSAGES } from "../../protocols/registry.ts";
import type { Agent } from "../server/agents.ts";
import type { Channel } from "../server/dispatcher.ts";
import type { Machine } from "../server/machine.ts";
import { judgeHardware } from "./hardware_rules.ts";
import type { ChannelPlan } from "./program.ts";
import type {
  AgentFacts,
  Exchange,
  FastPlace,
  IncomingListener,
  PlatformFacts,
  ProtocolFacts,
  ResetListener,
  RightsFacts,
  Target,
} from "./target.ts";

/** What a program may do to the simulated hardware. Both take the board's sensor ids. */
export interface Hardware {
  readonly sensors: readonly Sensor[];
  override(sensorId: number, value: number | null): void;
  setFault(sensorId: number, failure: SampleFailure | null): void;
  /** What a sensor would read without any error, in its unit; absent where there is no physics. */
  truth?(sensorId: number): readonly number[];
  /** What the hardware is in that it may never be. */
  checkInvariants?(): readonly string[];
  /** Whether requests for a resource are votes. */
  isShared?(kind: ResourceKind, name: string): boolean;
  /** Adds a listener that hears the ids of agents whose channels were reset with the system. */
  listenResets?(listener: (agentIds: readonly number[]) => void): void;
}

/** A fresh platform for one program. */
export interface FuzzPlatform {
  readonly machine: Machine;
  readonly hardware: Hardware;
}

/** An unwritten byte of a response. */
const CANARY = 0xa5;
/** An unread word of a FastChannel. */
const UNREAD = 0xa5a5_a5a5;
/** Bytes behind the agent's room that are looked at after each command. */
const CANARY_SIZE = 64;
const RESPONSE_BUFFER_SIZE = MESSAGE_SIZE_MAX + CANARY_SIZE;

/** What is known of a platform of ours: the plan it was built from. */
export function factsOf(machine: Machine, { isShared }: Pick<Hardware, "isShared"> = {}): PlatformFacts {
  return {
    isOurs: true,
    protocols: machine.plan.protocols.map(({ definition, versionMax }): ProtocolFacts => ({
      id: definition.id,
      name: definition.name,
      versionMax,
      versions: definition.versions,
      commands: definition.bindings.map(({ schema }) => schema),
      notifications: PROTOCOL_MESSAGES.find(({ id }) => id === definition.id)?.notifications ?? [],
      resource: definition.resource,
      otherResources: definition.otherResources ?? [],
      hidesCommands: definition.isShown !== undefined,
    })),
    agents: machine.agents.all.map((agent): AgentFacts => ({
      id: agent.id,
      name: agent.name,
      isTrusted: agent.plan.isTrusted,
      protocolIds: agent.protocols.map(({ definition }) => definition.id),
      counts: countsOf(machine, agent),
      namesOf: (kind) => agent.namesOf(kind),
      view: agent.plan.view,
      isShared: (kind, id) => isShared?.(kind, agent.namesOf(kind)[id] ?? "") ?? false,
      rights: rightsOf(agent),
    })),
    devices: machine.plan.devices,
  };
}

function countsOf(machine: Machine, { plan }: Agent): AgentFacts["counts"] {
  const hardware = byKind((kind) => plan.view[kind].length);
  return {
    agent: machine.agents.count + 1,
    device: machine.plan.devices.length,
    suppliedSensor: plan.supplier?.sensors.length ?? 0,
    ...hardware,
  };
}

/** Commands that every protocol has: no view takes them away. */
const EVERY = ["PROTOCOL_VERSION", "PROTOCOL_ATTRIBUTES", "PROTOCOL_MESSAGE_ATTRIBUTES"];
const COMMON: ReadonlySet<string> = new Set([...EVERY, "NEGOTIATE_PROTOCOL_VERSION"]);

function rightsOf({ plan: { rights, view } }: Agent): RightsFacts | null {
  if (rights === undefined) return null;
  const { readOnly, knownCounts, mayUse } = rights;
  const isHardware = (kind: ResourceKind): kind is HardwareKind =>
    HARDWARE_KINDS.some((hardware) => hardware === kind);
  return {
    isReadOnly: (kind, id) => isHardware(kind) && readOnly[kind]?.[id] === 1,
    isForeign: (kind, id) =>
      isHardware(kind) && knownCounts !== null && id >= view[kind].length && id < knownCounts[kind],
    forbids: (protocolName, { name }) => mayUse !== null && !COMMON.has(name) && !mayUse(protocolName, name),
  };
}

function findFast({ plans }: FastChannelPort, { protocolId, messageId, domainId }: FastPlace): number {
  return plans.findIndex((plan) =>
    plan.protocolId === protocolId && plan.messageId === messageId && plan.domainId === domainId
  );
}

interface Line {
  readonly channel: Channel;
  readonly sink: P2aSink;
  room: number;
  p2aRoom: number;
}

/** A machine with the channels of one program. */
export class InProcessTarget implements Target {
  readonly facts: PlatformFacts;
  onIncoming: IncomingListener | null = null;
  onReset: ResetListener | null = null;
  /** Channels that were reset within the exchange under way; null = there is none. */
  #resets: number[] | null = null;
  readonly #lines: Line[];
  readonly #request = createMessageBuffer(MESSAGE_SIZE_MAX);
  readonly #reply = createMessageBuffer(RESPONSE_BUFFER_SIZE);

  constructor(readonly platform: FuzzPlatform, plans: readonly ChannelPlan[]) {
    const { machine } = platform;
    machine.trace.startHash();
    this.facts = factsOf(machine, platform.hardware);
    this.#lines = plans.map((plan, place) => this.#open(plan, place));
    platform.hardware.listenResets?.((agentIds) => this.#tellResets(agentIds));
  }

  get traceHash(): number {
    return this.platform.machine.trace.hash;
  }

  supports(): boolean {
    return true;
  }

  nowUs(): number {
    return this.platform.machine.nowUs();
  }

  exchange(place: number, message: Uint8Array): Exchange {
    const { channel, room } = this.#lines[place]!;
    const size = Math.min(message.length, MESSAGE_SIZE_MAX);
    this.#request.bytes.set(message.subarray(0, size));
    const given = Math.min(room, MESSAGE_SIZE_MAX);
    const reply = this.#reply.bytes;
    reply.fill(CANARY, 0, given + CANARY_SIZE);
    const resets: number[] = [];
    this.#resets = resets;
    const replySize = channel.serve(this.#request, size, this.#reply, given);
    this.#resets = null;
    let hasOverrun = false;
    for (let at = given; at < given + CANARY_SIZE; at++) hasOverrun ||= reply[at] !== CANARY;
    return { reply: replySize > 0 ? reply.slice(0, replySize) : null, hasOverrun, resets };
  }

  writeFast(place: number, where: FastPlace, words: readonly number[]): number | null {
    const { fastChannels } = this.#lines[place]!.channel;
    const at = findFast(fastChannels, where);
    return at < 0 ? null : fastChannels.write(at, Uint32Array.from(words));
  }

  readFast(place: number, where: FastPlace): number[] | null {
    const { fastChannels } = this.#lines[place]!.channel;
    const at = findFast(fastChannels, where);
    if (at < 0) return null;
    const words = new Uint32Array(fastChannels.plans[at]!.size / Uint32Array.BYTES_PER_ELEMENT);
    // What is left alone shows.
    words.fill(UNREAD);
    fastChannels.read(at, words);
    return [...words];
  }

  pass(us: number): void {
    const { machine } = this.platform;
    machine.step(machine.nowUs() + us);
  }

  reset(place: number): void {
    this.#lines[place]!.channel.reset();
  }

  changeP2a(place: number, change: "off" | "on" | number): void {
    const line = this.#lines[place]!;
    if (change === "off") line.channel.attach(null);
    else if (change === "on") line.channel.attach(line.sink);
    else {
      line.p2aRoom += change;
      line.channel.p2aReady();
    }
  }

  setRoom(place: number, size: number): void {
    this.#lines[place]!.room = size;
  }

  override(sensorId: number, value: number | null): void {
    if (sensorId < this.platform.hardware.sensors.length) this.platform.hardware.override(sensorId, value);
  }

  setFault(sensorId: number, failure: SampleFailure | null): void {
    if (sensorId < this.platform.hardware.sensors.length) this.platform.hardware.setFault(sensorId, failure);
  }

  findHardwareProblem(): string | null {
    const { hardware } = this.platform;
    const [broken] = hardware.checkInvariants?.() ?? [];
    if (broken !== undefined) return broken;
    return hardware.truth === undefined
      ? null
      : judgeHardware(hardware.sensors, (sensorId) => hardware.truth!(sensorId));
  }

  close(): void {
    for (const { channel } of this.#lines) {
      channel.attach(null);
      channel.reset();
    }
  }

  #tellResets(agentIds: readonly number[]): void {
    for (const [place, { channel }] of this.#lines.entries()) {
      if (!agentIds.includes(channel.agent.id)) continue;
      if (this.#resets === null) this.onReset?.(place);
      else this.#resets.push(place);
    }
  }

  #open(plan: ChannelPlan, place: number): Line {
    const channel = this.platform.machine.openChannel(plan.agentName);
    if (channel === null) throw new Error(`The board has no agent '${plan.agentName}'`);
    const line: Line = {
      channel,
      room: plan.room,
      p2aRoom: typeof plan.p2a === "number" ? plan.p2a : Infinity,
      sink: {
        send: (message, size) => {
          if (line.p2aRoom <= 0) return "full";
          // The agent's buffers for messages of the platform are as large as those for responses.
          if (size > line.room) return "dropped";
          line.p2aRoom--;
          this.onIncoming?.(place, message.bytes.slice(0, size));
          return "sent";
        },
      },
    };
    if (plan.p2a !== "off") channel.attach(line.sink);
    return line;
  }
}
