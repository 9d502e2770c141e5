// The shape of an agent's service in a board file.
import * as z from "zod";
import { BURST_MAX, type MediationInput, MESSAGES_PER_S_MAX, SERVICE_CLASSES } from "./mediation.ts";
import { optional, orNull, record, whole } from "./shapes.ts";

/** The service of an agent as it is written. */
export const mediationSchema: z.ZodType<MediationInput> = record({
  serviceClass: optional(z.enum(SERVICE_CLASSES, `Expected one of ${SERVICE_CLASSES.join(", ")}`)),
  messagesPerS: optional(orNull(whole(1, MESSAGES_PER_S_MAX))),
  burst: optional(whole(1, BURST_MAX)),
});
