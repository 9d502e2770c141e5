// The shape of an agent in a board file.
import * as z from "zod";
import { AGENT_KINDS, type AgentInput } from "./agent.ts";
import { ascii, optional, record, truth } from "./shapes.ts";

/** An agent as it is written. */
export const agentSchema: z.ZodType<AgentInput> = record({
  name: ascii(15),
  kind: z.enum(AGENT_KINDS, `Expected one of ${AGENT_KINDS.join(", ")}`),
  isTrusted: optional(truth()),
});
