// An agent with a view of its own speaks in its own ids only: whatever it sends, it hears what the only agent of the same board
// hears that sees everything, with ids translated and without what is not in the view.
import { assert, assertEquals } from "@std/assert";
import fc from "../support/property.ts";
import { resourceNames } from "../../boards/resource_names.ts";
import { type ViewInput, WHOLE_BOARD } from "../../boards/view.ts";
import { isVendorProtocol, PROTOCOL_MESSAGES, PROTOCOLS } from "../../protocols/registry.ts";
import { createPlatform } from "../../scp/control/platform.ts";
import { hasShape, readFields } from "../../scp/core/codec.ts";
import { MESSAGE_TYPE, messageIdOf, messageTypeOf, protocolIdOf } from "../../scp/core/header.ts";
import { type CommandSchema, type Fields, HARDWARE_KINDS, type HardwareKind } from "../../scp/core/schema.ts";
import { statusName } from "../../scp/core/status.ts";
import { type CommandStep, encodeCommandStep, type ParamValues, type Step } from "../../scp/fuzz/program.ts";
import { printStep } from "../../scp/fuzz/program_text.ts";
import { stepOf } from "../../scp/fuzz/grammar.ts";
import { meaningfulValues } from "../../scp/fuzz/meaningful_values.ts";
import { createModel } from "../../scp/model/model.ts";
import { kindOf } from "../../scp/fuzz/refusals.ts";
import { connectAgent, type TestAgent } from "../support/platform.ts";
import { arbitraryView, VIEWED_BOARD } from "../support/viewed_board.ts";

type Values = Record<string, unknown>;
type Answer = { readonly status: string; readonly values: Values };

const WHOLE = resourceNames(VIEWED_BOARD);
const NONE = 0xffff_ffff;
const BASE = 0x10;

/** Two equal platforms: the agent of one has the view, that of the other sees everything. */
class Pair {
  readonly viewer: TestAgent;
  readonly #whole: TestAgent;
  readonly names: Readonly<Record<HardwareKind, readonly string[]>>;
  readonly #step: (us: number) => void;

  constructor(view: ViewInput) {
    const [viewed, whole] = [view, WHOLE_BOARD].map((each) =>
      createPlatform({ ...VIEWED_BOARD, agents: [{ ...VIEWED_BOARD.agents[0]!, view: each }] })
    );
    this.viewer = connectAgent(viewed!.machine);
    this.#whole = connectAgent(whole!.machine);
    const { view: seen } = viewed!.machine.agents.all[0]!.plan;
    this.names = Object.fromEntries(
      HARDWARE_KINDS.map((kind) => [kind, seen[kind].map(({ name }) => name)]),
    ) as unknown as Pair["names"];
    this.#step = (us) => {
      for (const { machine } of [viewed!, whole!]) machine.step(machine.nowUs() + us);
    };
  }

  /** Lets time pass; both have to hear the same. */
  pass(us: number): void {
    this.#step(us);
    this.compareHeard();
  }

  compareHeard(): void {
    const heard = this.viewer.heard.splice(0).map((message) => this.#understand(message, false));
    assertEquals(heard, this.#whole.heard.splice(0).map((message) => this.#understand(message, true)));
  }

  ask(step: CommandStep): Answer {
    return answerOf(this.viewer, step);
  }

  /** Sends what the viewer sends to the one that sees everything, ids translated. */
  askWhole(step: CommandStep, changes: ParamValues = {}): Answer {
    const params: Record<string, ParamValues[string]> = { ...step.params };
    for (const [name, field] of Object.entries(step.schema.params)) {
      const kind = field.kind === "u32" ? kindOf(field, step.schema, step.params) : null;
      if (kind === null || kind === undefined || kind === "agent" || kind === "device") continue;
      // What an agent supplies is no matter of its view.
      if (kind === "suppliedSensor") continue;
      params[name] = WHOLE[kind].indexOf(this.names[kind][params[name] as number]!);
    }
    return answerOf(this.#whole, { ...step, params: { ...params, ...changes } });
  }

  /** The viewer's id for one of the whole board; NONE for what it does not see, and for numbers that are no ids. */
  idOf(kind: HardwareKind, wholeId: number): number {
    const name = WHOLE[kind][wholeId];
    const id = name === undefined ? -1 : this.names[kind].indexOf(name);
    return id < 0 ? NONE : id;
  }

  idsOf(kind: HardwareKind, wholeIds: readonly number[]): number[] {
    return wholeIds.map((id) => this.idOf(kind, id)).filter((id) => id !== NONE).sort((a, b) => a - b);
  }

  translate(fields: Fields, values: Values): Values {
    return Object.fromEntries(
      Object.entries(fields).map(([name, field]) => {
        const value = values[name];
        if (field.kind === "u32" && field.resource !== null) {
          return [name, this.idOf(field.resource as HardwareKind, value as number)];
        }
        if (field.kind !== "list") return [name, value];
        return [name, (value as Values[]).map((item) => this.translate(field.item, item))];
      }),
    );
  }

  #understand(message: Uint8Array, isWhole: boolean): unknown {
    const view = new DataView(message.buffer, message.byteOffset, message.length);
    const header = view.getUint32(0, true);
    const protocol = PROTOCOL_MESSAGES.find(({ id }) => id === protocolIdOf(header))!;
    const id = messageIdOf(header);
    const isDelayed = messageTypeOf(header) === MESSAGE_TYPE.delayedResponse;
    const start = isDelayed ? 8 : 4;
    const layouts: readonly Fields[] = isDelayed
      ? protocol.commands.filter((schema) => schema.id === id).map(({ delayed }) => delayed ?? {})
      : protocol.notifications.filter((schema) => schema.id === id).map(({ payload }) => payload);
    const fields = layouts.find((each) => hasShape(each, message.length - start));
    // A status without values.
    if (fields === undefined) return [header, [...message.subarray(4)]];
    const values = readFields(fields, view, start, message.length) as Values;
    return [header, isWhole ? this.translate(fields, values) : values];
  }
}

function answerOf(agent: TestAgent, step: CommandStep): Answer {
  const reply = agent.loopback.exchange(encodeCommandStep(step))!;
  const view = new DataView(reply.buffer, reply.byteOffset, reply.length);
  const status = statusName(view.getInt32(4, true))!;
  const { returns } = step.schema;
  const values = status === "SUCCESS" ? readFields(returns, view, 8, reply.length) as Values : {};
  return { status, values };
}

/** The nearest power cap above one that is in the view. */
function capAbove(pair: Pair, name: string): number {
  const find = (each: string | null) => VIEWED_BOARD.powercapDomains.find((domain) => domain.name === each);
  for (let above = find(find(name)!.parent); above !== undefined; above = find(above.parent)) {
    const id = pair.names.powercapDomain.indexOf(above.name);
    if (id >= 0) return id;
  }
  return NONE;
}

/** The whole of a list that comes by pages, as the one that sees everything is told it, and the kind of its ids. */
function wholeList(pair: Pair, step: CommandStep): { kind: HardwareKind; ids: number[] } | null {
  const { name } = step.schema;
  if (name === "CLOCK_POSSIBLE_PARENTS_GET") {
    const { parents } = pair.askWhole(step, { skip: 0 }).values as { parents?: { clockId: number }[] };
    return { kind: "clock", ids: pair.idsOf("clock", (parents ?? []).map(({ clockId }) => clockId)) };
  }
  const selector = step.params.flags as number;
  if (name !== "PINCTRL_LIST_ASSOCIATIONS" || selector === 0 || selector > 2) return null;
  const { identifiers } = pair.askWhole(step, { index: 0 }).values as { identifiers: number[] };
  const one = VIEWED_BOARD.pinFunctions.find((each) =>
    each.name === pair.names.pinFunction[step.params.identifier as number]
  );
  const kind = selector === 1 || (one?.groups ?? []).length === 0 ? "pin" : "pinGroup";
  return { kind, ids: pair.idsOf(kind, identifiers) };
}

/** Sends a command to both where that makes sense, and compares. Returns how it was answered. */
function compare(pair: Pair, step: CommandStep): string {
  const { schema, params, protocol } = step;
  const { resource } = PROTOCOLS.find(({ id }) => id === protocol.id)!;
  const answer = pair.ask(step);
  if (pair.names[resource!].length === 0) {
    assertEquals(answer.status, "NOT_SUPPORTED");
    return "no protocol";
  }
  for (const [name, field] of Object.entries(schema.params)) {
    const kind = field.kind === "u32" ? kindOf(field, schema, params) : null;
    if (kind === null || kind === undefined || kind === "agent") continue;
    if ((params[name] as number) < pair.names[kind as HardwareKind].length) continue;
    // A list that is not as long as its count is no message at all.
    if (answer.status !== "PROTOCOL_ERROR") assertEquals(answer.status, "NOT_FOUND", schema.name);
    return "dead id";
  }
  switch (schema.name) {
    case "SENSOR_DESCRIPTION_GET":
      compareSensors(pair, step, answer);
      return answer.status;
    case "CLOCK_POSSIBLE_PARENTS_GET":
    case "PINCTRL_LIST_ASSOCIATIONS":
      comparePage(pair, step, answer);
      return answer.status;
    case "CLOCK_PARENT_SET":
      // Of a choice of which nothing is seen there is none.
      if (answer.status === "NOT_SUPPORTED") return answer.status;
  }
  const expected = pair.askWhole(step);
  if (schema.name === "CLOCK_PARENT_GET" && expected.status === "SUCCESS") {
    if (answer.status === "SUCCESS") {
      assertEquals(answer.values, pair.translate(schema.returns, expected.values));
    } else assertEquals(pair.idOf("clock", expected.values.parentId as number), NONE);
    return answer.status;
  }
  assertEquals(answer.status, expected.status, schema.name);
  if (answer.status !== "SUCCESS") return answer.status;
  assertEquals(answer.values, viewed(pair, step, expected.values), schema.name);
  return answer.status;
}

/** What the viewer has to be told where the other is told this. */
function viewed(pair: Pair, step: CommandStep, told: Values): Values {
  const { schema, params, protocol } = step;
  const values = pair.translate(schema.returns, told);
  const attributes = { ...values.attributes as Values };
  switch (schema.name) {
    case "PROTOCOL_ATTRIBUTES":
      return Object.fromEntries(
        Object.entries(values).map(([name, word]) => [name, withCounts(pair, protocol.id, word)]),
      );
    case "CLOCK_ATTRIBUTES": {
      const clock = VIEWED_BOARD.clocks.find(({ name }) =>
        name === pair.names.clock[params.clockId as number]
      )!;
      const isChoice = clock.parents.length > 1 &&
        clock.parents.some((name) => pair.names.clock.includes(name));
      return "hasParents" in attributes
        ? { ...values, attributes: { ...attributes, hasParents: attributes.hasParents && isChoice } }
        : values;
    }
    case "POWERCAP_DOMAIN_ATTRIBUTES":
      return { ...values, parentId: capAbove(pair, pair.names.powercapDomain[params.domainId as number]!) };
    case "PINCTRL_ATTRIBUTES": {
      const schema = protocol.commands.find(({ name }) => name === "PINCTRL_LIST_ASSOCIATIONS")!;
      const list = wholeList(pair, { ...step, schema, params: { ...params, index: 0 } });
      return list === null
        ? values
        : { ...values, attributes: { ...attributes, elementCount: list.ids.length } };
    }
    default:
      return values;
  }
}

/** A word of attributes with the numbers of what is in the view. */
function withCounts(pair: Pair, protocolId: number, word: unknown): unknown {
  if (typeof word !== "object" || word === null) return word;
  const { resource } = PROTOCOLS.find(({ id }) => id === protocolId)!;
  return Object.fromEntries(
    Object.entries(word).map(([part, value]) => {
      const noun = part.replace(/Count$/, "");
      const kind = noun === "domain" ? resource! : HARDWARE_KINDS.find((each) => each === noun);
      return [part, part.endsWith("Count") && kind !== undefined ? pair.names[kind].length : value];
    }),
  );
}

/** Descriptors come in the order of the viewer's ids; each is that of the sensor of this name. */
function compareSensors(pair: Pair, step: CommandStep, { status, values }: Answer): void {
  const index = step.params.index as number;
  const count = pair.names.sensor.length;
  if (index >= count) return assert(status !== "SUCCESS", `${index} of ${count}`);
  const whole = pair.askWhole(step, { index: 0 }).values.descriptors as { sensorId: number }[];
  const mine = new Map(whole.map((each) => [pair.idOf("sensor", each.sensorId), each]));
  const expected = Array.from(
    { length: count - index },
    (_, i) => ({ ...mine.get(index + i)!, sensorId: index + i }),
  );
  assertEquals(values.descriptors, expected);
}

function comparePage(pair: Pair, step: CommandStep, { status, values }: Answer): void {
  const list = wholeList(pair, step);
  if (list === null) return assertEquals(status, pair.askWhole(step).status);
  const skip = (step.params.skip ?? step.params.index) as number;
  const isClock = list.kind === "clock";
  if (isClock && list.ids.length === 0) return assertEquals(status, "NOT_SUPPORTED");
  if (skip >= list.ids.length && skip > 0) return assert(status !== "SUCCESS");
  const ids = isClock
    ? (values.parents as { clockId: number }[]).map(({ clockId }) => clockId)
    : values.identifiers;
  assertEquals(ids, list.ids.slice(skip));
}

/** What only some versions have, or what has to do with other agents, is left out. */
const LEFT_OUT: ReadonlySet<string> = new Set(["NEGOTIATE_PROTOCOL_VERSION", "PINCTRL_SET_PERMISSIONS"]);
const VERSION_OF = new Map(PROTOCOLS.map(({ id, releases }) => [id, releases["3.2"]]));

function isInForce(protocolId: number, { since, until }: CommandSchema): boolean {
  const version = VERSION_OF.get(protocolId) ?? 0;
  return since <= version && version <= until;
}

const LIVE_IDS = Object.fromEntries(HARDWARE_KINDS.map((kind) => [kind, [0, 1, 2]]));

const MEANINGFUL = {
  ...meaningfulValues(createModel(VIEWED_BOARD, { seed: 1 }).view, LIVE_IDS),
  skip: [0, 1],
  index: [0, 1],
};

const arbitraryStep = stepOf({
  seed: 1,
  start: { boardName: "viewed", release: "3.2", channels: [{ agentName: "OSPM", room: 4096, p2a: "all" }] },
  commands: PROTOCOL_MESSAGES.filter(({ id }) => id !== BASE && !isVendorProtocol(id)).flatMap((protocol) =>
    protocol.commands.filter((schema) => isInForce(protocol.id, schema) && !LEFT_OUT.has(schema.name))
      .map((schema) => ({ protocol, schema }))
  ),
  weights: { command: 12, raw: 0, fast: 0, time: 1, reset: 0, p2a: 0, room: 0, override: 0, fault: 0 },
  hints: {
    liveIds: LIVE_IDS,
    meaningful: MEANINGFUL,
  },
  sensorCount: 0,
  stepsMax: 60,
});

/** What the board has none of: sensors with axes, FastChannels, a full view of the system for its agent. */
const NEVER_SERVED: ReadonlySet<string> = new Set([
  "SENSOR_AXIS_DESCRIPTION_GET",
  "SENSOR_AXIS_NAME_GET",
  "PERFORMANCE_DESCRIBE_FASTCHANNEL",
  "POWERCAP_DESCRIBE_FASTCHANNEL",
  "SYSTEM_POWER_STATE_GET",
]);

/** Lets a step print as one line of a program. */
function printable(step: Step): Step {
  return Object.defineProperty(step, fc.toStringMethod, { value: () => printStep(step, ["agent"]) });
}

Deno.test("an agent with a view is told what one that sees everything is told, in ids of its own", () => {
  const answers = new Map<string, Set<string>>();
  fc.assert(
    fc.property(
      arbitraryView("control"),
      fc.array(arbitraryStep.map(printable), { minLength: 20, maxLength: 60, size: "max" }),
      (view, steps) => {
        const pair = new Pair(view);
        for (const step of steps) {
          if (step.kind === "time") pair.pass(step.us);
          if (step.kind !== "command") continue;
          const status = compare(pair, step);
          const seen = answers.get(step.schema.name) ?? new Set();
          answers.set(step.schema.name, seen.add(status));
          pair.compareHeard();
        }
      },
    ),
    { numRuns: 300 },
  );
  // Were views too small or ids too wild, nothing would have been compared.
  const unserved = [...answers].filter(([, seen]) => !seen.has("SUCCESS")).map(([name]) => name);
  assertEquals(unserved.filter((name) => !NEVER_SERVED.has(name)), []);
});
