// Plans of programs for the tests of the fuzzer itself.
import type { BatchPlan, StepWeights } from "../../scp/fuzz/grammar.ts";
import { PROTOCOL_MESSAGES } from "../../protocols/registry.ts";
import type { ProtocolMessages } from "../../protocols/protocol.ts";

const EVERY_KIND: StepWeights = {
  command: 8,
  raw: 3,
  fast: 3,
  time: 1,
  reset: 1,
  p2a: 1,
  room: 1,
  override: 1,
  fault: 1,
};

/** Programs with steps of every kind and all commands of the protocols. */
export function everyKindPlan(protocols: readonly ProtocolMessages[] = PROTOCOL_MESSAGES): BatchPlan {
  return {
    seed: 5,
    start: {
      boardName: "synthetic",
      release: "3.1",
      channels: [
        { agentName: "OSPM", room: 128, p2a: "all" },
        { agentName: "an agent#1", room: 0, p2a: "off" },
        { agentName: "OSPM", room: 4096, p2a: 3 },
      ],
    },
    commands: protocols.flatMap((protocol) => protocol.commands.map((schema) => ({ protocol, schema }))),
    weights: EVERY_KIND,
    hints: { liveIds: { sensor: [3, 0, 1, 2], agent: [0, 1] }, meaningful: {} },
    sensorCount: 4,
    stepsMax: 30,
  };
}
