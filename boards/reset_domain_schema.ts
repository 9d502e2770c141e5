// The shape of a board's reset domains in a user's file, as a zod schema.
import type * as z from "zod";
import type { ResetDomainInput } from "./reset_domain.ts";
import { ascii, list, optional, record, truth, whole } from "./shapes.ts";

/** A reset domain as it is written. */
export const resetDomainSchema: z.ZodType<ResetDomainInput> = record({
  id: whole(0, 65_534),
  name: ascii(63),
  supportsAsync: optional(truth()),
  notifies: optional(truth()),
  pulseUs: optional(whole(0, 3_600_000_000)),
  tellsLatency: optional(truth()),
  ownStates: optional(list(whole(0, 0x7fff_ffff), 0, 256)),
  startsAsserted: optional(truth()),
});
