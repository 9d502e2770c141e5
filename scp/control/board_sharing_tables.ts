// What a board says of agents beside each other, as tables for people: how each is served and what becomes of
// it, whose requests decide over what they share, and who decides over the power of the system.
import type { ClockArbitrationInput, ValuePolicyInput } from "../../boards/arbitration.ts";
import type { Board } from "../../boards/board.ts";
import type { SystemRuleInput } from "../../boards/system_policy.ts";
import type { VanishPolicy } from "../../boards/vanish.ts";
import { tableLines } from "./terminal.ts";

/** Writes the tables; a board of which nothing is said has none. */
export function sharingTables(board: Board): string[][] {
  return [serviceTable(board), arbitrationTable(board), systemPolicyTable(board)];
}

/** Agents that are not served and kept like any other. */
function serviceTable({ agents }: Board): string[] {
  const isPlain = agents.every(({ mediation, onVanish, passThrough }) =>
    mediation.serviceClass === "normal" && mediation.messagesPerS === null && onVanish === "keep" &&
    passThrough.length === 0
  );
  if (isPlain) return [];
  return tableLines(
    ["AGENT", "SERVED", "MESSAGES/S", "WHEN GONE, WHAT IT ASKED FOR IS", "TO ITSELF"],
    agents.map(({ name, mediation, onVanish, passThrough }) => [
      name,
      mediation.serviceClass,
      mediation.messagesPerS === null ? "any" : `${mediation.messagesPerS}, at once ${mediation.burst}`,
      vanishText(onVanish),
      passThrough.join(" ") || "-",
    ]),
  );
}

function arbitrationTable({ arbitration }: Board): string[] {
  const { clock = {}, powerDomain = {}, performanceDomain = {}, voltageDomain = {}, powercapDomain = {} } =
    arbitration;
  const rows = [
    ...Object.entries(clock).map(([pattern, policy]) => ["clock", pattern, clockText(policy)]),
    ...Object.keys(powerDomain).map((
      pattern,
    ) => ["power domain", pattern, "the shallowest state of all votes"]),
    ...Object.entries(performanceDomain).map(([pattern, { level, max, min }]) => [
      "performance",
      pattern,
      `level: ${policyText(level ?? "highest")}; upper limit: ${policyText(max ?? "lowest")}; ` +
      `lower limit: ${policyText(min ?? "highest")}`,
    ]),
    ...Object.entries(voltageDomain).map(([pattern, policy]) => ["voltage", pattern, policyText(policy)]),
    ...Object.entries(powercapDomain).map(([pattern, policy]) => ["power cap", pattern, policyText(policy)]),
  ];
  return rows.length === 0 ? [] : tableLines(["SHARED", "NAMES", "WHOSE REQUEST COUNTS"], rows);
}

function systemPolicyTable({ systemPower }: Board): string[] {
  const policy = systemPower?.policy ?? null;
  if (policy === null) return [];
  return tableLines(
    ["SYSTEM", "VOTERS", "TAKES PLACE"],
    Object.entries(policy.rules).map(([transition, rule]) => [
      transition,
      policy.voters.join(" "),
      ruleText(rule),
    ]),
  );
}

function vanishText(policy: VanishPolicy): string {
  if (policy === "keep") return "kept";
  return policy === "reset" ? "taken back" : `taken back after ${policy.dropAfterMs} ms`;
}

function policyText(policy: ValuePolicyInput): string {
  if (typeof policy === "string") return policy;
  return "owner" in policy ? `that of ${policy.owner}` : `first of ${policy.priority.join(", ")}`;
}

function clockText({ rate, strategies, clampHz }: ClockArbitrationInput): string {
  return [
    `rate: ${policyText(rate ?? "highest")}`,
    ...Object.entries(strategies ?? {}).map(([agent, strategy]) => `${agent}: ${strategy}`),
    ...clampHz === undefined ? [] : [`clamped to ${clampHz.min} to ${clampHz.max} Hz`],
  ].join("; ");
}

function ruleText(rule: SystemRuleInput): string {
  switch (rule.decide) {
    case "forced":
      return "with the first vote";
    case "lastOneOut":
      return "when all that are there have voted for it, or have gone";
    case "graceful":
      return `when the others have gone, at the latest after ${rule.deadlineMs} ms`;
    case "veto":
      return `unless ${rule.vetoers.join(", ")} needs the system; at the latest after ${rule.deadlineMs} ms`;
  }
}
