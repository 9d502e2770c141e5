// What was set is what is read: a command that set something successfully is echoed by the one that reads it, until another
// command succeeds that sets anything, time passes or a channel is reset. Commands that are refused change nothing, and
// reading does not either.
import type { Values } from "../core/codec.ts";
import type { CommandSchema } from "../core/schema.ts";
import { CLOCK_STATE } from "../../protocols/clock/messages.ts";
import type { ChannelState } from "./channel_state.ts";
import { type Check, type ClockWishes, ECHO_RULES, type Rule } from "./echo_rules.ts";
import type { ParamValues } from "./program.ts";
import type { Understood } from "./refusals.ts";

interface Echo {
  readonly state: ChannelState;
  readonly reader: string;
  readonly set: Understood;
  readonly rule: Rule;
  readonly check: Check;
}

/** A command that reads what was set. */
export interface Reading {
  readonly protocolId: number;
  readonly schema: CommandSchema;
  readonly params: ParamValues;
}

/** Whether two commands are about the same: numbers that both have among their parameters are equal. */
function areAlike(one: Understood, other: Understood): boolean {
  return Object.entries(one.schema.params).every(([name, field]) =>
    field.kind !== "u32" || !(name in other.params) || one.params[name] === other.params[name]
  );
}

/** Whether a command is about a resource that several agents vote on. */
function isAboutShared({ agent }: ChannelState, { schema, params }: Understood): boolean {
  return Object.entries(schema.params).some(([name, field]) =>
    field.kind === "u32" && field.resource !== null && agent.isShared(field.resource, params[name] as number)
  );
}

/** Whether a command sets something that others read: it returns nothing, or has rules, and turns no notifications on. */
export function isSetter({ schema }: Understood): boolean {
  return (Object.keys(schema.returns).length === 0 || schema.name in ECHO_RULES) && !schema.needsP2a;
}

/** What has to be told back at the moment, on all channels. */
export class Echoes implements ClockWishes {
  #echoes: Echo[] = [];
  /** Agents that have switched a clock on, by its name, and not off. */
  readonly #enablers = new Map<string, Set<number>>();

  /** Judges what a successful command tells; null = nothing is wrong. */
  judge(state: ChannelState, understood: Understood, told: Values): string | null {
    const { schema, params } = understood;
    for (const echo of this.#echoes) {
      if (echo.state !== state || echo.reader !== schema.name || !areAlike(understood, echo.set)) continue;
      const problem = echo.check(told, params);
      if (problem !== null) return `${schema.name}: ${problem}`;
    }
    return null;
  }

  /** Notes a success of a command that sets: everything before may have changed by it. */
  note(state: ChannelState, understood: Understood): void {
    const { schema, params } = understood;
    this.clear();
    if (schema.name === "CLOCK_CONFIG_SET") this.#noteWish(state, params);
    if (isAboutShared(state, understood)) return;
    for (const rule of ECHO_RULES[schema.name] ?? []) {
      const check = rule.check(params, state, this);
      if (check !== null) this.#echoes.push({ state, reader: rule.reader, set: understood, rule, check });
    }
  }

  /** The commands that read what was set last on a channel, if that is still in force. */
  readingsOf(state: ChannelState): Reading[] {
    return this.#echoes.filter((echo) => echo.state === state).flatMap(({ reader, set, rule }) => {
      const { protocol, params } = set;
      const id = protocol.commands.find(({ name }) => name === reader)?.id;
      const schema = id === undefined ? undefined : state.findCommand(protocol, id);
      if (schema === undefined) return [];
      const asked = rule.ask?.(params) ?? {};
      const values = Object.entries(schema.params).map(([name, field]) =>
        [name, asked[name] ?? (field.kind === "u32" ? params[name] ?? 0 : 0)] as const
      );
      return [{ protocolId: protocol.id, schema, params: Object.fromEntries(values) }];
    });
  }

  isWantedByOthers(clockName: string, agentId: number): boolean {
    return [...this.#enablers.get(clockName) ?? []].some((id) => id !== agentId);
  }

  #noteWish({ agent }: ChannelState, { clockId, attributes }: ParamValues): void {
    const name = agent.view.clock[clockId as number]?.name;
    if (name === undefined) return;
    const enablers = this.#enablers.get(name) ?? new Set();
    this.#enablers.set(name, enablers);
    const asked = (attributes as number) & 3;
    if (asked === CLOCK_STATE.enable) enablers.add(agent.id);
    if (asked === CLOCK_STATE.disable) enablers.delete(agent.id);
  }

  /** Everything may have changed. */
  clear(): void {
    this.#echoes = [];
  }
}
