// `deno task bench`: what a message costs in process and over each transport, what the model costs. Every figure
// stands beside a reference of the same run; machines differ, ratios last. `--short` measures less.
import { type AgentFigures, benchAgents, benchAgentSockets, benchFlood } from "./agents_bench.ts";
import { benchClocks, benchClockScale } from "./clock_bench.ts";
import { benchDispatch, benchScale } from "./dispatch_bench.ts";
import { benchEnumeration } from "./enumeration_bench.ts";
import { benchIdleMailbox } from "./mailbox_bench.ts";
import { benchModel } from "./model_bench.ts";
import { benchTransports } from "./transport_bench.ts";
import { verdict } from "./verdict.ts";

/** What 64 agents may cost beside one. */
const AGENTS_RATIO_MAX = 1.15;
/** How long an agent of the class safety may wait at p99 beside a busy one, times its quiet value. */
const FLOOD_RATIO_MAX = 2;

const isShort = Deno.args.includes("--short");

const dispatch = benchDispatch(isShort ? 10_000 : 40_000);
const { messageKinds, mixedNs, floorNs } = dispatch;
console.log(
  `dispatch: ${messageKinds} messages in rotation, ${mixedNs.toFixed(0)} ns each (${
    (1e3 / mixedNs).toFixed(1)
  } M/s); ` +
    `header and status alone ${floorNs.toFixed(1)} ns`,
);
for (const [label, ns] of dispatch.perMessageNs) console.log(`  ${ns.toFixed(0).padStart(5)} ns  ${label}`);

const { fewNs, manyNs } = benchScale(10_000, isShort ? 20_000 : 200_000);
console.log(
  `scale: a reading with 10 sensors ${fewNs.toFixed(0)} ns, with 10,000 ${manyNs.toFixed(0)} ns, ` +
    `ratio ${(manyNs / fewNs).toFixed(2)}`,
);

const enumeration = benchEnumeration(2_000, 10_000, isShort ? 2_000 : 20_000);
console.log(
  `scale: ${enumeration.messageCount} messages that enumerate ten clocks and ten sensors, of a board with ten ` +
    `${enumeration.fewNs.toFixed(0)} ns each, with 2,000 and 10,000 ${enumeration.manyNs.toFixed(0)} ns, ` +
    `ratio ${(enumeration.manyNs / enumeration.fewNs).toFixed(2)}`,
);

const clocks = benchClocks(isShort ? 10_000 : 40_000);
console.log(
  `clocks and resets: ${clocks.perMessageNs.size} messages in rotation, ${clocks.mixedNs.toFixed(0)} ns each`,
);
for (const [label, ns] of clocks.perMessageNs) console.log(`  ${ns.toFixed(0).padStart(5)} ns  ${label}`);
const clockScale = benchClockScale(2_000, isShort ? 2_000 : 20_000);
console.log(
  `scale: enumerating a clock of 10 ${clockScale.fewNs.toFixed(0)} ns a message, one of 2,000 ` +
    `${clockScale.manyNs.toFixed(0)} ns, ratio ${(clockScale.manyNs / clockScale.fewNs).toFixed(2)}`,
);

const { hourMs, readNs } = benchModel();
console.log(
  `model: one hour of driving in ${hourMs.toFixed(0)} ms; a sample in force read in ${readNs.toFixed(1)} ns`,
);

await benchTransports({ isShort });
await benchIdleMailbox(isShort);

const sockets = await benchAgentSockets(isShort ? 4_000 : 20_000);
const inProcess = benchAgents(isShort ? 100_000 : 1_000_000);
const printAgents = (label: string, { oneNs, manyNs }: AgentFigures) => {
  const ratio = manyNs / oneNs;
  const figures = `of one ${oneNs.toFixed(0)} ns, of 64 ${manyNs.toFixed(0)} ns, ratio ${ratio.toFixed(2)}`;
  console.log(`agents: readings ${label}: ${figures}; ${verdict(ratio, AGENTS_RATIO_MAX, "x")}`);
};
printAgents("in process, in rotation", inProcess);
printAgents("over virtio, 8 in flight, each waking the platform", sockets.inTurn);
console.log(
  `agents: the same where all 64 send before any waits: ${sockets.togetherNs.toFixed(0)} ns, ` +
    `ratio ${(sockets.togetherNs / sockets.inTurn.oneNs).toFixed(2)}`,
);

const floods = await benchFlood(isShort ? 20_000 : 100_000);
const [quiet] = floods;
console.log("flood: one reading of an agent of the class safety in flight, while another agent floods");
for (const { label, p50Us, p99Us, floodPerSecond, isJudged } of floods) {
  const ratio = p99Us / quiet!.p99Us;
  console.log(
    `  ${label.padEnd(20)} p50 ${p50Us.toFixed(1)} us, p99 ${p99Us.toFixed(1)} us (${
      ratio.toFixed(2)
    } x quiet); ` +
      `the other had ${Math.round(floodPerSecond)} answers a second` +
      (isJudged ? `; ${verdict(ratio, FLOOD_RATIO_MAX, "x")}` : ""),
  );
}
