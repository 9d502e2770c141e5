// Platforms with clocks for tests of the clock protocol, and what their agents hear.
import type { ClockInput } from "../../boards/clock.ts";
import type { Release } from "../../protocols/protocol.ts";
import * as clock from "../../protocols/clock/messages.ts";
import { readFields } from "../../scp/core/codec.ts";
import { HEADER_SIZE, messageIdOf, messageTypeOf } from "../../scp/core/header.ts";
import type { Machine } from "../../scp/server/machine.ts";
import { createClocks, type TestClocks } from "./clocks.ts";
import { connectAgent, createMachine, type TestAgent } from "./platform.ts";

/** The protocol. */
export const CLOCK = 0x14;

/** A platform with clocks, and its first agent. */
export interface ClockPlatform {
  readonly clocks: TestClocks;
  readonly machine: Machine;
  /** OSPM, id 1. */
  readonly agent: TestAgent;
}

/** Makes a platform whose agents OSPM and VM1 see these clocks; ids are the places. */
export function clockPlatform(
  inputs: readonly Omit<ClockInput, "id">[],
  options: { readonly release?: Release } = {},
): ClockPlatform {
  const clocks = createClocks(inputs);
  const machine = createMachine({
    ...options,
    timeline: clocks.timeline,
    view: { clock: clocks.tree.clocks },
    devices: [{ name: "all", resources: { clock: inputs.map(({ name }) => name) } }],
  });
  return { clocks, machine, agent: connectAgent(machine) };
}

/** What an agent heard of clocks, decoded: `[name, values]`; delayed responses have only their status. */
export function heardOfClocks(agent: TestAgent): unknown[] {
  return agent.heard.map((message) => {
    const view = new DataView(message.buffer, message.byteOffset, message.length);
    const header = view.getUint32(0, true);
    if (messageTypeOf(header) !== 3) return ["delayed response", view.getInt32(HEADER_SIZE, true)];
    const schema = messageIdOf(header) === 0 ? clock.CLOCK_RATE_CHANGED : clock.CLOCK_RATE_CHANGE_REQUESTED;
    return [schema.name, readFields(schema.payload, view, HEADER_SIZE, message.length)];
  });
}
