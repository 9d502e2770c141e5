// Further limits of power capping domains on boards: what the validator tells of wrong ones.
import { assertEquals } from "@std/assert";
import { validateBoard } from "../../boards/validator.ts";
import { LIMITS_BOARD } from "../support/power_limits.ts";
import { CAPPED } from "../support/powercap_board.ts";

type Loose = Record<string, unknown>;

function errorsOf(change: (limits: Loose[], cpu: Loose) => void): string[] {
  const copy = JSON.parse(JSON.stringify(LIMITS_BOARD)) as { powercapDomains: Loose[] };
  const cpu = copy.powercapDomains[CAPPED.cpu]!;
  change(cpu.furtherLimits as Loose[], cpu);
  const result = validateBoard(copy);
  return "errors" in result ? [...result.errors] : [];
}

const PATH = `powercapDomains[${CAPPED.cpu}].furtherLimits`;

const MISTAKES: readonly (readonly [string, Parameters<typeof errorsOf>[0], readonly string[]])[] = [
  ["nothing", () => {}, []],
  [
    "names that are taken",
    (limits) => {
      limits[0]!.name = "sustained";
      limits[1]!.name = "sustained";
    },
    [
      `${PATH}[0].name: Expected a name of its own, sustained is another limit's`,
      `${PATH}[1].name: Expected a name of its own, sustained is another limit's`,
    ],
  ],
  [
    "a cap at start that cannot be set",
    (limits) => limits[0]!.bootCap = 100_000,
    [`${PATH}[0].bootCap: Expected 200000 to 6000000, got 100000`],
  ],
  [
    "an interval that is no multiple of its step",
    (limits) => limits[0]!.bootAveragingUs = 7_000,
    [`${PATH}[0].bootAveragingUs: Expected a multiple of the step 5000, got 7000`],
  ],
  [
    "limits beside a cap that cannot be set",
    (_, cpu) => {
      cpu.cap = { min: 4_000_000, max: 4_000_000, step: 0 };
      cpu.supportsAsync = false;
    },
    [`${PATH}: Expected none, as the domain's own cap cannot be set`],
  ],
];

for (const [what, change, errors] of MISTAKES) {
  Deno.test(`validateBoard finds in power limits: ${what}`, () => assertEquals(errorsOf(change), errors));
}

Deno.test("validateBoard finds in power limits: a name too long for its message, more than can be counted", () => {
  const told = errorsOf((limits) => {
    limits[0]!.name = "sixteen_letters_";
    for (let i = 0; i < 13; i++) limits.push({ ...limits[1]!, name: `l${i}` });
  });
  assertEquals(told.map((line) => line.split(":")[0]), [PATH]);
});
