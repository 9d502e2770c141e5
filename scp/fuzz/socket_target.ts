// A platform behind `message:` sockets, of any make: asked what it is before the first program, brought back to its
// defaults before each, and driven in its own time. What only a simulation can do (virtual time, rooms, faults) is
// left out.
import type { AgentChannel } from "../../transports/channel.ts";
import { FRAME_LENGTH_MAX, FRAME_LENGTH_MIN } from "../../transports/message/frame.ts";
import { AgentClient, type CallResult } from "../agent/agent.ts";
import { hostDelay } from "../core/clock.ts";
import { HEADER_SIZE, MESSAGE_TYPE, messageTypeOf } from "../core/header.ts";
import { NO_HARDWARE } from "../model/hardware.ts";
import type { CommandSchema, Fields, ParamsOf, ResourceKind, ReturnsOf } from "../core/schema.ts";
import { BASE_DISCOVER_AGENT, BASE_RESET_AGENT_CONFIGURATION } from "../../protocols/base/messages.ts";
import { NEGOTIATE_PROTOCOL_VERSION, PROTOCOL_VERSION } from "../../protocols/every_protocol.ts";
import { isVendorProtocol, PROTOCOL_MESSAGES, PROTOCOLS } from "../../protocols/registry.ts";
import { FuzzError } from "./fuzz_error.ts";
import type { Step } from "./program.ts";
import type {
  AgentFacts,
  Exchange,
  IncomingListener,
  PlatformFacts,
  ProtocolFacts,
  ResetListener,
  Target,
} from "./target.ts";

/** Opens the channel of an agent; throws a FuzzError when it cannot be opened. */
export type Connect = () => Promise<AgentChannel>;

/** One of the channels of a program: whose it is, and how it is opened. */
export interface SocketEnd {
  readonly agentId: number;
  readonly connect: Connect;
}

const BASE_ID = 0x10;
const SELF = 0xffff_ffff;
/** Host time in which a command has to be answered, ms. */
const ANSWER_MAX_MS = 2_000;
/** The longest that a step of time takes here, ms. */
const PASS_MAX_MS = 50;

const POSSIBLE_STEPS: ReadonlySet<Step["kind"]> = new Set(["command", "raw", "time", "reset"]);

/** Calls commands of a platform that may have stopped to answer: it throws a FuzzError then. */
class PatientClient {
  readonly #client: AgentClient;

  constructor(channel: AgentChannel, readonly answerMaxMs: number) {
    this.#client = new AgentClient(channel);
  }

  async call<S extends CommandSchema>(
    protocolId: number,
    schema: S,
    params: ParamsOf<S>,
  ): Promise<CallResult<ReturnsOf<S>>> {
    const answered = new AbortController();
    const late = hostDelay(this.answerMaxMs, answered.signal).then(() => null);
    const result = await Promise.race([this.#client.call(protocolId, schema, params), late]);
    answered.abort();
    if (result !== null && (result.ok || result.status !== "NO_ANSWER")) return result;
    throw new FuzzError(
      `The platform does not answer ${schema.name} of protocol 0x${
        protocolId.toString(16)
      }: is it still running?`,
    );
  }

  close(): void {
    this.#client.close();
  }
}

/**
 * Asks a platform what it is, as each of its agents. Throws a FuzzError when a command has no answer within
 * `answerMaxMs` of host time.
 */
export async function surveyPlatform(
  connects: readonly Connect[],
  answerMaxMs = ANSWER_MAX_MS,
): Promise<PlatformFacts> {
  const surveys: Awaited<ReturnType<typeof surveyAgent>>[] = [];
  for (const connect of connects) {
    const client = new PatientClient(await connect(), answerMaxMs);
    try {
      surveys.push(await surveyAgent(client));
    } finally {
      client.close();
    }
  }
  const protocols = surveys.flatMap((survey) => survey.protocols);
  return {
    isOurs: false,
    protocols: protocols.filter(({ id }, place) => protocols.findIndex((each) => each.id === id) === place),
    agents: surveys.map(({ agent }) => agent),
    devices: [],
  };
}

async function surveyAgent(
  client: PatientClient,
): Promise<{ agent: AgentFacts; protocols: ProtocolFacts[] }> {
  const protocols: ProtocolFacts[] = [];
  const counts: Partial<Record<ResourceKind, number>> = {};
  for (const { id, name, commands, notifications } of PROTOCOL_MESSAGES) {
    // By such an id another platform may mean anything.
    if (isVendorProtocol(id)) continue;
    const answer = await client.call(id, PROTOCOL_VERSION, {});
    if (!answer.ok) continue;
    protocols.push({
      id,
      name,
      versionMax: answer.values.version,
      versions: null,
      commands,
      notifications,
      resource: null,
      otherResources: [],
      hidesCommands: true,
    });
    const attributes = commands.find((schema) => schema.name === "PROTOCOL_ATTRIBUTES");
    if (attributes !== undefined) Object.assign(counts, await countsOf(client, id, attributes));
  }
  // The platform itself is an agent, too, and counts are without it.
  if (counts.agent !== undefined) counts.agent++;
  const self = await client.call(BASE_ID, BASE_DISCOVER_AGENT, { agentId: SELF });
  const agent: AgentFacts = {
    id: self.ok ? self.values.agentId : SELF,
    name: self.ok ? self.values.name : "agent",
    isTrusted: false,
    protocolIds: protocols.map(({ id }) => id),
    counts,
    namesOf: () => [],
    isShared: () => false,
    rights: null,
    view: NO_HARDWARE,
  };
  return { agent, protocols };
}

/** Numbers of resources: parts of the attributes that are named after a kind, as `sensorCount`, or `domainCount`. */
async function countsOf(
  client: PatientClient,
  protocolId: number,
  schema: CommandSchema,
): Promise<Partial<Record<ResourceKind, number>>> {
  const answer = await client.call(protocolId, schema, {});
  if (!answer.ok) return {};
  const counts: [string, number][] = [];
  const kind = PROTOCOLS.find(({ id }) => id === protocolId)?.resource;
  for (const [name, field] of Object.entries(schema.returns as Fields)) {
    if (field.kind !== "bits32") continue;
    const word = answer.values[name] as unknown as Record<string, number>;
    for (const part of Object.keys(field.parts)) {
      if (!part.endsWith("Count")) continue;
      const noun = part.slice(0, -"Count".length);
      counts.push([noun === "domain" ? kind ?? noun : noun, word[part]!]);
    }
  }
  return Object.fromEntries(counts);
}

interface Line {
  channel: AgentChannel;
  /** Header of the command under way. */
  header: number;
  answer: ((reply: Uint8Array | null) => void) | null;
  /** Whether the response has come, but has not been judged yet. */
  isAnswered: boolean;
  /** What came right behind a response: it is heard when that has been judged, as it may follow from it. */
  behind: Uint8Array[];
}

/** A platform behind sockets, with the channels of one program. */
export class SocketTarget implements Target {
  readonly traceHash = null;
  onIncoming: IncomingListener | null = null;
  onReset: ResetListener | null = null;
  readonly #lines: Line[] = [];

  private constructor(
    readonly facts: PlatformFacts,
    readonly ends: readonly SocketEnd[],
    readonly answerMaxMs: number,
  ) {}

  /**
   * Connects the channels of a program, each with its agent's configuration at its defaults. Throws a FuzzError when
   * the platform cannot be reached or does not answer within `answerMaxMs` of host time.
   */
  static async open(
    facts: PlatformFacts,
    ends: readonly SocketEnd[],
    answerMaxMs = ANSWER_MAX_MS,
  ): Promise<SocketTarget> {
    const target = new SocketTarget(facts, ends, answerMaxMs);
    try {
      for (const end of ends) target.#lines.push(await target.#connect(target.#lines.length, end));
    } catch (error) {
      target.close();
      throw error;
    }
    return target;
  }

  supports(step: Step): boolean {
    return POSSIBLE_STEPS.has(step.kind);
  }

  nowUs(): null {
    return null;
  }

  async exchange(place: number, message: Uint8Array): Promise<Exchange> {
    // Shorter and longer ones have no frame.
    if (message.length < FRAME_LENGTH_MIN || message.length > FRAME_LENGTH_MAX) {
      return { reply: null, hasOverrun: false, resets: [] };
    }
    this.#hearBehind();
    const line = this.#lines[place]!;
    const { promise, resolve } = Promise.withResolvers<Uint8Array | null>();
    line.isAnswered = false;
    line.header = headerOf(message);
    line.answer = resolve;
    const timeout = new AbortController();
    void hostDelay(this.answerMaxMs, timeout.signal).then(() => resolve(null));
    line.channel.send(message);
    const reply = await promise;
    timeout.abort();
    line.answer = null;
    return { reply, hasOverrun: false, resets: [] };
  }

  pass(us: number): Promise<void> {
    this.#hearBehind();
    return hostDelay(Math.min(us / 1000, PASS_MAX_MS));
  }

  async reset(place: number): Promise<void> {
    this.#lines[place]!.channel.close();
    this.#lines[place] = await this.#connect(place, this.ends[place]!);
  }

  writeFast(): null {
    return null;
  }

  readFast(): null {
    return null;
  }

  findHardwareProblem(): null {
    return null;
  }

  changeP2a(): void {}

  setRoom(): void {}

  override(): void {}

  setFault(): void {}

  close(): void {
    for (const { channel } of this.#lines) channel.close();
  }

  async #connect(place: number, { agentId, connect }: SocketEnd): Promise<Line> {
    const channel = await connect();
    try {
      await this.#restoreDefaults(new PatientClient(channel, this.answerMaxMs), agentId);
    } catch (error) {
      channel.close();
      throw error;
    }
    const line: Line = { channel, header: 0, answer: null, isAnswered: false, behind: [] };
    channel.onMessage = (message) => this.#take(place, line, message);
    channel.onClose = () => line.answer?.(null);
    return line;
  }

  /** A platform may keep what an earlier connection has set. */
  async #restoreDefaults(client: PatientClient, agentId: number): Promise<void> {
    const flags = { resetPermissions: true };
    await client.call(BASE_ID, BASE_RESET_AGENT_CONFIGURATION, { agentId, flags });
    for (const { id, versionMax } of this.facts.protocols) {
      await client.call(id, NEGOTIATE_PROTOCOL_VERSION, { version: versionMax });
    }
  }

  #take(place: number, line: Line, message: Uint8Array): void {
    const header = headerOf(message);
    const type = messageTypeOf(header);
    const isUnasked = type === MESSAGE_TYPE.delayedResponse || type === MESSAGE_TYPE.notification;
    // A command of a wrong type comes back with that type.
    if (line.answer !== null && line.isAnswered) {
      line.behind.push(message);
    } else if (line.answer !== null && (!isUnasked || header === line.header)) {
      line.isAnswered = true;
      line.answer(message);
    } else {
      this.onIncoming?.(place, message);
    }
  }

  #hearBehind(): void {
    for (const [place, { behind }] of this.#lines.entries()) {
      for (const message of behind.splice(0)) this.onIncoming?.(place, message);
    }
  }
}

function headerOf(message: Uint8Array): number {
  if (message.length < HEADER_SIZE) return 0;
  return new DataView(message.buffer, message.byteOffset).getUint32(0, true);
}
