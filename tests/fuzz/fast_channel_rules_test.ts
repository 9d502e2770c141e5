// Steps that use FastChannels: what they do is held against the messages that do the same, for agents of different rights, in
// every version and after resets.
import { assert, assertEquals } from "@std/assert";
import { boardArena } from "../../scp/fuzz/arenas.ts";
import { runCampaign } from "../../scp/fuzz/campaign.ts";
import { runProgram } from "../../scp/fuzz/run_program.ts";
import type { FastPlace, Target } from "../../scp/fuzz/target.ts";
import { STATUS } from "../../scp/core/status.ts";
import { type Faults, FaultyTarget } from "./faulty_target.ts";
import { judge, programOf } from "./judge_steps.ts";

const SET_LEVEL = "OSPM fast performance PERFORMANCE_LEVEL_SET domainId=0 words=150";
const GET_LEVEL = "OSPM fast performance PERFORMANCE_LEVEL_GET domainId=0";

function spoilt(faults: Faults): (target: Target) => Target {
  return (target) => new FaultyTarget(target, faults);
}

/** Everything goes to another domain. */
const ASTRAY = spoilt({
  fastPlace: (place: FastPlace) => ({ ...place, domainId: place.domainId === 0 ? 2 : place.domainId }),
});

Deno.test("steps with FastChannels do what the messages do, in every version and after a reset", async () => {
  const program = programOf(
    SET_LEVEL,
    GET_LEVEL,
    "OSPM fast performance PERFORMANCE_LIMITS_SET domainId=0 words=150,100",
    "VM1 fast performance PERFORMANCE_LIMITS_GET domainId=3",
    // Domains of every second id may only be read by this one.
    "VM1 fast performance PERFORMANCE_LEVEL_SET domainId=3 words=100",
    "reset OSPM",
    SET_LEVEL,
    "OSPM performance NEGOTIATE_PROTOCOL_VERSION version=0x10000",
    SET_LEVEL,
    GET_LEVEL,
    "OSPM fast performance PERFORMANCE_LEVEL_SET domainId=99 words=1",
  );
  const target = await (await boardArena("synthetic")).open(program);
  const lines: string[] = [];
  const { findings } = await runProgram(program, target, (line) => lines.push(line));
  assertEquals(findings, []);
  const outcomes = lines.filter((_line, at) => lines[at - 1]?.includes(" fast ")).map((line) => line.trim());
  assertEquals(outcomes, [
    "OSPM = SUCCESS",
    "OSPM = 150",
    "OSPM = SUCCESS",
    "VM1 = 150 100",
    "VM1 = DENIED",
    "OSPM = SUCCESS",
    "OSPM = NOT_SUPPORTED",
    "OSPM = 0",
    "OSPM = no such FastChannel",
  ]);
});

Deno.test("a write to a FastChannel that is refused, or done, in other words than the message is found", async () => {
  const setOdd = "OSPM fast performance PERFORMANCE_LEVEL_SET domainId=0 words=151";
  const saysSuccess = spoilt({ fastStatus: () => STATUS.SUCCESS });
  assertEquals(await judge([setOdd]), []);
  assertEquals(await judge([setOdd], saysSuccess), [
    "echo: PERFORMANCE_LEVEL_GET: level is 200, it was set to 151",
    "fast-channel: a write is answered with SUCCESS, the message with OUT_OF_RANGE",
  ]);
  const denied = "VM1 fast performance PERFORMANCE_LEVEL_SET domainId=3 words=100";
  assertEquals(await judge([denied], saysSuccess), ["status: SUCCESS, where it has to be DENIED"]);
});

Deno.test("a FastChannel that changes or reads another domain is found", async () => {
  const set = ["OSPM fast performance PERFORMANCE_LEVEL_SET domainId=0 words=50"];
  assertEquals(await judge(set), []);
  const [first] = await judge(set, ASTRAY);
  assertEquals(
    first,
    "fast-channel: OSPM performanceDomain many levels had level 256, limits 1 to 256, " +
      "after a write to cpu it has level 50, limits 1 to 256",
  );
  assertEquals(await judge([GET_LEVEL], ASTRAY), ["fast-channel: reads 256, the message returns 200"]);
});

Deno.test("a FastChannel that is missing, or changes something although it refuses, is found", async () => {
  const missing = spoilt({ fastPlace: (place) => ({ ...place, domainId: 99 }) });
  assertEquals(await judge([GET_LEVEL], missing), ["fast-channel: it is missing"]);
  const [problem] = await judge([SET_LEVEL], spoilt({ fastStatus: () => STATUS.DENIED }));
  assert(problem!.includes("after a write that was refused it has level 150"), problem);
});

Deno.test("a campaign finds what is wrong with FastChannels, in one step", async () => {
  const arenas = [await boardArena("synthetic")];
  const totals = await runCampaign({
    seed: 1,
    arenas,
    agentNames: ["OSPM", "VM1"],
    runsMax: 1000,
    findingsMax: 1,
    wrap: ASTRAY,
  });
  const [found] = totals.found;
  assertEquals(found?.finding.rule, "fast-channel");
  assertEquals(found!.program.steps.length, 1);
});
