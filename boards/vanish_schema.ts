// The shape of what becomes of a vanished agent's votes in a board file.
import * as z from "zod";
import { record, whole } from "./shapes.ts";
import { DROP_AFTER_MAX_MS, type VanishPolicy } from "./vanish.ts";

/** The policy as it is written. */
export const vanishSchema: z.ZodType<VanishPolicy> = z.union([
  z.enum(["keep", "reset"]),
  record({ dropAfterMs: whole(1, DROP_AFTER_MAX_MS) }),
], `Expected keep, reset, or an object with dropAfterMs from 1 to ${DROP_AFTER_MAX_MS}`);
