// Programs that once showed something wrong, or walk where it is easy to go wrong, as ordinary tests.
import { assert, assertEquals } from "@std/assert";
import { boardArena } from "../../scp/fuzz/arenas.ts";
import { parseProgram, printProgram } from "../../scp/fuzz/program_text.ts";
import { runProgram } from "../../scp/fuzz/run_program.ts";

const FOLDER = new URL("corpus/", import.meta.url);

for (const { name } of [...Deno.readDirSync(FOLDER)].sort((a, b) => a.name.localeCompare(b.name))) {
  Deno.test(`corpus program ${name} finds nothing`, async () => {
    const parsed = parseProgram(Deno.readTextFileSync(new URL(name, FOLDER)));
    assert(parsed.ok, parsed.ok ? "" : parsed.error);
    const { program } = parsed;
    const arena = await boardArena(program.boardName);
    const verdict = await runProgram(program, await arena.open(program));
    assertEquals(verdict.findings, []);
    // It says what it means: printed, it is the same program still.
    assertEquals(parseProgram(printProgram(program)), parsed);
  });
}
