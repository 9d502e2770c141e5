// The shape of an agent's service in a board file.
import type * as z from "zod";
import { BURST_MAX, type MediationInput, MESSAGES_PER_S_MAX, SERVICE_CLASSES } from "./mediation.ts";
import { oneOf, optional, orNull, record, whole } from "./shapes.ts";

/** The service of an agent as it is written. */
export const mediationSchema: z.ZodType<MediationInput> = record({
  serviceClass: optional(oneOf(SERVICE_CLASSES)),
  messagesPerS: optional(orNull(whole(1, MESSAGES_PER_S_MAX))),
  burst: optional(whole(1, BURST_MAX)),
});
