// Shows the hardware of a running core, resource by resource: what agents are told beside what the model
// does.
import type { PinUnit } from "../model/pin.ts";
import type { VoltageMode } from "../model/voltage_domain.ts";
import { FIRST_BOARD_LINE } from "./device_tree_gpio.ts";
import type { HardwareViewKind, HardwareViews } from "./hardware_views.ts";
import type { Platform } from "./platform.ts";

/** A kind of hardware of one platform: its resources by name, and how one is shown. */
export interface HardwareList<V> {
  readonly names: readonly string[];
  show(index: number): V;
}

/** The lists of all kinds. */
export type HardwareLists = { readonly [K in HardwareViewKind]: HardwareList<HardwareViews[K]> };

/** Makes the lists of a platform. */
export function listHardware({ board, model }: Pick<Platform, "board" | "model">): HardwareLists {
  const { view, clockTree, powerTree, systemPower, resetDomains, pinControl, dvfs } = model;
  return {
    clocks: listOf(clockTree.clocks, (clock, id) => ({
      id,
      name: clock.name,
      wire: {
        isEnabled: clock.isEnabled,
        rateHz: clock.rateHz,
        parent: clock.parentChoice?.name ?? null,
      },
      truth: { isRunning: clock.isRunning, outputHz: clock.isRunning ? clock.outputHz : 0 },
    })),
    powerDomains: listOf(powerTree.domains, (domain) => ({
      id: domain.plan.id,
      name: domain.name,
      wire: { state: domain.state.name },
      truth: { isOn: domain.isOn, goal: domain.goal?.name ?? null, above: domain.parent?.name ?? null },
    })),
    systemPower: listOf(systemPower === null ? [] : [systemPower], (system) => ({
      id: null,
      name: system.name,
      wire: { condition: system.condition },
      truth: { runningCoreCount: powerTree.runningCoreCount },
    })),
    performanceDomains: listOf(dvfs.performanceDomains, (domain, id) => ({
      id,
      name: domain.name,
      wire: {
        level: domain.level.value,
        limitMin: domain.limits.min.value,
        limitMax: domain.limits.max.value,
      },
      truth: {
        runningLevel: domain.runningLevel.value,
        frequencyKhz: domain.runningLevel.frequencyKhz,
        agentLimitMin: domain.agentLimits.min.value,
        agentLimitMax: domain.agentLimits.max.value,
      },
    })),
    resets: listOf(resetDomains, (domain, id) => ({
      id,
      name: domain.name,
      wire: { latencyUs: domain.latencyUs, supportsAsync: domain.supportsAsync },
      truth: { isInReset: domain.isInReset },
    })),
    voltages: listOf(dvfs.voltageDomains, (domain, id) => {
      const rail = dvfs.rails.find(({ name }) => name === board.voltageDomains[id]!.rail)!;
      return {
        id,
        name: domain.name,
        wire: { levelUv: domain.levelUv, mode: modeText(domain.mode) },
        truth: { volts: rail.volts, isOnItsWay: rail.isBusy, neededUv: rail.neededUv },
      };
    }),
    powerCaps: listOf(view.powercapDomain, (domain, id) => {
      const power = domain.measure();
      return {
        id,
        name: domain.name,
        wire: {
          unit: domain.unit,
          cap: domain.cap,
          averagingUs: domain.averagingUs,
          power: domain.isMonitored ? power : null,
          limits: domain.limits.map(({ name, cap, averagingUs }) => ({ name, cap, averagingUs })),
        },
        truth: { power, partOf: domain.parent?.name ?? null },
      };
    }),
    pins: listOf(pinControl.pins, (pin, id) => ({
      id,
      name: pin.name,
      wire: settingsOf(pin),
      truth: { ownerId: pin.ownerId, level: pin.level },
    })),
    gpioLines: listOf(model.gpioLines, (line, index) => ({
      id: FIRST_BOARD_LINE + index,
      name: line.name,
      wire: { level: line.read(), isOutput: line.isOutput },
      truth: {
        follows: board.gpioLines[index]!.follows.kind,
        level: line.sourceLevel,
        riseCount: line.riseCount,
        isOverridden: line.overridden !== null,
      },
    })),
    pinGroups: listOf(pinControl.groups, (group, id) => ({
      id,
      name: group.name,
      wire: { ...settingsOf(group), pins: namesOf(group.pins) },
      truth: {
        ownerId: group.hold.agentId,
        pinOwnerIds: [...new Set(group.pins.map(({ ownerId }) => ownerId))].filter((ownerId) =>
          ownerId !== 0
        ),
      },
    })),
    pinFunctions: listOf(pinControl.functions, (one, id) => ({
      id,
      name: one.name,
      wire: { isGpio: one.isGpio, groups: namesOf(one.groups), pins: namesOf(one.pins) },
      truth: { usedBy: namesOf([...one.groups, ...one.pins].filter((unit) => unit.function === one)) },
    })),
  };
}

function listOf<T extends { readonly name: string }, V>(
  all: readonly T[],
  show: (each: T, index: number) => V,
) {
  return { names: all.map(({ name }) => name), show: (index: number) => show(all[index]!, index) };
}

function namesOf(all: readonly { readonly name: string }[]): string[] {
  return all.map(({ name }) => name);
}

function settingsOf({ configs, function: one }: PinUnit) {
  return {
    function: one?.name ?? null,
    configs: configs.map(({ typeCode, value }) => ({ typeCode, value })),
  };
}

function modeText(mode: VoltageMode): string {
  return mode.kind === "own" ? `own mode ${mode.id}` : mode.kind;
}
