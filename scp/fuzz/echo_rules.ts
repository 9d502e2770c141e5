// Which command reads what another has set, and what it has to say then. When that is in force is kept in echoes.ts.
import type { Values } from "../core/codec.ts";
import type { PerformanceDomain, PerformanceLevel } from "../model/performance_domain.ts";
import { CLOCK_STATE } from "../../protocols/clock/messages.ts";
import { PERFORMANCE_MESSAGES, V4 } from "../../protocols/performance/messages.ts";
import { SETTINGS } from "../../protocols/pin_control/messages.ts";
import { COLLECTION } from "../../protocols/telemetry/messages.ts";
import type { ChannelState } from "./channel_state.ts";
import type { ParamValues } from "./program.ts";
import { telemetryControlOf } from "./success_notes.ts";

/** What a command that was served makes of a later answer; null = nothing is wrong with it. */
export type Check = (told: Values, asked: ParamValues) => string | null;

/** Who may want which clock to run. An agent that is gone may count still: too few checks, but no wrong ones. */
export interface ClockWishes {
  isWantedByOthers(clockName: string, agentId: number): boolean;
}

/** What one command says about the answers to another. */
export interface Rule {
  /** The command that reads. */
  readonly reader: string;
  /** Words of the reading command, by name, that are not 0 and not taken over; none unless given. */
  ask?(set: ParamValues): ParamValues;
  /** Makes the check from what was set; null = nothing follows from it. */
  check(set: ParamValues, state: ChannelState, wishes: ClockWishes): Check | null;
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

/** How a rate was to be rounded: it may be on one side of what was asked for only. */
function rateCheck({ flags, rateHz, clockId }: ParamValues, state: ChannelState): Check | null {
  const word = flags as number;
  if ((word & (ASYNC | ROUNDS_TO_NEAREST)) !== 0) return null;
  const isUp = (word & ROUNDS_UP) !== 0;
  const wantedHz = Number(BigInt.asUintN(64, rateHz as bigint));
  return (told) => {
    const hz = told.rateHz as number;
    if (state.hidesRate(clockId as number) ? hz === 0 : isUp ? hz >= wantedHz : hz > 0 && hz <= wantedHz) {
      return null;
    }
    return `clock ${clockId} has ${hz} Hz, it was set to ${wantedHz}, rounded ${isUp ? "up" : "down"}`;
  };
}

/** A clock that runs for nobody else stops when it is switched off. */
function clockCheck(
  { clockId, attributes }: ParamValues,
  state: ChannelState,
  wishes: ClockWishes,
): Check | null {
  const clock = state.agent.view.clock[clockId as number];
  const asked = (attributes as number) & 3;
  if (asked === CLOCK_STATE.enable) return equalParts("attributes", { isEnabled: true });
  if (asked !== CLOCK_STATE.disable || clock === undefined) return null;
  if (wishes.isWantedByOthers(clock.name, state.agent.id)) return null;
  return equalParts("attributes", { isEnabled: false });
}

/** Makes what was set into what is to be read, under the ceiling that the platform holds a domain at, if it does. */
function underCeiling(domainId: number, state: ChannelState): ((word: number) => number) | null {
  const domain = state.agent.view.performanceDomain[domainId];
  if (domain === undefined) return null;
  const { limits, agentLimits } = domain;
  const isHeld = limits.max.index < agentLimits.max.index;
  return isHeld ? (word) => Math.min(word, wordOf(domain, limits.max, state)) : (word) => word;
}

/** What a level goes by in the version in force. */
function wordOf(domain: PerformanceDomain, level: PerformanceLevel, { versions }: ChannelState): number {
  const isIndexed = domain.usesLevelIndexing && versions.get(PERFORMANCE_MESSAGES.id)! >= V4;
  // The index counts from 1 on the wire.
  return isIndexed ? level.index + 1 : level.value;
}

function levelCheck({ domainId, level }: ParamValues, state: ChannelState): Check | null {
  const held = underCeiling(domainId as number, state);
  return held === null ? null : equal("level", held(level as number));
}

/** A limit of 0 is left as it was. */
function limitsCheck({ domainId, rangeMax, rangeMin }: ParamValues, state: ChannelState): Check | null {
  const held = underCeiling(domainId as number, state);
  if (held === null) return null;
  const checks = Object.entries({ rangeMax, rangeMin }).filter(([, word]) => word !== 0)
    .map(([field, word]) => equal(field, held(word as number)));
  return (told, asked) =>
    checks.map((check) => check(told, asked)).find((problem) => problem !== null) ?? null;
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

/** The rules by the command that sets. */
export const ECHO_RULES: Readonly<Record<string, readonly Rule[]>> = {
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
    check: clockCheck,
  }],
  POWER_STATE_SET: [{ reader: "POWER_STATE_GET", check: powerCheck }],
  PERFORMANCE_LEVEL_SET: [{ reader: "PERFORMANCE_LEVEL_GET", check: levelCheck }],
  PERFORMANCE_LIMITS_SET: [{
    reader: "PERFORMANCE_LEVEL_GET",
    check: ({ rangeMax }) => ({ level }) =>
      rangeMax === 0 || (level as number) <= (rangeMax as number)
        ? null
        : `level ${level} is above the limit ${rangeMax}`,
  }, {
    reader: "PERFORMANCE_LIMITS_GET",
    check: limitsCheck,
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
