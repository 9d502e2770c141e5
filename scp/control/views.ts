// The JSON that the HTTP interface takes and gives, as zod schemas: they judge bodies and make the OpenAPI
// document. The compiler keeps them equal to the shapes of control_calls.ts.
import { z } from "@hono/zod-openapi";
import { SERVICE_CLASSES } from "../../boards/mediation.ts";
import { FOREIGN_ANSWERS, RIGHTS } from "../../boards/view.ts";
import { RELEASES } from "../../protocols/protocol.ts";
import { HARDWARE_KINDS } from "../core/schema.ts";
import { TRACE_KIND } from "../core/trace.ts";
import type { ViewReport } from "./agent_view.ts";
import { EVENT_CHANGES } from "./trace_codes.ts";
import { transition, verdict } from "./views_system.ts";
import type { AgentView, PlatformView, SensorView, TraceView } from "./control_calls.ts";

const whole = () => z.number().int();
const count = () => whole().nonnegative();

/** What every failure answers: one line that says what is wrong, where, and what to do. */
export const errorView = z.object({ error: z.string() }).openapi("Error");

/** Answer of a platform that serves. */
export const healthView = z.object({ status: z.literal("ok"), board: z.string(), nowUs: count() }).openapi(
  "Health",
);

const timeMode = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("host"), factor: z.number().positive() }),
  z.object({ kind: z.literal("stepped") }),
]).readonly();

const endpoint = z.object({ spec: z.string(), transport: z.string(), path: z.string(), agent: z.string() });

/** The platform as a whole. */
export const platformView = z.object({
  name: z.string(),
  title: z.string(),
  identity: z.object({ vendor: z.string(), subVendor: z.string(), implementationVersion: count() }),
  agents: z.array(z.object({ id: count(), name: z.string(), isTrusted: z.boolean() })).readonly(),
  protocols: z.array(
    z.object({
      id: count(),
      name: z.string(),
      version: count().describe("major in bits 31:16, minor below"),
    }),
  ).readonly(),
  release: z.enum(RELEASES),
  seed: count(),
  time: timeMode,
  nowUs: count().describe("virtual time, us"),
  sensorCount: count(),
  endpoints: z.array(endpoint).readonly(),
}).openapi("Board") satisfies z.ZodType<PlatformView>;

/** A sensor. */
export const sensorView = z.object({
  id: count(),
  name: z.string(),
  type: z.string(),
  typeCode: count(),
  unit: z.string(),
  unitExponent: whole(),
  axes: z.array(z.string()).readonly().nullable().describe("null = scalar"),
  suppliedBy: z.string().nullable().describe("the agent that supplies its values; null = it measures"),
  readings: z.array(z.number()).readonly().describe(
    "what agents read, in wire units; empty while it fails",
  ),
  values: z.array(z.number()).readonly().describe("the readings in the sensor's unit"),
  truth: z.array(z.number()).readonly().describe(
    "what the model says, in the sensor's unit, before any error; empty while nobody supplies it",
  ),
  timestampUs: count().describe("when the reading was taken: virtual time, us"),
  isOverridden: z.boolean(),
  fault: z.enum(["HARDWARE_ERROR", "BUSY"]).nullable(),
}).openapi("Sensor") satisfies z.ZodType<SensorView>;

/** All sensors, in the order of their ids. */
export const sensorsView = z.array(sensorView);

/** What a sensor is made to read. */
export const overrideBody = z.object({
  values: z.array(z.number()).min(1).max(63).describe("one value for each axis, in the sensor's unit"),
}).strict().openapi("Override");

const messageCount = z.object({
  id: count(),
  name: z.string(),
  count: count(),
  refusedCount: count().describe("those of them that were answered by another status than SUCCESS"),
  fastCount: count().describe("how often the agent did the same through a FastChannel"),
  fastRefusedCount: count().describe(
    "those of them that changed nothing, as the command would have been refused",
  ),
});

/** An agent with its channels. */
export const agentView = z.object({
  id: count(),
  name: z.string(),
  isTrusted: z.boolean(),
  service: z.object({
    serviceClass: z.enum(SERVICE_CLASSES),
    messagesPerS: count().nullable().describe("commands a second that it may send in the long run"),
    burst: count().describe("commands that it may send at once"),
    isHeld: z.boolean().describe("whether it has sent more than it may, and waits"),
    heldCount: count(),
  }).describe("how it is served beside the others"),
  channels: z.array(z.object({
    spec: z.string().nullable(),
    isAttached: z.boolean().describe("whether the agent takes notifications"),
  })).readonly(),
  protocols: z.array(z.object({ protocol: z.string(), messages: z.array(messageCount).readonly() }))
    .readonly().describe("commands since the start, on all channels"),
}).openapi("Agent") satisfies z.ZodType<AgentView>;

/** What an agent sees. */
export const agentViewReport = z.object({
  board: z.string(),
  agent: z.string(),
  foreignIds: z.enum(FOREIGN_ANSWERS).describe("what ids beyond the agent's own are answered"),
  commands: z.record(z.string(), z.array(z.string()).readonly()).readonly().describe(
    "by protocol, patterns of the only commands that it may use",
  ),
  resources: z.array(z.object({
    kind: z.enum(HARDWARE_KINDS),
    id: count().describe("the agent's id"),
    name: z.string(),
    right: z.enum(RIGHTS).exclude(["none"]),
  })).readonly(),
}).openapi("View") satisfies z.ZodType<ViewReport>;

/** All agents, in the order of their ids. */
export const agentsView = z.array(agentView).readonly();

const traceKinds = Object.keys(TRACE_KIND) as (keyof typeof TRACE_KIND)[];

/** Counters of everything that happened. */
export const traceView = z.object({
  nowUs: count(),
  counts: z.record(z.enum(traceKinds), count()).readonly(),
}).openapi("Trace") satisfies z.ZodType<TraceView>;

/** A step of virtual time. */
export const stepBody = z.object({ us: whole().describe("virtual microseconds") }).strict().openapi("Step");

/** Where a step ended. */
export const stepView = z.object({ nowUs: count() }).openapi("Now");

/** One event of the stream. */
export const eventView = z.object({
  kind: z.enum(traceKinds),
  timeUs: count(),
  agentId: count(),
  message: z.string().nullable().describe("null where the event is not about a message"),
  status: z.string().nullable(),
  size: count().nullable().describe("bytes of the reply or notification, header included"),
  isAttached: z.boolean().nullable().describe("of p2aAttached: whether the agent takes notifications now"),
  change: z.enum(EVENT_CHANGES).nullable().describe(
    "of beliefDiffers, whether it began or ended; of agentPresence and agentHeld, what the agent did or met with",
  ),
  resource: z.object({ kind: z.enum(HARDWARE_KINDS), name: z.string() }).nullable().describe(
    "of beliefDiffers and passThroughDown: what they are about; GET /api/arbitration has what is believed",
  ),
  decision: z.object({ transition, verdict }).nullable().describe(
    "of systemDecision; GET /api/system has the reason",
  ),
}).openapi("Event");

/** One event of the stream. */
export type EventView = z.infer<typeof eventView>;
