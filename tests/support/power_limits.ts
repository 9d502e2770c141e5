// The board of power capping with a processor that has further limits: one of short peaks, and one that is fixed and starts
// in force.
import { type Board, defineBoard } from "../../boards/board.ts";
import { CAPPED, POWERCAP_BOARD } from "./powercap_board.ts";

/** The places of the processor's limits. */
export const LIMIT = { sustained: 0, peak: 1, fuse: 2, missing: 3 } as const;

/** What the fuse never lets through, uW: more than the processor ever draws. */
export const FUSE_CAP = 3_000_000;

/** The board. */
export const LIMITS_BOARD: Board = defineBoard({
  ...POWERCAP_BOARD,
  powercapDomains: POWERCAP_BOARD.powercapDomains.map((domain) =>
    domain.id !== CAPPED.cpu ? domain : {
      ...domain,
      firstLimitName: "sustained",
      furtherLimits: [
        {
          name: "peak",
          cap: { min: 200_000, max: 6_000_000, step: 10_000 },
          averaging: { minUs: 5_000, maxUs: 50_000, stepUs: 5_000 },
        },
        {
          name: "fuse",
          cap: { min: FUSE_CAP, max: FUSE_CAP, step: 0 },
          bootCap: FUSE_CAP,
          averaging: { minUs: 10_000, maxUs: 10_000, stepUs: 0 },
        },
      ],
    }
  ),
});
