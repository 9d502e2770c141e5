// Two agents with views of their own on one board send whatever they like, come and go, and have a trusted one allow and deny them
// what they see: none is answered what it may not see, none changes what it may not control, and none notices what another does to
// what it does not see.
import { assert, assertEquals } from "@std/assert";
import fc from "../support/property.ts";
import { defineBoard } from "../../boards/board.ts";
import { resourceNames } from "../../boards/resource_names.ts";
import {
  FOREIGN_ANSWERS,
  type ForeignAnswer,
  type Right,
  RIGHTS,
  type ViewInput,
} from "../../boards/view.ts";
import { PROTOCOL_MESSAGES, PROTOCOLS } from "../../protocols/registry.ts";
import { createPlatform, type Platform } from "../../scp/control/platform.ts";
import { readFields } from "../../scp/core/codec.ts";
import { messageIdOf, protocolIdOf } from "../../scp/core/header.ts";
import { type Fields, HARDWARE_KINDS, type HardwareKind } from "../../scp/core/schema.ts";
import { stepOf } from "../../scp/fuzz/grammar.ts";
import { meaningfulValues } from "../../scp/fuzz/meaningful_values.ts";
import { encodeCommandStep, type Step } from "../../scp/fuzz/program.ts";
import { printStep } from "../../scp/fuzz/program_text.ts";
import { createModel } from "../../scp/model/model.ts";
import { statusOf } from "../support/messages.ts";
import { connectAgent, type TestAgent } from "../support/platform.ts";
import { arbitraryView, VIEWED_BOARD } from "../support/viewed_board.ts";
import {
  arbitraryPermit,
  DEVICES,
  notePermission,
  permission,
  type PermitStep,
  PIN_KINDS,
} from "./permission_steps.ts";
import { commandOf, hardwareState, ReferenceView } from "./reference_views.ts";

const NAMES = ["A", "B"] as const;
/** The trusted one, which sees everything and speaks of permissions only. */
const MANAGER = "M";
const VENDOR_TEXTS = ["test", "sub", "platform", ...NAMES, MANAGER];

function platformOf(views: readonly ViewInput[], foreignIds: ForeignAnswer = "NOT_FOUND"): Platform {
  return createPlatform(defineBoard({
    ...VIEWED_BOARD,
    foreignIds,
    agents: [
      ...NAMES.map((name, i) => ({
        name,
        kind: "OSPM" as const,
        view: views[i]!,
        onVanish: "reset" as const,
      })),
      { name: MANAGER, kind: "OSPM", isTrusted: true, view: { "*": "read" } },
    ],
    devices: DEVICES.map((resources, i) => ({ name: `device ${i}`, resources })),
  }));
}

const LIVE_IDS = Object.fromEntries(HARDWARE_KINDS.map((kind) => [kind, [0, 1, 2, 3]]));

/** Steps of both agents, and time. */
const arbitraryStep: fc.Arbitrary<Step> = stepOf({
  seed: 1,
  start: {
    boardName: "viewed",
    release: "3.2",
    channels: NAMES.map((agentName) => ({ agentName, room: 4096, p2a: "all" })),
  },
  // Layouts are those of one version.
  commands: PROTOCOL_MESSAGES.flatMap((protocol) =>
    protocol.commands.filter(({ name }) => name !== "NEGOTIATE_PROTOCOL_VERSION")
      .map((schema) => ({ protocol, schema }))
  ),
  weights: { command: 12, raw: 1, fast: 0, time: 1, reset: 0, p2a: 0, room: 0, override: 0, fault: 0 },
  hints: {
    liveIds: LIVE_IDS,
    meaningful: meaningfulValues(createModel(VIEWED_BOARD, { seed: 1 }).view, LIVE_IDS),
  },
  sensorCount: 0,
  stepsMax: 60,
}).map((step) => Object.defineProperty(step, fc.toStringMethod, { value: () => printStep(step, NAMES) }));

/** An agent goes and comes back. */
interface LeaveStep {
  readonly kind: "leave";
  readonly channel: number;
}

type AnyStep = Step | PermitStep | LeaveStep;

const channel = fc.nat({ max: NAMES.length - 1 });

const arbitrarySteps: fc.Arbitrary<AnyStep[]> = fc.array(
  fc.oneof(
    { weight: 16, arbitrary: arbitraryStep },
    { weight: 4, arbitrary: arbitraryPermit(NAMES.length) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("leave" as const), channel }) },
  ),
  { minLength: 20, maxLength: 60, size: "max" },
);

/** The bytes of a step that is a message. */
function bytesOf(step: AnyStep): Uint8Array | null {
  if (step.kind === "command") return encodeCommandStep(step);
  return step.kind === "raw" && step.bytes.length >= 4 ? step.bytes : null;
}

/** All texts in a structure. */
function textsIn(fields: Fields, values: Record<string, unknown>): string[] {
  return Object.entries(fields).flatMap(([name, field]) => {
    if (field.kind === "text") return [values[name] as string];
    if (field.kind !== "list") return [];
    return (values[name] as Record<string, unknown>[]).flatMap((item) => textsIn(field.item, item));
  });
}

/** Checks that an answer names nothing but what the agent sees. */
function checkTexts(reference: ReferenceView, reply: Uint8Array): void {
  const view = new DataView(reply.buffer, reply.byteOffset, reply.length);
  const schema = commandOf(view.getUint32(0, true));
  if (schema === undefined || view.getInt32(4, true) !== 0) return;
  const values = readFields(schema.returns, view, 8, reply.length) as Record<string, unknown> | null;
  // Damaged bytes may have negotiated another version.
  if (values === null) return;
  const known = HARDWARE_KINDS.flatMap((kind) => reference.namesOf(kind));
  for (const text of textsIn(schema.returns, values)) {
    const isKnown = VENDOR_TEXTS.includes(text) ||
      known.some((name) => name === text || name.slice(0, 15) === text);
    // Limits of power caps have names of their own.
    if (schema.name !== "POWERCAP_CPC_ATTRIBUTES") assert(isKnown, `${schema.name} tells of ${text}`);
  }
}

/** Checks that a message of the platform's own is about what the agent sees. */
function checkHeard(reference: ReferenceView, message: Uint8Array): void {
  const view = new DataView(message.buffer, message.byteOffset, message.length);
  const header = view.getUint32(0, true);
  const protocol = PROTOCOL_MESSAGES.find(({ id }) => id === protocolIdOf(header))!;
  const isNotification = (header >>> 8 & 3) === 3;
  const schemas = isNotification
    ? protocol.notifications.map(({ id, payload }) => ({ id, fields: payload }))
    : [];
  for (const { id, fields } of schemas) {
    if (id !== messageIdOf(header)) continue;
    const values = readFields(fields, view, 4, message.length);
    for (const [name, field] of Object.entries(fields)) {
      if (values === null || field.kind !== "u32" || field.resource === null) continue;
      const told = (values as Record<string, unknown>)[name] as number;
      assert(
        told < reference.namesOf(field.resource as HardwareKind).length,
        `${protocol.name} ${id} is about ${told}`,
      );
    }
  }
}

/** Commands that an agent is left with, of some protocols. */
const arbitraryCommands = fc.dictionary(
  fc.constantFrom(...PROTOCOL_MESSAGES.map(({ name }) => name)),
  fc.constant(null),
  { maxKeys: 2 },
).chain((protocols) =>
  fc.record(Object.fromEntries(
    Object.keys(protocols).map((name) => {
      const { commands } = PROTOCOL_MESSAGES.find((each) => each.name === name)!;
      return [name, fc.shuffledSubarray(commands.map((schema) => schema.name), { minLength: 1 })];
    }),
  ))
);

/** Two views; what one has exclusively the other may only read. */
const arbitraryViews: fc.Arbitrary<readonly ViewInput[]> = fc.tuple(
  arbitraryView(...RIGHTS),
  arbitraryView(...RIGHTS),
  arbitraryCommands,
  arbitraryCommands,
).map(([viewA, viewB, commandsA, commandsB]) => [
  { ...viewA, commands: commandsA },
  { ...besides(viewB, viewA), commands: commandsB },
]);

/** A view with what is left of it beside another. Pins go together. */
function besides(view: ViewInput, other: ViewInput): ViewInput {
  const hasExclusive = (kind: HardwareKind, name: string) =>
    (other[kind] as Readonly<Record<string, string>> | undefined)?.[name] === "exclusive";
  const names = resourceNames(VIEWED_BOARD);
  const isPinTaken = [view, other].some((each) =>
    PIN_KINDS.some((kind) => Object.values(each[kind] ?? {}).includes("exclusive"))
  );
  return Object.fromEntries(HARDWARE_KINDS.map((kind) => {
    const isPin = (PIN_KINDS as readonly string[]).includes(kind);
    const rules = Object.entries(view[kind] ?? {}) as [string, Right][];
    assert(rules.every(([name]) => names[kind].includes(name)));
    return [
      kind,
      Object.fromEntries(rules.map(([name, right]) => {
        const isTaken = hasExclusive(kind, name) || (isPin && isPinTaken);
        return [name, isTaken && right !== "none" ? "read" : right];
      })),
    ];
  }));
}

/** How often each happened to each protocol. */
class Tally {
  readonly #counts = new Map<string, number>();

  add(message: Uint8Array, what: "served" | "refused"): void {
    const id = protocolIdOf(new DataView(message.buffer, message.byteOffset).getUint32(0, true));
    const key = `${PROTOCOLS.find((each) => each.id === id)?.name} ${what}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  get(protocol: string, what: "served" | "refused"): number {
    return this.#counts.get(`${protocol} ${what}`) ?? 0;
  }
}

Deno.test("no message of an agent is served, or changes anything, beyond what its view and its permissions allow", () => {
  const tally = new Tally();
  let permittedCount = 0;
  let deniedCount = 0;
  const cases = [arbitraryViews, arbitrarySteps, fc.constantFrom(...FOREIGN_ANSWERS)] as const;
  fc.assert(
    fc.property(...cases, (views, steps, foreignIds) => {
      const { machine, model } = platformOf(views, foreignIds);
      const agents = NAMES.map((name) => connectAgent(machine, name));
      const manager = connectAgent(machine, MANAGER);
      const references = views.map((view) => new ReferenceView(view, DEVICES));
      const reaches = references.map((reference) => reference.reach());
      for (const step of steps) {
        const before = hardwareState(model);
        if (step.kind === "time") machine.step(machine.nowUs() + step.us);
        else if (step.kind === "leave") {
          agents[step.channel]!.channel.close();
          agents[step.channel] = connectAgent(machine, NAMES[step.channel]!);
        } else if (step.kind === "permit") {
          const reply = manager.loopback.exchange(permission(step))!;
          if (statusOf(reply) === 0) {
            notePermission(references[step.channel]!, step);
            permittedCount++;
          }
        }
        const message = bytesOf(step);
        if (message !== null && "channel" in step) {
          const reference = references[step.channel]!;
          const reply = agents[step.channel]!.loopback.exchange(message)!;
          const isServed = statusOf(reply) === 0;
          const obstacle = reference.findObstacle(message);
          assertEquals(isServed && obstacle !== null, false, `served, although ${obstacle}`);
          if (isServed) tally.add(message, "served");
          if (obstacle !== null) tally.add(message, "refused");
          if (obstacle?.endsWith("is denied")) deniedCount++;
          checkTexts(reference, reply);
        }
        if (step.kind !== "time" && "channel" in step) {
          for (const [name, state] of hardwareState(model)) {
            if (!reaches[step.channel]!.has(name)) {
              assertEquals(state, before.get(name), `${name} was changed`);
            }
          }
        }
        agents.forEach(({ heard }, i) => heard.splice(0).forEach((each) => checkHeard(references[i]!, each)));
      }
    }),
    { numRuns: 200 },
  );
  // All of it happens often enough to mean something.
  assert(permittedCount > 400 && deniedCount > 25, `${permittedCount} permissions, ${deniedCount} denials`);
  for (const { name, releases, servedFor } of PROTOCOLS) {
    // Nobody supplies sensors here.
    if (releases["3.2"] === null || servedFor === "suppliedSensor") continue;
    const counts = [tally.get(name, "served"), tally.get(name, "refused")];
    assert(counts.every((count) => count >= 20), `${name}: ${counts.join(" served, ")} not allowed`);
  }
});

/** Kinds of hardware that have no influence on each other; what the system's power does reaches everything. */
const CLUSTERS: readonly (readonly HardwareKind[])[] = [
  ["clock"],
  ["resetDomain"],
  ["pin", "pinGroup", "pinFunction"],
  ["powerDomain"],
  ["performanceDomain", "voltageDomain", "powercapDomain", "sensor"],
];

/** Two views without anything in common: each cluster is of one of them. */
const arbitrarySplit: fc.Arbitrary<readonly [ViewInput, ViewInput]> = fc.tuple(
  arbitraryView("read", "control"),
  arbitraryView("read", "control"),
  fc.tuple(...CLUSTERS.map(() => fc.boolean())),
).map(([viewA, viewB, isOfA]) => {
  const part = (view: ViewInput, isMine: boolean): ViewInput =>
    Object.fromEntries(
      CLUSTERS.flatMap((kinds, i) =>
        isOfA[i] === isMine ? kinds.map((kind) => [kind, view[kind]!] as const) : []
      ),
    );
  return [part(viewA, true), part(viewB, false)] as const;
});

/** Everything that an agent is answered and hears in a program. */
function transcriptOf(
  views: readonly ViewInput[],
  steps: readonly AnyStep[],
  speakers: readonly number[],
): string[] {
  const { machine } = platformOf(views);
  const agents = NAMES.map((name): TestAgent => connectAgent(machine, name));
  const manager = connectAgent(machine, MANAGER);
  const lines: string[] = [];
  for (const step of steps) {
    if (step.kind === "time") machine.step(machine.nowUs() + step.us);
    const message = bytesOf(step);
    const isHeard = "channel" in step && speakers.includes(step.channel);
    if (isHeard && step.kind === "permit") manager.loopback.exchange(permission(step));
    if (isHeard && step.kind === "leave") {
      agents[step.channel]!.channel.close();
      agents[step.channel] = connectAgent(machine, NAMES[step.channel]!);
    }
    if (message !== null && "channel" in step && speakers.includes(step.channel)) {
      const reply = agents[step.channel]!.loopback.exchange(message);
      if (step.channel === 0) lines.push(`answer ${reply?.join(" ")}`);
    }
    for (const heard of agents[0]!.heard.splice(0)) lines.push(`hears ${heard.join(" ")}`);
  }
  return lines;
}

Deno.test("an agent notices nothing of what another does to hardware that it does not see", () => {
  fc.assert(
    fc.property(arbitrarySplit, arbitrarySteps, (views, steps) => {
      assertEquals(transcriptOf(views, steps, [0, 1]), transcriptOf(views, steps, [0]));
    }),
    { numRuns: 200 },
  );
});
