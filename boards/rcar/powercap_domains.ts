// Power capping domains of the R-Car H3: an extension, SCP has none. Which there are, their unit and the ranges of their caps
// and averaging intervals are guesses of plausible size. Nothing can slow the GPU down, so that it is only measured.
import type { AveragingRange, PowercapDomainInput } from "../powercap_domain.ts";

const AVERAGING: AveragingRange = { minUs: 1_000, maxUs: 1_000_000, stepUs: 1_000 };

const SHARED = {
  unit: "mW",
  averaging: AVERAGING,
  bootAveragingUs: 100_000,
  setBy: ["OSPM"],
} as const satisfies Partial<PowercapDomainInput>;

/** The domains: the system on chip, and the parts of it with a power of their own. */
export const RCAR_POWERCAP_DOMAINS: readonly PowercapDomainInput[] = [
  {
    id: 0,
    name: "soc",
    blocks: ["rest"],
    cap: { min: 2_000, max: 20_000, step: 1 },
    firstLimitName: "sustained",
    furtherLimits: [
      {
        name: "peak",
        cap: { min: 2_000, max: 30_000, step: 1 },
        averaging: { minUs: 5_000, maxUs: 50_000, stepUs: 5_000 },
      },
    ],
    sustainablePower: 6_313, // of thermal zones 1 and 2 (Linux)
    ...SHARED,
  },
  {
    id: 1,
    name: "cpu-big",
    parent: "soc",
    blocks: ["big"],
    cap: { min: 500, max: 8_000, step: 1 },
    sustainablePower: 3_530, // of the sustained level
    ...SHARED,
  },
  {
    id: 2,
    name: "cpu-little",
    parent: "soc",
    blocks: ["little"],
    cap: { min: 100, max: 2_000, step: 1 },
    sustainablePower: 894, // of the sustained level
    ...SHARED,
  },
  {
    id: 3,
    name: "gpu",
    parent: "soc",
    blocks: ["gpu"],
    cap: { min: 5_000, max: 5_000, step: 0 },
    sustainablePower: 3_700, // at 600 MHz
    ...SHARED,
  },
];
