// The simulation itself: a seed gives the run, the checkers find what is wrong, and the exit code tells what kind of
// wrong it is.
import { assert, assertEquals, assertMatch, assertNotEquals, assertStringIncludes } from "@std/assert";
import { minimalBoard } from "../../boards/minimal.ts";
import { createModel, type Model } from "../../scp/model/model.ts";
import { PhysicsChecker, ProgressChecker } from "./checkers.ts";
import type { SimulatedAgent } from "./simulated_agent.ts";
import { type Outcome, planLines, planSimulation, simulate } from "./simulation.ts";
import { EXIT, verdictOf } from "./verdict.ts";

const MAIN = new URL("main.ts", import.meta.url).pathname;

async function runMain(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", MAIN, ...args],
  })
    .output();
  const text = new TextDecoder();
  return { code, out: text.decode(stdout), err: text.decode(stderr) };
}

function outcome(changes: Partial<Outcome> = {}): Outcome {
  return {
    hash: 1,
    messageCount: 1,
    notificationCount: 0,
    delayedCount: 0,
    wrong: [],
    stuck: [],
    ...changes,
  };
}

/** A model whose sensors have these true values. */
function modelWith(truths: Readonly<Record<string, number>>): Model {
  const model = createModel(minimalBoard, { seed: 1 });
  return {
    ...model,
    truth: (index) => {
      const truth = truths[model.sensors[index]!.name];
      return truth === undefined ? model.truth(index) : [truth];
    },
  };
}

function agentWith(messageCount: number, successCount: number): SimulatedAgent {
  const succeeded = new Map([["SENSOR_CONTINUOUS_UPDATE_NOTIFY", successCount]]);
  const agent = { name: "OSPM", messageCount, successCount, succeeded, notificationCount: () => 0 };
  return agent as unknown as SimulatedAgent;
}

Deno.test("a simulation is the same again from the same seed, and another from another", () => {
  const run = (seed: number) => simulate(minimalBoard, planSimulation(minimalBoard, seed, 5e6));
  const [one, again, other] = [run(1), run(1), run(2)];
  assertEquals(again, one);
  assertNotEquals(other.hash, one.hash);
  assertEquals([one.wrong, one.stuck], [[], []]);
  assert(one.messageCount > 10, `${one.messageCount} messages`);
});

Deno.test("PhysicsChecker finds temperatures that cannot be", () => {
  const checker = new PhysicsChecker(minimalBoard, modelWith({ temp_chip: 1000 }));
  checker.check(100_000);
  assertEquals(checker.findings, ["at 0.100000 s: temp_chip has 1000 degrees Celsius"]);
});

Deno.test("PhysicsChecker finds what is no number", () => {
  const checker = new PhysicsChecker(minimalBoard, modelWith({ power_chip: NaN }));
  checker.check(100_000);
  assertEquals(checker.findings, ["at 0.100000 s: power_chip is NaN"]);
});

Deno.test("PhysicsChecker finds nothing on a sound board", () => {
  const checker = new PhysicsChecker(minimalBoard, modelWith({}));
  for (let timeUs = 0; timeUs <= 60e6; timeUs += 1e6) checker.check(timeUs);
  assertEquals(checker.findings, []);
});

Deno.test("ProgressChecker finds an agent that sends and gets nothing done", () => {
  const checker = new ProgressChecker();
  checker.check(20e6, [agentWith(100, 0)]);
  assertEquals(checker.findings, ["OSPM got nothing done up to 20 s"]);
  const patient = new ProgressChecker();
  patient.check(20e6, [agentWith(100, 1), agentWith(0, 0)]);
  assertEquals(patient.findings, []);
  patient.finish([agentWith(100, 6)]);
  assertEquals(patient.findings, ["no SENSOR_UPDATE came, though agents streamed"]);
});

Deno.test("verdictOf tells wrong results, missing progress and different runs apart", () => {
  assertEquals(verdictOf(outcome(), outcome()), { code: EXIT.success, lines: [] });
  assertEquals(verdictOf(outcome({ wrong: ["x"], stuck: ["y"] }), outcome()).code, EXIT.wrongResult);
  assertEquals(verdictOf(outcome({ stuck: ["y"] }), outcome()), {
    code: EXIT.noProgress,
    lines: ["no progress: y"],
  });
  assertEquals(verdictOf(outcome(), outcome({ hash: 2 })).code, EXIT.wrongResult);
});

Deno.test("the simulation's command prints first how to run it again", async () => {
  const plan = planSimulation(minimalBoard, 7, 2e6);
  const { code, out } = await runMain("--board", "minimal", "--seed", "7", "--time", "2");
  assertEquals(code, EXIT.success);
  const lines = out.trimEnd().split("\n");
  assertEquals(
    lines.slice(0, 3),
    ["deno task sim --board minimal --seed 7 --time 2", ...planLines(plan)].slice(0, 3),
  );
  assertMatch(lines.at(-1)!, /^ok: 2 s, twice the same$/);
});

Deno.test("the simulation's command refuses what it does not understand", async () => {
  const unknown = await runMain("--board", "unheard");
  assertEquals(unknown.code, EXIT.usage);
  assertStringIncludes(unknown.err, "Unknown board");
  assertEquals((await runMain("--seed", "x")).code, EXIT.usage);
});
