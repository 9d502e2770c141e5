// What agents do with hardware other than sensors, as coroutines in virtual time: governors of speed, drivers of clocks,
// domains, regulators and pins, and one who takes the system down. As the others, they judge nothing.
import type { Prng } from "../../scp/core/prng.ts";
import type { CommandSchema, ParamsOf } from "../../scp/core/schema.ts";
import * as clock from "../../protocols/clock/messages.ts";
import * as performance from "../../protocols/performance/messages.ts";
import * as pins from "../../protocols/pin_control/messages.ts";
import * as power from "../../protocols/power/messages.ts";
import * as reset from "../../protocols/reset/messages.ts";
import * as system from "../../protocols/system_power/messages.ts";
import * as voltage from "../../protocols/voltage/messages.ts";
import type { Behaviour } from "./behaviours.ts";
import type { Answer, SimulatedAgent } from "./simulated_agent.ts";

const MS = 1_000;
const S = 1_000_000;
const ON = { isContextLost: false, stateId: 0 };
const OFF = { isContextLost: true, stateId: 0 };

/** One of the ids from 0 on; those that are not there are asked for, too. */
function anyId(count: number, rand: Prng): number {
  return rand.nextInteger(0, Math.max(0, count - 1));
}

function chance(rand: Prng, share: number): boolean {
  return rand.nextUnit() < share;
}

/** One of the values that were returned; null when none were. */
function valuesOf<V extends object, K extends keyof V>(answer: Answer<V>, key: K): V[K] | null {
  return answer.values === null ? null : answer.values[key];
}

/** Moves the levels of performance domains up and down, as a governor does, and at times their limits. */
function* governor(agent: SimulatedAgent, rand: Prng): Generator<number, void> {
  const call = <S extends CommandSchema>(schema: S, params: ParamsOf<S>) =>
    agent.call(performance.PERFORMANCE_MESSAGES.id, schema, params);
  for (;;) {
    yield rand.nextInteger(1, 100) * MS;
    const { values } = call(performance.PERFORMANCE_PROTOCOL_ATTRIBUTES, {});
    const domainId = anyId(values?.attributes.domainCount ?? 0, rand);
    call(performance.PERFORMANCE_NOTIFY_LEVEL, { domainId, notifyEnable: { enable: chance(rand, 0.5) } });
    call(performance.PERFORMANCE_NOTIFY_LIMITS, { domainId, notifyEnable: { enable: chance(rand, 0.5) } });
    const levels = valuesOf(call(performance.PERFORMANCE_DESCRIBE_LEVELS, { domainId, skip: 0 }), "levels") ??
      [];
    for (let round = rand.nextInteger(1, 30); round > 0 && levels.length > 0; round--) {
      const [one, other] = [0, 1].map(() => levels[anyId(levels.length, rand)]!);
      // Some domains go by index; what does not fit is refused.
      const wordOf = chance(rand, 0.3)
        ? ({ levelIndex }: typeof levels[number]) => levelIndex
        : ({ level }: typeof levels[number]) => level;
      const words = [wordOf(one!), wordOf(other!)];
      if (chance(rand, 0.1)) {
        const limits = { rangeMax: Math.max(...words), rangeMin: Math.min(...words) };
        call(performance.PERFORMANCE_LIMITS_SET, { domainId, ...limits });
      }
      call(performance.PERFORMANCE_LEVEL_SET, { domainId, level: words[0]! });
      call(performance.PERFORMANCE_LEVEL_GET, { domainId });
      yield rand.nextInteger(1, 20) * MS;
    }
    // Back to everything, so that others have a choice.
    call(performance.PERFORMANCE_LIMITS_SET, {
      domainId,
      rangeMax: levels.at(-1)?.level ?? 1,
      rangeMin: levels[0]?.level ?? 1,
    });
  }
}

/** Sets rates and parents of clocks, switches them on and off. */
function* clockUser(agent: SimulatedAgent, rand: Prng): Generator<number, void> {
  const call = <S extends CommandSchema>(schema: S, params: ParamsOf<S>) =>
    agent.call(clock.CLOCK_MESSAGES.id, schema, params);
  for (;;) {
    yield rand.nextInteger(1, 200) * MS;
    const { values } = call(clock.CLOCK_PROTOCOL_ATTRIBUTES, {});
    const clockId = anyId(values?.attributes.clockCount ?? 0, rand);
    call(clock.CLOCK_ATTRIBUTES, { clockId });
    call(clock.CLOCK_RATE_NOTIFY, { clockId, notifyEnable: { enable: chance(rand, 0.7) } });
    const rates = valuesOf(call(clock.CLOCK_DESCRIBE_RATES, { clockId, rateIndex: 0 }), "rates") ?? [];
    const rateHz = BigInt((rates[anyId(rates.length, rand)]?.rateHz ?? 1) + rand.nextInteger(0, 1) * 999);
    const [async, roundsUp, roundsToNearest] = [0.4, 0.3, 0.3].map((share) => chance(rand, share));
    call(clock.CLOCK_RATE_SET, {
      clockId,
      flags: { async: async!, ignoresDelayed: false, roundsUp: roundsUp!, roundsToNearest: roundsToNearest! },
      rateHz,
    });
    call(clock.CLOCK_RATE_GET, { clockId });
    const parents = valuesOf(call(clock.CLOCK_POSSIBLE_PARENTS_GET, { clockId, skip: 0 }), "parents") ?? [];
    const parent = parents[anyId(parents.length, rand)];
    if (parent !== undefined) {
      call(clock.CLOCK_PARENT_SET, { clockId, parentId: parent.clockId });
      call(clock.CLOCK_PARENT_GET, { clockId });
    }
    const state = chance(rand, 0.6) ? clock.CLOCK_STATE.enable : clock.CLOCK_STATE.disable;
    call(clock.CLOCK_CONFIG_SET, { clockId, attributes: { state, extendedType: 0 }, extendedValue: 0 });
  }
}

/** Puts power domains on and off, at once and asynchronously, and listens to some. */
function* powerUser(agent: SimulatedAgent, rand: Prng): Generator<number, void> {
  const call = <S extends CommandSchema>(schema: S, params: ParamsOf<S>) =>
    agent.call(power.POWER_MESSAGES.id, schema, params);
  for (;;) {
    yield rand.nextInteger(1, 300) * MS;
    const { values } = call(power.POWER_PROTOCOL_ATTRIBUTES, {});
    const domainId = anyId(values?.attributes.domainCount ?? 0, rand);
    call(power.POWER_STATE_NOTIFY, { domainId, notifyEnable: { enable: chance(rand, 0.7) } });
    for (let round = rand.nextInteger(1, 6); round > 0; round--) {
      const powerState = chance(rand, 0.6) ? ON : OFF;
      call(power.POWER_STATE_SET, { flags: { async: chance(rand, 0.4) }, domainId, powerState });
      call(power.POWER_STATE_GET, { domainId });
      yield rand.nextInteger(0, 2) * MS;
    }
    call(power.POWER_STATE_SET, { flags: { async: false }, domainId, powerState: ON });
  }
}

/** Sets voltages, at once and with delayed responses, and switches rails. */
function* regulatorUser(agent: SimulatedAgent, rand: Prng): Generator<number, void> {
  const call = <S extends CommandSchema>(schema: S, params: ParamsOf<S>) =>
    agent.call(voltage.VOLTAGE_MESSAGES.id, schema, params);
  for (;;) {
    yield rand.nextInteger(1, 300) * MS;
    const { values } = call(voltage.VOLTAGE_PROTOCOL_ATTRIBUTES, {});
    const domainId = anyId(values?.attributes.domainCount ?? 0, rand);
    const levels = valuesOf(call(voltage.VOLTAGE_DESCRIBE_LEVELS, { domainId, levelIndex: 0 }), "levels") ??
      [];
    const now = call(voltage.VOLTAGE_LEVEL_GET, { domainId }).values?.levelUv ?? 0;
    // What it has is all that others need of it now, and soon may be too little.
    const levelUv = chance(rand, 0.3) ? now : levels[anyId(Math.min(2, levels.length), rand)]?.levelUv ?? 0;
    call(voltage.VOLTAGE_LEVEL_SET, { domainId, flags: { async: chance(rand, 0.5) }, levelUv });
    call(voltage.VOLTAGE_LEVEL_GET, { domainId });
    const modeId = chance(rand, 0.7) ? voltage.ARCHITECTURAL_MODE.on : voltage.ARCHITECTURAL_MODE.off;
    call(voltage.VOLTAGE_CONFIG_SET, { domainId, config: { isOwnMode: false, modeId } });
  }
}

/** Resets parts of the board, by pulses or by hand. */
function* resetter(agent: SimulatedAgent, rand: Prng): Generator<number, void> {
  const call = <S extends CommandSchema>(schema: S, params: ParamsOf<S>) =>
    agent.call(reset.RESET_MESSAGES.id, schema, params);
  const resetState = { isOwn: false, id: 0 };
  for (;;) {
    yield rand.nextInteger(1, 1_000) * MS;
    const { values } = call(reset.RESET_PROTOCOL_ATTRIBUTES, {});
    const domainId = anyId(values?.attributes.domainCount ?? 0, rand);
    call(reset.RESET_NOTIFY, { domainId, notifyEnable: { enable: chance(rand, 0.5) } });
    const flags = { autonomous: true, assert: false, async: chance(rand, 0.5) };
    call(reset.RESET, { domainId, flags, resetState });
    if (chance(rand, 0.5)) continue;
    call(reset.RESET, { domainId, flags: { autonomous: false, assert: true, async: false }, resetState });
    yield rand.nextInteger(1, 10) * MS;
    call(reset.RESET, { domainId, flags: { autonomous: false, assert: false, async: false }, resetState });
  }
}

/** Takes pins and groups, puts them to functions and gives them back. */
function* pinUser(agent: SimulatedAgent, rand: Prng): Generator<number, void> {
  const call = <S extends CommandSchema>(schema: S, params: ParamsOf<S>) =>
    agent.call(pins.PIN_CONTROL_MESSAGES.id, schema, params);
  for (;;) {
    yield rand.nextInteger(1, 500) * MS;
    const { values } = call(pins.PINCTRL_PROTOCOL_ATTRIBUTES, {});
    const selector = rand.nextInteger(0, 1);
    const { pinCount = 0, pinGroupCount = 0 } = values?.attributesLow ?? {};
    const identifier = anyId(selector === 0 ? pinCount : pinGroupCount, rand);
    const functionId = anyId(values?.attributesHigh.pinFunctionCount ?? 0, rand);
    const flags = { selector: pins.SELECTED.indexOf("pinFunction") };
    call(pins.PINCTRL_LIST_ASSOCIATIONS, { identifier: functionId, flags, index: 0 });
    call(pins.PINCTRL_REQUEST, { identifier, flags: { selector } });
    const attributes = { setsFunction: true, configCount: 0, selector };
    call(pins.PINCTRL_SETTINGS_CONFIGURE, { identifier, functionId, attributes, configs: [] });
    const mode = pins.SETTINGS.allConfigs;
    call(pins.PINCTRL_SETTINGS_GET, { identifier, attributes: { mode, selector, skip: 0, typeCode: 0 } });
    yield rand.nextInteger(1, 50) * MS;
    if (chance(rand, 0.8)) call(pins.PINCTRL_RELEASE, { identifier, flags: { selector } });
  }
}

/** Takes the system down or restarts it now and then, mostly with notice, and brings it up again. */
function* operator(agent: SimulatedAgent, rand: Prng): Generator<number, void> {
  const call = <S extends CommandSchema>(schema: S, params: ParamsOf<S>) =>
    agent.call(system.SYSTEM_POWER_MESSAGES.id, schema, params);
  const transitions = [
    system.SYSTEM_STATE.coldReset,
    system.SYSTEM_STATE.warmReset,
    system.SYSTEM_STATE.shutdown,
  ];
  for (;;) {
    call(system.SYSTEM_POWER_STATE_NOTIFY, { notifyEnable: { enable: chance(rand, 0.5) } });
    yield rand.nextInteger(5, 20) * S;
    const systemState = transitions[anyId(transitions.length, rand)]!;
    call(system.SYSTEM_POWER_STATE_SET, { flags: { graceful: chance(rand, 0.7) }, systemState });
    call(system.SYSTEM_POWER_STATE_GET, {});
    yield rand.nextInteger(1, 3) * S;
    call(system.SYSTEM_POWER_STATE_SET, {
      flags: { graceful: false },
      systemState: system.SYSTEM_STATE.powerUp,
    });
  }
}

/** These behaviours by name. */
export const HARDWARE_BEHAVIOURS: Readonly<Record<string, Behaviour>> = {
  governor,
  clockUser,
  powerUser,
  regulatorUser,
  resetter,
  pinUser,
  operator,
};
