// Rules of delayed responses: one for each that was promised, laid out as declared, about what was asked for. Tokens
// may repeat, so a message may answer any of several commands.
import { HEADER_SIZE } from "../core/header.ts";
import { STATUS, statusName } from "../core/status.ts";
import type { ChannelState, DelayedCommand, PendingResponse } from "./channel_state.ts";
import { type Layout, readExactly } from "./layout_rules.ts";
import { type Complaint, judgeReadingsIn } from "./reading_rules.ts";
import { REPLY_SIZE_MIN } from "./refusals.ts";

/** Judges a delayed response. */
export function judgeDelayed(
  state: ChannelState,
  header: number,
  message: Uint8Array,
  nowUs: number | null,
): Complaint {
  if (message.length < REPLY_SIZE_MIN) {
    return { rule: "layout", problem: "a delayed response without a status" };
  }
  const candidates = state.pending.filter((pending) => pending.header === header);
  candidates.sort((a, b) => Number(b.isDue) - Number(a.isDue));
  const [first] = candidates;
  if (first === undefined) {
    return { rule: "delayed", problem: `delayed response 0x${header.toString(16)} was not promised` };
  }
  const status = new DataView(message.buffer, message.byteOffset).getInt32(HEADER_SIZE, true);
  if (status !== STATUS.SUCCESS) {
    settle(state, first);
    // A refusal names no ids: which of several it was for is not known, so the others may be about any.
    const commands = candidates.flatMap((candidate) => candidate.commands);
    for (const candidate of candidates) candidate.commands = commands;
    const isGivenUp = status === STATUS.GENERIC_ERROR && state.mayGiveUp;
    return isGivenUp && message.length === REPLY_SIZE_MIN
      ? null
      : judgeRefusal(commands, message, statusName(status));
  }
  const pending = candidates.find(({ commands }) => commands.some((each) => isAbout(each, message))) ?? first;
  settle(state, pending);
  const command = pending.commands.find((each) => isAbout(each, message)) ?? pending.commands[0]!;
  const layout = layoutOf(command, message);
  if (!layout.ok) return { rule: "layout", problem: `delayed ${command.schema.name}: ${layout.problem}` };
  if (isAbout(command, message)) return judgeReadingsIn(state, layout.values, nowUs, state.heardTimestamps);
  const problem = `delayed ${command.schema.name} is about another resource than was asked for`;
  return { rule: "delayed", problem };
}

function settle(state: ChannelState, pending: PendingResponse): void {
  state.pending.splice(state.pending.indexOf(pending), 1);
}

function judgeRefusal(commands: readonly DelayedCommand[], message: Uint8Array, status: string): Complaint {
  if (message.length !== REPLY_SIZE_MIN) {
    return { rule: "layout", problem: `a refusal of ${message.length} bytes, not ${REPLY_SIZE_MIN}` };
  }
  const isAllowed = commands.some(({ schema }) => schema.fails.some((each) => each === status));
  // What is too long for the agent's buffers comes as a refusal, too.
  if (isAllowed || status === "COMMS_ERROR") return null;
  return { rule: "status", problem: `delayed ${commands[0]!.schema.name} says ${status}` };
}

function layoutOf({ schema }: DelayedCommand, message: Uint8Array): Layout {
  return readExactly(schema.delayed!, message, REPLY_SIZE_MIN);
}

/** Whether a delayed response is laid out as a command's, and names its ids. */
function isAbout(command: DelayedCommand, message: Uint8Array): boolean {
  const { schema, params } = command;
  const layout = layoutOf(command, message);
  return layout.ok &&
    Object.entries(schema.params).every(([name, field]) =>
      field.kind !== "u32" || field.resource === null || !(name in layout.values) ||
      layout.values[name] === params[name]
    );
}
