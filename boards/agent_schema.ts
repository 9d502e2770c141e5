// The shape of an agent in a board file.
import * as z from "zod";
import { AGENT_KINDS, type AgentInput } from "./agent.ts";
import { mediationSchema } from "./mediation_schema.ts";
import { vanishSchema } from "./vanish_schema.ts";
import { ascii, list, optional, orNull, partName, record, truth } from "./shapes.ts";
import { viewSchema } from "./view_schema.ts";

/** An agent as it is written. */
export const agentSchema: z.ZodType<AgentInput> = record({
  name: ascii(15),
  kind: z.enum(AGENT_KINDS, `Expected one of ${AGENT_KINDS.join(", ")}`),
  isTrusted: optional(truth()),
  view: optional(orNull(viewSchema)),
  mediation: optional(mediationSchema),
  onVanish: optional(vanishSchema),
  passThrough: optional(list(partName(), 0, 1024)),
});
