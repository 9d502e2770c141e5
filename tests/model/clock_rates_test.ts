// Which rates a ratio offers, and which of them serves a request.
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { type ClockRatio, rateOf, startSetting } from "../../scp/core/clock_ratio.ts";
import type { RateOffer, Rounding } from "../../scp/model/clock.ts";
import { ClockRates, type RateLimits } from "../../scp/model/clock_rates.ts";

const NO_LIMITS = { rateMinHz: 0, rateMaxHz: 1e12 };
const FIXED: ClockRatio = { kind: "fixed", multiplier: 3, divider: 2 };
const DIVIDERS: ClockRatio = { kind: "dividers", dividers: [4, 1, 2], divider: 4 };
const TOLD: ClockRatio = { kind: "dividers", dividers: [1, 2, 3, 4], divider: 4, isToldInSteps: true };
const MULTIPLIERS: ClockRatio = { kind: "multipliers", lowest: 2, highest: 9, multiplier: 3, divider: 10 };

function offerOf(ratio: ClockRatio, inputHz: number, limits: RateLimits): RateOffer {
  return new ClockRates(ratio, inputHz, limits).offer;
}

function choose(ratio: ClockRatio, inputHz: number, wantedHz: number, rounding: Rounding): number | null {
  return new ClockRates(ratio, inputHz, NO_LIMITS).choose(wantedHz, rounding);
}

Deno.test("rateOf cuts off what is less than a Hertz", () => {
  assertEquals(rateOf(FIXED, 3, 101), 151);
  assertEquals(rateOf(DIVIDERS, 4, 103), 25);
  assertEquals(rateOf(MULTIPLIERS, 9, 109), 90);
  assertEquals([FIXED, DIVIDERS, MULTIPLIERS].map(startSetting), [3, 4, 3]);
});

Deno.test("ClockRates tells a list ascending, each rate once, within the limits", () => {
  const offer = (inputHz: number, limits = NO_LIMITS) => offerOf(DIVIDERS, inputHz, limits);
  assertEquals(offer(100), { kind: "list", ratesHz: [25, 50, 100] });
  assertEquals(offer(3), { kind: "list", ratesHz: [0, 1, 3] });
  assertEquals(offer(1), { kind: "list", ratesHz: [0, 1] });
  assertEquals(offer(0), { kind: "list", ratesHz: [0] });
  assertEquals(offer(100, { rateMinHz: 25, rateMaxHz: 99 }), { kind: "list", ratesHz: [25, 50] });
  assertEquals(offerOf(FIXED, 100, NO_LIMITS), { kind: "list", ratesHz: [150] });
});

Deno.test("ClockRates tells a triplet of multipliers, and never a step of 0", () => {
  const steps = (lowestHz: number, highestHz: number, stepHz: number): RateOffer => ({
    kind: "steps",
    lowestHz,
    highestHz,
    stepHz,
  });
  assertEquals(offerOf(MULTIPLIERS, 1000, NO_LIMITS), steps(200, 900, 100));
  assertEquals(offerOf(MULTIPLIERS, 1000, { rateMinHz: 201, rateMaxHz: 899 }), steps(300, 800, 100));
  assertEquals(offerOf(MULTIPLIERS, 9, NO_LIMITS), { kind: "list", ratesHz: [0] });
});

Deno.test("ClockRates tells a triplet for dividers only where a board says so", () => {
  assertEquals(offerOf(TOLD, 120, NO_LIMITS), { kind: "steps", lowestHz: 30, highestHz: 120, stepHz: 30 });
  assertEquals(offerOf(TOLD, 0, NO_LIMITS), { kind: "list", ratesHz: [0] });
});

Deno.test("ClockRates rounds down, up or to the nearest, and refuses what lies beyond the ends", () => {
  const inEachWay = (wantedHz: number) =>
    (["down", "up", "nearest"] as const).map((rounding) => choose(DIVIDERS, 100, wantedHz, rounding));
  assertEquals(inEachWay(50), [2, 2, 2]);
  assertEquals(inEachWay(51), [2, 1, 2]);
  assertEquals(inEachWay(74), [2, 1, 2]);
  assertEquals(inEachWay(75), [2, 1, 1]);
  assertEquals(inEachWay(25), [4, 4, 4]);
  assertEquals(inEachWay(100), [1, 1, 1]);
  assertEquals(inEachWay(24), [null, null, null]);
  assertEquals(inEachWay(101), [null, null, null]);
  assertEquals(inEachWay(2 ** 64), [null, null, null]);
});

Deno.test("ClockRates serves a fixed ratio with the one rate it has", () => {
  assertEquals(choose(FIXED, 100, 150, "down"), 3);
  assertEquals(choose(FIXED, 100, 149, "up"), null);
});

Deno.test("ClockRates of told steps gives what the dividers really give", () => {
  const rate = (wantedHz: number, rounding: "down" | "up") =>
    rateOf(TOLD, choose(TOLD, 120, wantedHz, rounding)!, 120);
  assertEquals([rate(90, "down"), rate(90, "up")], [60, 120]);
});

const arbitraryRatio: fc.Arbitrary<ClockRatio> = fc.oneof(
  fc.record({
    kind: fc.constant("fixed" as const),
    multiplier: fc.integer({ min: 1, max: 50 }),
    divider: fc.integer({ min: 1, max: 50 }),
  }),
  fc.uniqueArray(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 16 }).map((dividers) => ({
    kind: "dividers" as const,
    dividers,
    divider: dividers[0]!,
  })),
  fc.tuple(fc.integer({ min: 1, max: 100 }), fc.nat(1000), fc.integer({ min: 1, max: 1000 })).map(
    ([lowest, more, divider]) => ({
      kind: "multipliers" as const,
      lowest,
      highest: lowest + more,
      multiplier: lowest,
      divider,
    }),
  ),
);

/** All rates of an offer. */
function ratesOf(offer: RateOffer): number[] {
  if (offer.kind === "list") return [...offer.ratesHz];
  const count = Math.round((offer.highestHz - offer.lowestHz) / offer.stepHz) + 1;
  return Array.from({ length: count }, (_, i) => offer.lowestHz + i * offer.stepHz);
}

Deno.test("ClockRates finds of all rates offered the one that the rounding names", () => {
  const roundings = ["down", "up", "nearest"] as const;
  fc.assert(
    fc.property(
      arbitraryRatio,
      fc.nat(1_000_000),
      fc.nat(2_000_000),
      fc.constantFrom(...roundings),
      (ratio, inputHz, wantedHz, rounding) => {
        const rates = ratesOf(offerOf(ratio, inputHz, NO_LIMITS));
        const setting = choose(ratio, inputHz, wantedHz, rounding);
        const below = rates.filter((rateHz) => rateHz <= wantedHz).at(-1);
        const above = rates.find((rateHz) => rateHz >= wantedHz);
        if (below === undefined || above === undefined) return setting === null;
        const nearest = above - wantedHz <= wantedHz - below ? above : below;
        const expected = { down: below, up: above, nearest }[rounding];
        return setting !== null && rateOf(ratio, setting, inputHz) === expected;
      },
    ),
    { numRuns: 2000 },
  );
});
