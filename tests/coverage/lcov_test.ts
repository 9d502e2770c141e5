// Reading lcov reports.
import { assertEquals } from "@std/assert";
import { parseLcov, percentOf, rangesText, total } from "./lcov.ts";

const REPORT = `SF:/a/one.ts
FNF:0
BRDA:3,0,0,1
BRDA:3,0,1,0
BRDA:9,1,0,-
BRF:3
BRH:1
DA:1,5
DA:2,0
DA:3,1
DA:4,0
DA:7,0
LH:2
LF:5
end_of_record
SF:/a/two.ts
DA:1,1
end_of_record
`;

Deno.test("parseLcov tells what ran of each file, and what did not", () => {
  const [one, two, ...others] = parseLcov(REPORT);
  assertEquals(one, {
    path: "/a/one.ts",
    lines: { hit: 2, found: 5 },
    branches: { hit: 1, found: 3 },
    missedLines: [2, 4, 7],
    missedBranchLines: [3, 9],
  });
  assertEquals([two?.path, two?.lines, two?.branches], [
    "/a/two.ts",
    { hit: 1, found: 1 },
    { hit: 0, found: 0 },
  ]);
  assertEquals(others, []);
});

Deno.test("percentOf takes all of nothing for everything", () => {
  assertEquals(percentOf(total([])), 100);
  assertEquals(percentOf(total([{ hit: 1, found: 2 }, { hit: 2, found: 2 }])), 75);
});

Deno.test("rangesText puts neighbours together", () => {
  assertEquals(rangesText([]), "");
  assertEquals(rangesText([3, 7, 8, 9, 11]), "3, 7-9, 11");
});
