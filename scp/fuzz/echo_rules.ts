// What was set is what is read: a command that set something successfully is echoed by the one that reads it, until another
// command succeeds that sets anything, time passes or a channel is reset. Commands that are refused change nothing, and
// reading does not either.
import type { Values } from "../core/codec.ts";
import type { CommandSchema } from "../core/schema.ts";
import { SETTINGS } from "../../protocols/pin_control/messages.ts";
import { COLLECTION } from "../../protocols/telemetry/messages.ts";
import type { ChannelState } from "./channel_state.ts";
import type { ParamValues } from "./program.ts";
import type { Understood } from "./refusals.ts";
import { telemetryControlOf } from "./success_notes.ts";

/** What a command that was served makes of a later answer; null = nothing is wrong with it. */
type Check = (told: Values, asked: ParamValues) => string | null;

/** What one command says about the answers to another. */
interface Rule {
  /** The command that reads. */
  readonly reader: string;
  /** Words of the reading command, by name, that are not 0 and not taken over; none unless given. */
  ask?(set: ParamValues): ParamValues;
  /** Makes the check from what was set; null = nothing follows from it. */
  check(set: ParamValues, state: ChannelState): Check | null;
}

function equal(field: string, expected: unknown): Check {
  return (told) => told[field] === expected ? null : `${field} is ${told[field]}, it was set to ${expected}`;
}

/** Compares the parts of a word that was set with those that are told. */
function equalParts(field: string, parts: Readonly<Record<string, number | boolean>>): Check {
  return (told) => {
    const word = told[field] as Record<string, number | boolean>;
    const wrong = Object.entries(parts).find(([part, expected]) => word[part] !== expected);
    return wrong === undefined ? null : `${wrong[0]} is ${word[wrong[0]]}, it was set to ${wrong[1]}`;
  };
}

const ASYNC = 1;
const POWERCAP_ASYNC = 2;
const ROUNDS_UP = 4;
const ROUNDS_TO_NEAREST = 8;
const ENABLE = 1;

/** How a rate was to be rounded: it may be on one side of what was asked for only. */
function rateCheck({ flags, rateHz, clockId }: ParamValues): Check | null {
  const word = flags as number;
  if ((word & (ASYNC | ROUNDS_TO_NEAREST)) !== 0) return null;
  const isUp = (word & ROUNDS_UP) !== 0;
  const wantedHz = Number(BigInt.asUintN(64, rateHz as bigint));
  return (told) => {
    const hz = told.rateHz as number;
    // A clock that hides its rate tells none.
    if (hz === 0 || (isUp ? hz >= wantedHz : hz <= wantedHz)) return null;
    return `clock ${clockId} has ${hz} Hz, it was set to ${wantedHz}, rounded ${isUp ? "up" : "down"}`;
  };
}

function powerCheck({ flags, powerState, domainId }: ParamValues, state: ChannelState): Check | null {
  const domain = state.agent.view.powerDomain[domainId as number];
  // A core changes when it stops by itself.
  if (((flags as number) & ASYNC) !== 0 || domain === undefined || domain.isCore) return null;
  const word = powerState as number;
  return equalParts("powerState", { isContextLost: (word & 2 ** 30) !== 0, stateId: word & (2 ** 28 - 1) });
}

/** A data event or group is listed when it is on, and only then; all of them are on one page at most. */
function telemetryCheck({ flags, identifier }: ParamValues): Check | null {
  const word = flags as number;
  const mode = word & 3;
  const isGroup = (word >>> 3) & 1;
  const isForAll = (word & 4) !== 0;
  return ({ counts, enabled }, asked) => {
    const { remaining } = counts as { readonly remaining: number };
    const listed = enabled as readonly {
      readonly identifier: number;
      readonly mode: { readonly mode: number };
    }[];
    if (isForAll) return listed.length === 0 ? null : `${listed.length} are on, all were switched off`;
    if (asked.flags !== isGroup || asked.index !== 0) return null;
    const told = listed.find((each) => each.identifier === identifier)?.mode.mode ?? 0;
    if (told === mode || (told === 0 && remaining > 0)) return null;
    return `${identifier} has mode ${told}, it was set to ${mode}`;
  };
}

/** By the command that sets. */
const RULES: Readonly<Record<string, readonly Rule[]>> = {
  CLOCK_RATE_SET: [{ reader: "CLOCK_RATE_GET", check: rateCheck }],
  CLOCK_PARENT_SET: [{ reader: "CLOCK_PARENT_GET", check: ({ parentId }) => equal("parentId", parentId) }],
  CLOCK_CONFIG_SET: [{
    reader: "CLOCK_CONFIG_GET",
    ask: ({ attributes }) => ({ flags: ((attributes as number) >>> 16) & 0xff }),
    check: ({ attributes, extendedValue }) => {
      const type = ((attributes as number) >>> 16) & 0xff;
      return (told, { flags }) =>
        type === 0 || flags !== type ? null : equal("extendedValue", extendedValue)(told, {});
    },
  }, {
    reader: "CLOCK_ATTRIBUTES",
    check: ({ attributes }) =>
      ((attributes as number) & 3) === ENABLE ? equalParts("attributes", { isEnabled: true }) : null,
  }],
  POWER_STATE_SET: [{ reader: "POWER_STATE_GET", check: powerCheck }],
  PERFORMANCE_LEVEL_SET: [{
    reader: "PERFORMANCE_LEVEL_GET",
    // A ceiling of the platform may hold it down.
    check: ({ level }) => ({ level: told }) =>
      (told as number) <= (level as number) ? null : `level ${told} is above ${level}, which was asked for`,
  }],
  PERFORMANCE_LIMITS_SET: [{
    reader: "PERFORMANCE_LEVEL_GET",
    check: ({ rangeMax }) => ({ level }) =>
      rangeMax === 0 || (level as number) <= (rangeMax as number)
        ? null
        : `level ${level} is above the limit ${rangeMax}`,
  }],
  VOLTAGE_LEVEL_SET: [{
    reader: "VOLTAGE_LEVEL_GET",
    check: ({ flags, levelUv }) => ((flags as number) & ASYNC) !== 0 ? null : equal("levelUv", levelUv),
  }],
  VOLTAGE_CONFIG_SET: [{
    reader: "VOLTAGE_CONFIG_GET",
    check: ({ config }) => {
      const word = config as number;
      return equalParts("config", { isOwnMode: (word & 8) !== 0, modeId: word & 7 });
    },
  }],
  POWERCAP_CAP_SET: [{
    reader: "POWERCAP_CAP_GET",
    // Version 1.0 has no word for "none".
    check: ({ flags, powerCap }) =>
      ((flags as number) & POWERCAP_ASYNC) !== 0 || powerCap === 0 ? null : equal("powerCap", powerCap),
  }],
  POWERCAP_PAI_SET: [{
    reader: "POWERCAP_PAI_GET",
    check: ({ averagingUs }) => equal("averagingUs", averagingUs),
  }],
  TELEMETRY_DE_CONFIGURE: [{
    reader: "TELEMETRY_DE_ENABLED_LIST",
    ask: ({ flags }) => ({ flags: ((flags as number) >>> 3) & 1 }),
    check: telemetryCheck,
  }],
  TELEMETRY_CONFIG_SET: [{
    reader: "TELEMETRY_CONFIG_GET",
    check: (set) => {
      const { enable, mode } = telemetryControlOf(set);
      // What is read once changes nothing.
      if (enable && mode === COLLECTION.singleRead) return null;
      return equalParts("control", enable ? { enable, mode } : { enable });
    },
  }],
  PINCTRL_SETTINGS_CONFIGURE: [{
    reader: "PINCTRL_SETTINGS_GET",
    ask: ({ attributes }) => ({
      attributes: ((attributes as number) & 3) << 16 | SETTINGS.functionOnly << 18,
    }),
    check: ({ attributes, functionId }) => {
      const word = attributes as number;
      if ((word & 2 ** 10) === 0) return null;
      return (told, asked) =>
        (((asked.attributes as number) >>> 16) & 3) === (word & 3)
          ? equal("functionId", functionId)(told, asked)
          : null;
    },
  }],
};

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
  return (Object.keys(schema.returns).length === 0 || schema.name in RULES) && !schema.needsP2a;
}

/** What has to be told back at the moment, on all channels. */
export class Echoes {
  #echoes: Echo[] = [];

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
    if (isAboutShared(state, understood)) return;
    for (const rule of RULES[schema.name] ?? []) {
      const check = rule.check(params, state);
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

  /** Everything may have changed. */
  clear(): void {
    this.#echoes = [];
  }
}
