// The text form of programs: what is printed parses back to the same program, and mistakes are told with their line.
import fc from "../support/property.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { ProtocolMessages } from "../../protocols/protocol.ts";
import {
  bits,
  bits32,
  bytes,
  command,
  flag,
  i32,
  i64,
  list,
  safe64,
  signedBits,
  text,
  u32,
} from "../../scp/core/schema.ts";
import { programOf } from "../../scp/fuzz/grammar.ts";
import type { Program } from "../../scp/fuzz/program.ts";
import { parseProgram, printProgram } from "../../scp/fuzz/program_text.ts";
import { everyKindPlan } from "./plans.ts";

/** Field kinds that parameters of today's protocols do not have. */
const OTHER_KINDS: ProtocolMessages = {
  id: 0x90,
  name: "other",
  commands: [
    command({
      id: 0x3,
      name: "OTHER_SET",
      summary: "",
      params: { number: i32(), large: safe64(), wide: i64(), label: text(16), raw: bytes() },
    }),
    command({
      id: 0x4,
      name: "OTHER_LIST",
      summary: "",
      params: {
        word: bits32({ level: signedBits(31, 28), count: bits(9, 3), isOn: flag(0) }),
        items: list({ id: u32(), flags: bits32({ mode: bits(1, 0) }) }),
      },
    }),
  ],
  notifications: [],
};

function parsed(source: string, protocols?: readonly ProtocolMessages[]): Program {
  const result = parseProgram(source, protocols);
  assert(result.ok, result.ok ? "" : result.error);
  return result.program;
}

function errorOf(...lines: string[]): string {
  const result = parseProgram(["board synthetic", "channel OSPM", ...lines].join("\n"));
  return result.ok ? "" : result.error;
}

Deno.test("printProgram and parseProgram are inverse", () => {
  fc.assert(
    fc.property(programOf(everyKindPlan()), (program) => {
      const source = printProgram(program);
      assertEquals(parsed(source), program);
      assertEquals(printProgram(parsed(source)), source);
    }),
    { seed: 1, numRuns: 150 },
  );
});

Deno.test("printProgram and parseProgram are inverse for field kinds that no protocol uses yet", () => {
  fc.assert(
    fc.property(programOf(everyKindPlan([OTHER_KINDS])), (program) => {
      assertEquals(parsed(printProgram(program), [OTHER_KINDS]), program);
    }),
    { seed: 1, numRuns: 150 },
  );
});

Deno.test("parseProgram takes comments, blank lines and left out fields", () => {
  const { steps } = parsed(
    [
      "# about it",
      "board rcar # the default seed and release",
      "",
      "channel OSPM",
      "  OSPM   sensor SENSOR_READING_GET  flags.async=1 # sensor 0",
    ].join("\r\n"),
  );
  assertEquals(steps.length, 1);
  const [step] = steps;
  assert(step?.kind === "command");
  assertEquals([step.token, step.params], [0, { sensorId: 0, flags: 1 }]);
});

Deno.test("parseProgram keeps reserved bits", () => {
  const { steps: [step] } = parsed(
    "board rcar\nchannel OSPM\nOSPM sensor SENSOR_READING_GET sensorId=1 flags.async=1 flags.reserved=0x80000000\n",
  );
  assert(step?.kind === "command");
  assertEquals(step.params.flags, 0x8000_0001);
});

Deno.test("printProgram keeps a board's name one word", () => {
  const program: Program = {
    seed: 0,
    boardName: "my boards/50%#1.json",
    release: "3.2",
    channels: [],
    steps: [],
  };
  const source = printProgram(program);
  assertStringIncludes(source, "board my%20boards/50%25%231.json\n");
  assertEquals(parsed(source), program);
});

Deno.test("parseProgram refuses what no program can have", () => {
  assertEquals(errorOf("time 3600000001"), "line 3: time is 0 to 3600000000, not 3600000001");
  for (
    const line of [
      "room OSPM -1",
      "p2a OSPM -1",
      "seed -1",
      "seed 4294967296",
      "fault -1 BUSY",
      "override -1 0",
    ]
  ) {
    assertMatch(errorOf(line), /^line 3: \w+ is 0 to \d+, not -?\d+$/);
  }
  assertStringIncludes(errorOf("channel BMC room=-1"), "line 3: room is 0 to");
  assertStringIncludes(errorOf("channel BMC p2a=-1"), "line 3: p2a is 0 to");
  assertStringIncludes(errorOf("channel 100%"), "'100%' is not a name");
});

Deno.test("parseProgram tells the line and what is wrong with it", () => {
  assertEquals(errorOf("time -1"), "line 3: time is 0 to 3600000000, not -1");
  assertEquals(errorOf("time 1", "BMC raw 00"), "line 4: there is no channel 'BMC'; the channels are OSPM");
  assertEquals(errorOf("OSPM sensor NOTHING_GET"), "line 3: protocol sensor has no command 'NOTHING_GET'");
  assertEquals(errorOf("OSPM nothing X_GET"), "line 3: there is no protocol 'nothing'");
  assertStringIncludes(errorOf("OSPM sensor SENSOR_READING_GET id=1"), "has no field 'id'");
  assertStringIncludes(errorOf("OSPM sensor SENSOR_READING_GET flags.async=2"), "2 does not fit the 1 bits");
  assertStringIncludes(errorOf("OSPM sensor SENSOR_READING_GET sensorId=x"), "has to be a whole number");
  assertStringIncludes(errorOf("OSPM raw 0"), "not a row of hexadecimal bytes");
  assertStringIncludes(errorOf("fault 0 BROKEN"), "a fault is");
  assertStringIncludes(errorOf("OSPM fast sensor SENSOR_READING_GET"), "no FastChannel of sensor");
  const limits = "OSPM fast performance PERFORMANCE_LIMITS_SET words=1";
  assertStringIncludes(errorOf(limits), "takes 2 words, not 1");
  assertStringIncludes(errorOf(`${limits},4294967296`), "a word is 0 to 4294967295");
  assertStringIncludes(errorOf("release 9.9"), "a release is one of");
  const withoutBoard = parseProgram("seed 1\n");
  assertEquals(withoutBoard, { ok: false, error: "the line 'board NAME' is missing" });
});
