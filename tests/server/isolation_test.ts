// Two agents with views of their own on one board send whatever they like: none is answered what it may not see, none changes
// what it may not control, and none notices what another does to what it does not see.
import { assert, assertEquals } from "@std/assert";
import fc from "../support/property.ts";
import { defineBoard } from "../../boards/board.ts";
import { FOREIGN_ANSWERS, type ForeignAnswer, type ViewInput } from "../../boards/view.ts";
import { PROTOCOL_MESSAGES } from "../../protocols/registry.ts";
import { createPlatform, type Platform } from "../../scp/control/platform.ts";
import { readFields } from "../../scp/core/codec.ts";
import { messageIdOf, protocolIdOf } from "../../scp/core/header.ts";
import { type Fields, HARDWARE_KINDS, type HardwareKind } from "../../scp/core/schema.ts";
import { stepOf } from "../../scp/fuzz/grammar.ts";
import { meaningfulValues } from "../../scp/fuzz/meaningful_values.ts";
import { encodeCommandStep, type Step } from "../../scp/fuzz/program.ts";
import { printStep } from "../../scp/fuzz/program_text.ts";
import { createModel } from "../../scp/model/model.ts";
import { connectAgent, type TestAgent } from "../support/platform.ts";
import { arbitraryView, VIEWED_BOARD } from "../support/viewed_board.ts";
import { commandOf, hardwareState, ReferenceView } from "./reference_views.ts";

const NAMES = ["A", "B"] as const;
const VENDOR_TEXTS = ["test", "sub", "platform", ...NAMES];

function platformOf(views: readonly ViewInput[], foreignIds: ForeignAnswer = "NOT_FOUND"): Platform {
  return createPlatform(defineBoard({
    ...VIEWED_BOARD,
    foreignIds,
    agents: NAMES.map((name, i) => ({ name, kind: "OSPM", view: views[i]! })),
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
  weights: { command: 12, raw: 1, time: 1, reset: 0, p2a: 0, room: 0, override: 0, fault: 0 },
  hints: {
    liveIds: LIVE_IDS,
    meaningful: meaningfulValues(createModel(VIEWED_BOARD, { seed: 1 }).view, LIVE_IDS),
  },
  sensorCount: 0,
  stepsMax: 60,
}).map((step) => Object.defineProperty(step, fc.toStringMethod, { value: () => printStep(step, NAMES) }));

const arbitrarySteps = fc.array(arbitraryStep, { minLength: 20, maxLength: 60, size: "max" });

/** The bytes of a step that is a message. */
function bytesOf(step: Step): Uint8Array | null {
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

const RIGHTS = ["none", "read", "control"] as const;

Deno.test("no message of an agent is served, or changes anything, beyond what its view allows", () => {
  let servedCount = 0;
  let obstacleCount = 0;
  const cases = [
    arbitraryView(...RIGHTS),
    arbitraryView(...RIGHTS),
    arbitrarySteps,
    fc.constantFrom(...FOREIGN_ANSWERS),
  ] as const;
  fc.assert(
    fc.property(...cases, (viewA, viewB, steps, foreignIds) => {
      const { machine, model } = platformOf([viewA, viewB], foreignIds);
      const agents = NAMES.map((name) => connectAgent(machine, name));
      const references = [viewA, viewB].map((view) => new ReferenceView(view));
      const reaches = references.map((reference) => reference.reach());
      for (const step of steps) {
        if (step.kind === "time") machine.step(machine.nowUs() + step.us);
        const message = bytesOf(step);
        if (message !== null && "channel" in step) {
          const reference = references[step.channel]!;
          const before = hardwareState(model);
          const reply = agents[step.channel]!.loopback.exchange(message)!;
          const isServed = new DataView(reply.buffer).getInt32(4, true) === 0;
          const obstacle = reference.findObstacle(message);
          assertEquals(isServed && obstacle !== null, false, `served, although ${obstacle}`);
          if (isServed) servedCount++;
          if (obstacle !== null) obstacleCount++;
          checkTexts(reference, reply);
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
  // Both happen often enough to mean something.
  assert(servedCount > 1500 && obstacleCount > 1500, `${servedCount} served, ${obstacleCount} not allowed`);
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
  steps: readonly Step[],
  speakers: readonly number[],
): string[] {
  const { machine } = platformOf(views);
  const agents = NAMES.map((name): TestAgent => connectAgent(machine, name));
  const lines: string[] = [];
  for (const step of steps) {
    if (step.kind === "time") machine.step(machine.nowUs() + step.us);
    const message = bytesOf(step);
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
