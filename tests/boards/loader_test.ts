// Boards by name and from users' files; every failure is one line that says what, where, and what to do.
import { assert, assertEquals } from "@std/assert";
import { loadBoard } from "../../boards/loader.ts";
import { minimalBoard } from "../../boards/minimal.ts";
import { rcarBoard } from "../../boards/rcar.ts";

/** Runs with a file of that name and content in a fresh directory; `FILE` in the result stands for its path. */
async function loadFile(name: string, content: string): Promise<ReturnType<typeof loadBoard>> {
  const directory = await Deno.makeTempDir();
  try {
    const file = `${directory}/${name}`;
    await Deno.writeTextFile(file, content);
    const result = await loadBoard(file);
    return "board" in result
      ? result
      : { errors: result.errors.map((line) => line.replaceAll(file, "FILE")) };
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function oneError(nameOrFile: string): Promise<string> {
  const result = await loadBoard(nameOrFile);
  assert("errors" in result);
  assertEquals(result.errors.length, 1);
  return result.errors[0]!;
}

Deno.test("loadBoard finds the built-in boards by name", async () => {
  assertEquals(await loadBoard("rcar"), { board: rcarBoard });
  assertEquals(await loadBoard("minimal"), { board: minimalBoard });
});

Deno.test("loadBoard lists what there is when a name is unknown", async () => {
  assertEquals(
    await oneError("rcra"),
    'Unknown board "rcra": take one of rcar, rcar-faithful, rcar-guests, minimal, or a file that ends in .ts, .json, .yaml, .yml',
  );
  assertEquals(
    await oneError("boards/rcar.toml"),
    "boards/rcar.toml: a board file ends in .ts, .json, .yaml, .yml; built-in boards are rcar, rcar-faithful, rcar-guests, minimal",
  );
});

Deno.test("loadBoard says when a file is not there, or is a directory", async () => {
  for (const file of ["nowhere/board.json", "nowhere/board.yaml", "nowhere/board.ts"]) {
    assertEquals(await oneError(file), `${file}: no such file; check the path`);
  }
  const directory = await Deno.makeTempDir({ suffix: ".json" });
  assertEquals(await oneError(directory), `${directory}: not a file; give the path of a board file`);
  await Deno.remove(directory);
});

Deno.test("loadBoard reads a board from JSON and YAML", async () => {
  assertEquals(await loadFile("b.json", JSON.stringify(minimalBoard)), { board: minimalBoard });
  const yaml = `
name: small
title: A thermometer
identity: { vendor: v, subVendor: s, implementationVersion: 0x10 }
agents:
  - { name: OSPM, kind: OSPM }
sensors:
  - id: 0
    name: air
    typeCode: 2
    unitExponent: -3
    signal: ambient.temperature
    rangeMin: -40
    rangeMax: 85
    step: { mantissa: 1, exponent: -1 }
    samplePeriodUs: 1000
`;
  for (const name of ["b.yaml", "b.yml", "B.YAML"]) {
    const result = await loadFile(name, yaml);
    assert("board" in result, JSON.stringify(result));
    assertEquals(result.board.identity.implementationVersion, 16);
    assertEquals(result.board.sensors[0]!.name, "air");
  }
});

Deno.test("loadBoard reads a board from a TypeScript module's default export", async () => {
  const spread = `
import board from ${JSON.stringify(new URL("../../boards/minimal.ts", import.meta.url).href)};
export default { ...board, name: "mine", ambientC: -10 };
`;
  const result = await loadFile("my #1 board%.ts", spread);
  assert("board" in result, JSON.stringify(result));
  assertEquals([result.board.name, result.board.ambientC], ["mine", -10]);
});

Deno.test("loadBoard puts the file before each mistake of a board", async () => {
  const board = { ...minimalBoard, title: "", ambientC: 999 };
  assertEquals(await loadFile("b.json", JSON.stringify(board)), {
    errors: [
      'FILE: title: Expected 1 to 120 printable ASCII characters, got ""',
      "FILE: ambientC: Expected a number from -60 to 200, got 999",
    ],
  });
});

for (
  const [name, content, start] of [
    ["b.json", "{ name: ", "FILE: does not parse: "],
    ["b.yaml", "a: [1, 2\nb: }", "FILE: does not parse: "],
    ["b.yaml", "", "FILE: Expected an object, got null"],
    ["b.ts", "export default {", "FILE: does not load: "],
    ["b.ts", "throw new Error('no');", "FILE: does not load: no"],
    ["b.ts", "import './missing.ts';", "FILE: does not load: "],
    [
      "b.ts",
      "export const board = {};",
      "FILE: has no default export; end it with `export default defineBoard({ ... })`",
    ],
    ["b.ts", "export default 5;", "FILE: Expected an object, got 5"],
  ] as const
) {
  Deno.test(`loadBoard says in one line what is wrong with ${name}: ${JSON.stringify(content)}`, async () => {
    const result = await loadFile(name, content);
    assert("errors" in result);
    assertEquals(result.errors.length, 1);
    assert(result.errors[0]!.startsWith(start), result.errors[0]);
    assert(result.errors[0]!.length > start.length || start.endsWith(result.errors[0]!.slice(-4)));
    assert(!result.errors[0]!.includes("\n"));
  });
}
