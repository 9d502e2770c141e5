// The board of the synthetic platform: however odd, it is one that users could write.
import { assertEquals, assertGreater } from "@std/assert";
import { validateBoard } from "../../boards/validator.ts";
import { PROTOCOLS } from "../../protocols/registry.ts";
import { SYNTHETIC_BOARD } from "../../scp/fuzz/synthetic_board.ts";
import { createSyntheticPlatform } from "../../scp/fuzz/synthetic_platform.ts";

Deno.test("the synthetic platform's board is one that the validator accepts", () => {
  const result = validateBoard(structuredClone(SYNTHETIC_BOARD));
  assertEquals("errors" in result ? result.errors : [], []);
});

Deno.test("the synthetic platform has hardware of every kind that protocols name", () => {
  const { machine } = createSyntheticPlatform(1, "3.2");
  const { view } = machine.plan.agents[0]!;
  for (const { resource, otherResources } of PROTOCOLS) {
    if (resource === null) continue;
    for (const kind of [resource, ...otherResources ?? []]) assertGreater(view[kind].length, 0, kind);
  }
});
