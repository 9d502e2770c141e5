// What agents can ask of the hardware of a model, whatever it is, for properties: requests as numbers that are taken modulo what
// there is, and all that the hardware is as text.
import fc from "./property.ts";
import type { HardwareView } from "../../scp/model/hardware.ts";
import type { Model } from "../../scp/model/model.ts";

/** A request: what to ask of which resource. */
export interface HardwareRequest {
  readonly what: number;
  readonly id: number;
  readonly value: number;
}

type Ask = (hardware: HardwareView, agentId: number, id: number, value: number) => unknown;

const of = <T>(all: readonly T[], place: number): T => all[place % all.length]!;

const onClock: Ask[] = [
  ({ clock }, agentId, id, value) =>
    of(clock, id).configure(agentId, { isEnabled: value % 2 === 0, setting: null }),
  ({ clock }, agentId, id, value) =>
    of(clock, id).configure(agentId, { isEnabled: null, setting: { name: "phase", value } }),
  ({ clock }, agentId, id, value) => of(clock, id).setRate(agentId, rateOf(of(clock, id), value), "nearest"),
  ({ clock }, agentId, id, value) =>
    of(clock, id).beginRateChange(agentId, rateOf(of(clock, id), value), "nearest"),
  ({ clock }, agentId, id, value) => {
    const { parentChoices } = of(clock, id);
    return parentChoices.length > 0 && of(clock, id).setParent(agentId, of(parentChoices, value));
  },
];

const onPower: Ask[] = [false, true].map((isAsync): Ask => ({ powerDomain }, agentId, id, value) =>
  of(powerDomain, id).request(of(of(powerDomain, id).states, value), isAsync, agentId)
);

const onDvfs: Ask[] = [
  ({ performanceDomain }, agentId, id, value) =>
    of(performanceDomain, id).setLevel(of(of(performanceDomain, id).levels, value), agentId),
  ({ performanceDomain }, agentId, id, value) => {
    const { levels } = of(performanceDomain, id);
    const min = value % levels.length;
    return of(performanceDomain, id).setLimits({
      min: levels[min]!,
      max: levels[Math.max(min, value % 7 % levels.length)]!,
    }, agentId);
  },
  ({ voltageDomain }, agentId, id, value) =>
    of(voltageDomain, id).setMode(of(of(voltageDomain, id).modes, value), agentId),
  ({ voltageDomain }, agentId, id, value) =>
    of(voltageDomain, id).setLevel(levelOf(of(voltageDomain, id), value), agentId),
  ({ voltageDomain }, agentId, id, value) =>
    of(voltageDomain, id).beginLevel(levelOf(of(voltageDomain, id), value), agentId),
];

const onPowercap: Ask[] = [
  ({ powercapDomain }, agentId, id, value) => of(powercapDomain, id).setCap(agentId, capOf(value)),
  ({ powercapDomain }, agentId, id, value) => of(powercapDomain, id).beginCapChange(agentId, capOf(value)),
  ({ powercapDomain }, agentId, id, value) => {
    const change = of(powercapDomain, id).beginCapChange(agentId, capOf(value));
    if (typeof change !== "string") change.cancel();
  },
  ({ powercapDomain }, agentId, id, value) =>
    of(powercapDomain, id).setAveraging(agentId, 1000 * (1 + value % 50)),
  ({ powercapDomain }, agentId, id, value) =>
    of(of(powercapDomain, id).limits, value).setCap(agentId, capOf(value)),
];

const onReset: Ask[] = [
  ({ resetDomain }, agentId, id) => of(resetDomain, id).hold(agentId, { isOwn: false, id: 0 }),
  ({ resetDomain }, agentId, id) => of(resetDomain, id).release(agentId),
  ({ resetDomain }, agentId, id) => {
    const domain = of(resetDomain, id);
    return domain.supportsAsync && domain.beginPulse(agentId, { isOwn: false, id: 0 });
  },
];

const onPins: Ask[] = [
  ({ pin }, agentId, id) => of(pin, id).request({ agentId }),
  ({ pinGroup }, agentId, id) => of(pinGroup, id).request({ agentId }),
  ({ pinGroup, pinFunction }, agentId, id, value) =>
    of(pinGroup, id).configure(agentId, { function: of(pinFunction, value), configs: [] }),
  ({ pin }, agentId, id, value) =>
    of(pin, id).configure(agentId, {
      function: null,
      configs: [{ typeCode: of([2, 4, 10, 12], value), value: value % 4 * 3 }],
    }),
  ({ pin }, agentId, id) => of(pin, id).release(agentId),
];

const EVERYTHING: readonly Ask[] = [
  ...onClock,
  ...onPower,
  ...onDvfs,
  ...onPowercap,
  ...onReset,
  ...onPins,
];

/** Any request. */
export const anyRequest: fc.Arbitrary<HardwareRequest> = fc.record({
  what: fc.nat(EVERYTHING.length - 1),
  id: fc.nat(5),
  value: fc.nat(60),
});

/** Asks the hardware as an agent has it. */
export function ask(model: Model, agentId: number, { what, id, value }: HardwareRequest): void {
  EVERYTHING[what]!(model.hardwareOf(agentId), agentId, id, value);
}

/** All that agents can change, by kind and name. */
export function stateOf({ view, clockTree, powercapTree }: Model): Record<string, unknown> {
  return {
    clocks: clockTree.clocks.map((clock) => [
      clock.name,
      clock.isEnabled,
      clock.isRunning,
      clock.outputHz,
      clock.parentChoice?.name,
      clock.settingOf("phase")?.value,
    ]),
    powerDomains: view.powerDomain.map(({ name, state }) => [name, state.name]),
    performanceDomains: view.performanceDomain.map(({ name, level, runningLevel, agentLimits }) => [
      name,
      level.value,
      runningLevel.value,
      agentLimits.min.value,
      agentLimits.max.value,
    ]),
    voltageDomains: view.voltageDomain.map(({ name, mode, levelUv }) => [name, mode, levelUv]),
    powercapDomains: powercapTree.domains.map(({ name, averagingUs, limits }) => [
      name,
      averagingUs,
      limits.map((limit) => [limit.name, limit.cap, limit.averagingUs]),
    ]),
    resetDomains: view.resetDomain.map(({ name, isInReset }) => [name, isInReset]),
    pins: view.pin.map((pin) => [pin.name, pin.ownerId, pin.function?.name, pin.configs]),
    pinGroups: view.pinGroup.map((group) => [group.name, group.function?.name]),
  };
}

function rateOf({ offer }: HardwareView["clock"][number], value: number): number {
  if (offer.kind === "list") return offer.ratesHz.length === 0 ? 1 : of(offer.ratesHz, value);
  return offer.lowestHz + value * offer.stepHz;
}

function levelOf({ steps }: HardwareView["voltageDomain"][number], value: number): number {
  return steps.kind === "list" ? of(steps.levelsUv, value) : steps.lowestUv + value * steps.stepUv;
}

function capOf(value: number): number | null {
  return value % 8 === 0 ? null : value * 50;
}
