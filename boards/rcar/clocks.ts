// The 200 clocks of the R-Car H3, in the order of their wire ids.
import type { ClockInput } from "../clock.ts";
import { RCAR_CORE_CLOCKS } from "./core_clocks.ts";
import { RCAR_EXTERNAL_CLOCKS, RCAR_MODULE_CLOCKS } from "./module_clocks.ts";

/** Ids 0 to 199. */
export const RCAR_CLOCKS: readonly ClockInput[] = [
  ...RCAR_CORE_CLOCKS,
  ...RCAR_MODULE_CLOCKS,
  ...RCAR_EXTERNAL_CLOCKS,
];
