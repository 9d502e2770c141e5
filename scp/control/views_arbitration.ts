// JSON schemas of hardware that agents share: votes, and where what agents believe and what is so differ.
import { z } from "@hono/zod-openapi";
import { HARDWARE_KINDS } from "../core/schema.ts";
import type { ArbitrationView } from "./control_calls.ts";

const kind = z.enum(HARDWARE_KINDS);

const belief = z.object({
  timeUs: z.number().int().nonnegative().describe("virtual time when it began, us"),
  agent: z.string(),
  kind,
  name: z.string(),
  about: z.string().describe("what of the resource, for instance `rate`"),
  believed: z.string().describe("what the agent was answered SUCCESS to"),
  actual: z.string().describe("what is so"),
});

/** What agents share, and what came of their requests. */
export const arbitrationView = z.object({
  resources: z.array(z.object({
    kind,
    name: z.string(),
    votes: z.array(z.object({ agent: z.string(), about: z.string(), wanted: z.string() })).readonly(),
  })).readonly().describe("resources under a policy that an agent has voted for"),
  differences: z.array(belief).readonly().describe("what agents believe and is not so now"),
  log: z.array(belief.extend({ differs: z.boolean().describe("false: the difference ended") })).readonly()
    .describe("when differences began and ended, the last ones, the oldest first"),
}).openapi("Arbitration") satisfies z.ZodType<ArbitrationView>;
