// One simulation: a board, agents with drawn behaviours, drawn faults, a scheduler in virtual time. The same seed
// gives the same run, event for event.
import type { Board } from "../../boards/board.ts";
import { createPrng, type Prng } from "../../scp/core/prng.ts";
import { createPlatform } from "../../scp/control/platform.ts";
import { InProcessTarget } from "../../scp/fuzz/in_process_target.ts";
import { hardwareOf } from "../../scp/fuzz/platforms.ts";
import { Judge } from "../../scp/fuzz/judge.ts";
import type { ChannelPlan } from "../../scp/fuzz/program.ts";
import { BEHAVIOURS } from "./behaviours.ts";
import { PhysicsChecker, ProgressChecker } from "./checkers.ts";
import { FAULT_KINDS, type FaultKind, strike } from "./fault_plan.ts";
import { SimulatedAgent } from "./simulated_agent.ts";

/** What a run consists of, drawn from its seed. */
export interface SimulationPlan {
  readonly seed: number;
  readonly durationUs: number;
  /** For each channel the agent, its room, and the names of its behaviours. */
  readonly channels: readonly { readonly plan: ChannelPlan; readonly behaviours: readonly string[] }[];
  readonly faults: readonly FaultKind[];
}

/** What came of a run. */
export interface Outcome {
  readonly hash: number;
  readonly messageCount: number;
  readonly notificationCount: number;
  readonly delayedCount: number;
  /** Lines about wrong results. */
  readonly wrong: readonly string[];
  /** Lines about what did not get on. */
  readonly stuck: readonly string[];
}

const CHECK_US = 100_000;
const PROGRESS_US = 20_000_000;
/** Time for the last delayed responses. */
const SETTLE_US = 2_000_000;

/** Draws what a run consists of. */
export function planSimulation(board: Board, seed: number, durationUs: number): SimulationPlan {
  const rand = createPrng(seed, "simulation");
  const rooms = [128, 128, 104, 4096];
  const names = Object.keys(BEHAVIOURS);
  const channels = board.agents.map(({ name }, place) => ({
    plan: { agentName: name, room: rooms[rand.nextInteger(0, rooms.length - 1)]!, p2a: "all" as const },
    // The first agent is the one that has to get on.
    behaviours: place === 0 ? ["driver", ...drawn(names, 0.4, rand)] : drawn(names, 0.4, rand),
  }));
  return { seed, durationUs, channels, faults: drawn(FAULT_KINDS, 0.6, rand) };
}

function drawn<T>(all: readonly T[], share: number, rand: Prng): T[] {
  return all.filter(() => rand.nextUnit() < share);
}

/** One line for each part of a plan. */
export function planLines(plan: SimulationPlan): string[] {
  return [
    ...plan.channels.map(({ plan: { agentName, room }, behaviours }) =>
      `  ${agentName}, room ${room}: ${behaviours.join(", ") || "silent"}`
    ),
    `  faults: ${plan.faults.join(", ") || "none"}`,
  ];
}

interface Task {
  readonly routine: Generator<number, void>;
  dueUs: number;
}

/** Runs a plan from virtual time 0 on a fresh platform. */
export function simulate(board: Board, plan: SimulationPlan): Outcome {
  const { machine, model } = createPlatform(board, { seed: plan.seed });
  const plans = plan.channels.map((channel) => channel.plan);
  const target = new InProcessTarget({ machine, hardware: hardwareOf(model) }, plans);
  const judge = new Judge(target.facts, plans);
  const agents = plans.map(({ agentName }, place) => new SimulatedAgent(agentName, place, target, judge));
  target.onReset = (place) => judge.noteReset(place);
  target.onIncoming = (place, message) => agents[place]!.hear(message);

  const tasks: Task[] = plan.channels.flatMap(({ behaviours }, place) =>
    behaviours.map((name) => {
      const routine = BEHAVIOURS[name]!(agents[place]!, createPrng(plan.seed, `${name} of channel`, place));
      return { routine, dueUs: 0 };
    })
  );
  for (const kind of plan.faults) {
    tasks.push({ routine: strike(kind, model, createPrng(plan.seed, `fault ${kind}`)), dueUs: 0 });
  }
  const physics = new PhysicsChecker(board, model);
  const progress = new ProgressChecker();
  const drivers = agents.filter((_, place) => plan.channels[place]!.behaviours.includes("driver"));
  tasks.push({ routine: every(CHECK_US, () => physics.check(machine.nowUs())), dueUs: CHECK_US });
  tasks.push({
    routine: every(PROGRESS_US, () => progress.check(machine.nowUs(), drivers)),
    dueUs: PROGRESS_US,
  });

  runTasks(tasks, plan.durationUs, (timeUs) => machine.step(timeUs), () => judge.findings.length > 0);
  machine.step(machine.nowUs() + SETTLE_US);
  judge.finish();
  progress.finish(agents);

  const counts = machine.trace.counts();
  return {
    hash: machine.trace.hash,
    messageCount: agents.reduce((sum, { messageCount }) => sum + messageCount, 0),
    notificationCount: counts.notification,
    delayedCount: counts.delayedResponse,
    wrong: [
      ...judge.findings.map(({ rule, channel, problem }) => `${rule}: ${channel}: ${problem}`),
      ...physics.findings,
    ],
    stuck: progress.findings,
  };
}

function* every(periodUs: number, act: () => void): Generator<number, void> {
  for (;;) {
    act();
    yield periodUs;
  }
}

/** Runs what is due in the order of time, of equal times in the order of the list. */
function runTasks(tasks: Task[], endUs: number, step: (timeUs: number) => void, isOver: () => boolean): void {
  while (!isOver()) {
    let next: Task | null = null;
    for (const task of tasks) if (next === null || task.dueUs < next.dueUs) next = task;
    if (next === null || next.dueUs > endUs) break;
    step(next.dueUs);
    const { value, done } = next.routine.next();
    next.dueUs = done === true ? Infinity : next.dueUs + Math.max(1, value);
  }
  if (!isOver()) step(endUs);
}
