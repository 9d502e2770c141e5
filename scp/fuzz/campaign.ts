// Many programs from one seed: batches that have a board, a release and a choice of messages in common, each program
// run on a fresh platform. Whatever is found is made as small as it gets. Time decides when to stop, nothing else.
import { createPrng, type Prng, streamKey } from "../core/prng.ts";
import type { ResourceKind } from "../core/schema.ts";
import { NO_HARDWARE } from "../model/hardware.ts";
import { isVendorProtocol, PROTOCOL_MESSAGES } from "../../protocols/registry.ts";
import { DEFAULT_RELEASE, RELEASES } from "../../protocols/protocol.ts";
import { Coverage } from "./coverage.ts";
import type { ValueHints } from "./field_values.ts";
import type { BatchPlan, CommandChoice, StepWeights } from "./grammar.ts";
import { meaningfulValues } from "./meaningful_values.ts";
import type { ChannelPlan, Program } from "./program.ts";
import { runProgram, type Verdict } from "./run_program.ts";
import { type FoundProgram, searchBatch } from "./search.ts";
import type { PlatformFacts, Target } from "./target.ts";

/** Where programs run. */
export interface Arena {
  readonly boardName: string;
  /** Number of sensors that programs may override or make fail. */
  readonly sensorCount: number;
  /** What is known of the platform before any program. */
  readonly facts: PlatformFacts;
  /** The channels there are; null = each batch draws its own among the agents. */
  readonly channels: readonly ChannelPlan[] | null;
  /** A platform in its first state, with the channels of a program; throws a FuzzError when there is none. */
  open(program: Omit<Program, "steps">): Target | Promise<Target>;
}

/** What a campaign is made with. */
export interface CampaignOptions {
  readonly seed: number;
  readonly arenas: readonly Arena[];
  /** Agents that act; the board's unless given. A name given twice has two channels. */
  readonly agentNames: readonly string[] | null;
  /** Programs after which it ends. */
  readonly runsMax: number;
  /** Findings after which it ends. */
  readonly findingsMax: number;
  /** Asked between batches; true ends the campaign. */
  isOver?(): boolean;
  /** Hears the totals after each batch. */
  onProgress?(totals: Totals): void;
  /** Hears each finding when it has been made small. */
  onFinding?(found: FoundProgram): void;
  /** Puts something between program and platform; for trying the fuzzer itself. */
  wrap?(target: Target): Target;
}

/** What a campaign did. */
export interface Totals {
  programCount: number;
  messageCount: number;
  /** Folds the trace hashes of all programs; equal for equal runs. */
  hash: number;
  readonly coverage: Coverage;
  readonly found: FoundProgram[];
}

const BATCH_SIZE = 25;
/** Short programs reach much of the platform soon, long ones get deep. */
const STEPS_MAX = [30, 120, 400];

/** Programs that are tried to make a finding smaller, each way. */
const SMALLER_RUNS_MAX = 5000;
const SMALLER_RUNS_MAX_ELSEWHERE = 300;

/** On a platform of another process time is real and the hardware is its own. */
const WEIGHTS_ELSEWHERE: StepWeights = {
  command: 60,
  raw: 8,
  fast: 0,
  time: 2,
  reset: 1,
  p2a: 0,
  room: 0,
  override: 0,
  fault: 0,
};

/** Commands that would take away a running platform that others may use, too. */
const TOO_MUCH_ELSEWHERE: ReadonlySet<string> = new Set(["SYSTEM_POWER_STATE_SET"]);

/** What takes resources from agents: all other commands go differently then, so that they often have to meet. */
const PERMISSIONS: readonly CommandChoice[] = PROTOCOL_MESSAGES.flatMap((protocol) =>
  protocol.commands.filter(({ name }) => /SET_\w*PERMISSIONS$/.test(name)).map((schema) => ({
    protocol,
    schema,
  }))
);

/** Runs a campaign. Throws a FuzzError when there is no platform to run programs on any more. */
export async function runCampaign(options: CampaignOptions): Promise<Totals> {
  const totals: Totals = { programCount: 0, messageCount: 0, hash: 0, coverage: new Coverage(), found: [] };
  for (let batch = 0; totals.programCount < options.runsMax; batch++) {
    if (options.isOver?.() ?? false) break;
    await runBatch(options, batch, totals);
    options.onProgress?.(totals);
    if (totals.found.length >= options.findingsMax) break;
  }
  return totals;
}

async function runBatch(options: CampaignOptions, batch: number, totals: Totals): Promise<void> {
  const arena = options.arenas[batch % options.arenas.length]!;
  const plan = planBatch(options, arena, batch);
  const run = async (program: Program): Promise<Verdict> => {
    const bare = await arena.open(program);
    const target = options.wrap?.(bare) ?? bare;
    try {
      return await runProgram(program, target);
    } finally {
      await target.close();
    }
  };
  const found = await searchBatch(plan, {
    seed: streamKey(options.seed, "programs", batch),
    runsMax: Math.min(BATCH_SIZE, options.runsMax - totals.programCount),
    smallerRunsMax: arena.facts.isOurs ? SMALLER_RUNS_MAX : SMALLER_RUNS_MAX_ELSEWHERE,
    run,
    onVerdict: (verdict) => note(totals, verdict),
  });
  if (found === null) return;
  totals.found.push(found);
  options.onFinding?.(found);
}

function note(totals: Totals, verdict: Verdict): void {
  totals.programCount++;
  totals.messageCount += verdict.messageCount;
  totals.hash = (Math.imul(totals.hash, 0x01000193) ^ (verdict.traceHash ?? 0)) >>> 0;
  for (const answered of verdict.answered) totals.coverage.add(answered);
}

/** What the programs of a batch have in common, drawn so that each batch goes deep somewhere. */
function planBatch(options: CampaignOptions, arena: Arena, batch: number): BatchPlan {
  const rand = createPrng(options.seed, "batch", batch);
  const agentNames = options.agentNames ?? arena.facts.agents.map(({ name }) => name);
  const channels = arena.channels ?? drawChannels(agentNames, rand);
  return {
    seed: rand.nextInteger(1, 1000),
    start: {
      boardName: arena.boardName,
      release: rand.nextUnit() < 0.4 ? DEFAULT_RELEASE : pick(RELEASES, rand),
      channels,
    },
    commands: drawCommands(rand, arena.facts.isOurs),
    weights: arena.facts.isOurs ? drawWeights(rand) : WEIGHTS_ELSEWHERE,
    hints: drawHints(arena.facts, channels, rand),
    sensorCount: arena.sensorCount,
    stepsMax: pick(STEPS_MAX, rand),
  };
}

function pick<T>(all: readonly T[], rand: Prng): T {
  return all[rand.nextInteger(0, all.length - 1)]!;
}

function drawChannels(agentNames: readonly string[], rand: Prng): ChannelPlan[] {
  // Some are no multiple of four: what is padded to words has less room there than it seems.
  const rooms = [4096, 4096, 128, 132, 104, 64, 32, 22];
  const p2as: ChannelPlan["p2a"][] = ["all", "all", "all", "all", "off", 0, 1, 4];
  // Mostly few, so that what one does meets what it did before.
  const share = pick([0, 0.3, 0.3, 1], rand);
  const names = agentNames.filter(() => rand.nextUnit() < share);
  const acting = names.length > 0 ? names : [pick(agentNames, rand)];
  return acting.map((agentName) => ({ agentName, room: pick(rooms, rand), p2a: pick(p2as, rand) }));
}

/** All commands of all protocols, or some, or those of a few protocols: with all of them, two steps hardly ever meet. */
function drawCommands(rand: Prng, isOurs: boolean): CommandChoice[] {
  const protocolShare = pick([0.1, 0.3, 1], rand);
  // By a vendor's id another platform may mean anything.
  const known = PROTOCOL_MESSAGES.filter(({ id }) => isOurs || !isVendorProtocol(id));
  const chosen = known.filter(() => rand.nextUnit() < protocolShare);
  const permissions = rand.nextUnit() < 0.3 ? PERMISSIONS : [];
  const all = (chosen.length > 0 ? chosen : known).flatMap((protocol) =>
    protocol.commands.filter(({ name }) => isOurs || !TOO_MUCH_ELSEWHERE.has(name))
      .map((schema) => ({ protocol, schema }))
  );
  const share = pick([0.15, 0.3, 0.6, 1], rand);
  const some = all.filter(() => rand.nextUnit() < share);
  return [...some.length > 0 ? some : all, ...permissions];
}

function drawWeights(rand: Prng): StepWeights {
  const some = (weight: number) => rand.nextUnit() < 0.6 ? weight : 0;
  return {
    command: 60,
    raw: some(8),
    fast: some(8),
    time: pick([0, 5, 10, 20], rand),
    reset: some(1),
    p2a: some(4),
    room: some(4),
    override: some(6),
    fault: some(3),
  };
}

function drawHints(facts: PlatformFacts, channels: readonly ChannelPlan[], rand: Prng): ValueHints {
  const counts = new Map<ResourceKind, number>();
  for (const { agentName } of channels) {
    const agent = facts.agents.find(({ name }) => name === agentName);
    for (const [kind, count] of Object.entries(agent?.counts ?? {}) as [ResourceKind, number][]) {
      counts.set(kind, Math.max(count, counts.get(kind) ?? 0));
    }
  }
  const liveIds = Object.fromEntries([...counts].map(([kind, count]) => {
    const start = count === 0 ? 0 : rand.nextInteger(0, count - 1);
    return [kind, Array.from({ length: count }, (_, i) => (start + i) % count)];
  }));
  const first = facts.agents.find(({ name }) => name === channels[0]?.agentName);
  return { liveIds, meaningful: meaningfulValues(first?.view ?? NO_HARDWARE, liveIds) };
}
