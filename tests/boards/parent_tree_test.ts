// Trees of a board file: how deep they may be, which parts are in a loop, and that their size does not matter.
import { assertEquals } from "@std/assert";
import { minimalBoard } from "../../boards/minimal.ts";
import { findPlaces } from "../../boards/parent_tree.ts";
import { validateBoard } from "../../boards/validator.ts";

/** Parts in a row, or in any other tree. */
const KINDS = {
  powerDomains: { kind: "device" },
  powercapDomains: { cap: { min: 1, max: 1, step: 0 } },
} as const;

function errorsOf(
  section: keyof typeof KINDS,
  count: number,
  parentOf: (id: number) => number | null,
): readonly string[] {
  const { name, title, identity, agents } = minimalBoard;
  const parts = Array.from({ length: count }, (_, id) => {
    const parent = parentOf(id);
    return { id, name: `p${id}`, parent: parent === null ? null : `p${parent}`, ...KINDS[section] };
  });
  const result = validateBoard({ name, title, identity, agents, sensors: [], [section]: parts });
  return "errors" in result ? result.errors : [];
}

const above = (id: number) => id === 0 ? null : id - 1;

for (const section of ["powerDomains", "powercapDomains"] as const) {
  Deno.test(`validateBoard bounds how many ${section} are one above the other`, () => {
    assertEquals(errorsOf(section, 65, above), []);
    assertEquals(errorsOf(section, 20_000, above), [
      `${section}[65].parent: Expected at most 64 domains above it`,
    ]);
  });

  Deno.test(`validateBoard tells of ${section} in a loop, not of those that hang below it`, () => {
    assertEquals(errorsOf(section, 4, (id) => id === 1 ? 2 : 1), [
      `${section}[1].parent: p1 is above itself`,
      `${section}[2].parent: p2 is above itself`,
    ]);
    assertEquals(errorsOf(section, 100, (id) => (id + 1) % 100).length, 100);
  });
}

Deno.test("findPlaces counts what is above a part, wherever it begins", () => {
  const places = findPlaces(
    new Map([["c", "b"], ["a", null], ["b", "a"], ["d", "b"], ["e", "gone"], ["f", "f"]]),
  );
  assertEquals([...places].map(([name, { depth, isInLoop }]) => [name, depth, isInLoop]), [
    ["a", 0, false],
    ["b", 1, false],
    ["c", 2, false],
    ["d", 2, false],
    ["e", 0, false],
    ["f", Infinity, true],
  ]);
});
