// The table of threats: every row has its test, once.
import { assertEquals } from "@std/assert";
import { nameOf, type ThreatId, THREATS } from "./threats.ts";

const FOLDER = new URL("./", import.meta.url);

Deno.test("threats have one test each", async () => {
  const tested: string[] = [];
  for await (const { name } of Deno.readDir(FOLDER)) {
    if (!name.endsWith("_test.ts")) continue;
    const source = await Deno.readTextFile(new URL(name, FOLDER));
    tested.push(...[...source.matchAll(/^Deno\.test\(nameOf\("(\w+)"\)/gm)].map(([, id]) => id!));
  }
  assertEquals(tested.toSorted(), Object.keys(THREATS).toSorted());
});

Deno.test("threats have names that tell them apart", () => {
  const names = (Object.keys(THREATS) as ThreatId[]).map(nameOf);
  assertEquals(new Set(names).size, names.length);
});
