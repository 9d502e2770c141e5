// The shape of an agent in a board file.
import type * as z from "zod";
import { AGENT_KINDS, type AgentInput } from "./agent.ts";
import { mediationSchema } from "./mediation_schema.ts";
import { vanishSchema } from "./vanish_schema.ts";
import { ascii, list, oneOf, optional, orNull, partName, record, truth } from "./shapes.ts";
import { viewSchema } from "./view_schema.ts";

/** Kinds of agents that may do something. */
export const agentKinds = () => list(oneOf(AGENT_KINDS), 0, AGENT_KINDS.length);

/** An agent as it is written. */
export const agentSchema: z.ZodType<AgentInput> = record({
  name: ascii(15),
  kind: oneOf(AGENT_KINDS),
  isTrusted: optional(truth()),
  view: optional(orNull(viewSchema)),
  mediation: optional(mediationSchema),
  onVanish: optional(vanishSchema),
  passThrough: optional(list(partName(), 0, 1024)),
});
