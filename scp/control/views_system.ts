// JSON schemas of the power of the system as a whole: its condition, what it is to each agent, and what was
// decided over it.
import { z } from "@hono/zod-openapi";
import type { SystemView } from "./control_calls.ts";

const condition = z.enum(["up", "suspended", "down", "restarting"]);
const whole = () => z.number().int().nonnegative();

/** What was asked of the system. */
export const transition = z.enum(["shutdown", "coldReset", "warmReset", "powerUp", "suspend"]);
/** What became of that. */
export const verdict = z.enum(["carriedOut", "waiting", "refused", "withdrawn"]);

/** The power of the system. */
export const systemView = z.object({
  condition: condition.describe("the condition the system is in"),
  agents: z.array(z.object({ name: z.string(), isThere: z.boolean(), finds: condition })).readonly()
    .describe("what the system is to each agent: one that has voted for it to go down finds it down"),
  decisions: z.array(z.object({
    timeUs: whole().describe("virtual time, us"),
    agent: z.string().describe("whose request or departure led to it"),
    transition,
    verdict,
    reason: z.string(),
  })).readonly().describe("the last decisions, the oldest first"),
}).openapi("System") satisfies z.ZodType<SystemView>;
