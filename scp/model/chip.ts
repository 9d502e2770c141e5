// The chip: a load that changes over time, the power it draws (dynamic and leakage), the rails that feed it, the heat it
// makes and the energy it has used. What sets its frequencies and voltages is scp/model/dvfs.ts; idle states are left out.
import type { Board } from "../../boards/board.ts";
import type { PowerBlock } from "../../boards/chip.ts";
import { assert } from "../core/assert.ts";
import type { ClockLoad } from "./clock_load.ts";
import type { Dvfs } from "./dvfs.ts";
import { phaseEndsUs } from "./load_profile.ts";
import { scalarSignal, type SignalTable, slotSignal, type StateLayout, UNIT } from "./signal.ts";
import type { Supply } from "./supply.ts";
import { ThermalNetwork } from "./thermal.ts";
import { type Part, TICK_US } from "./world.ts";

/** Leakage grows by the factor e per 1/3 V, and doubles per 40 K. */
export const LEAKAGE_PER_VOLT = 3;
const LEAKAGE_PER_KELVIN = Math.LN2 / 40;

/** A block with everything about it resolved to places in arrays and slots of the state. */
interface Block {
  readonly plan: PowerBlock;
  readonly nodeIndex: number;
  readonly railIndex: number;
  readonly powerSlot: number;
  /** What the outside set, or what its performance domain puts there. */
  readonly mhzSlot: number;
  readonly utilisationSlot: number;
  /** The voltage of its rail; -1 = its rail has no regulator: the voltage follows the frequency. */
  readonly voltSlot: number;
  readonly supplySlot: number;
  /** What clocks draw from it, W. */
  readonly clocksSlot: number;
  /** Per phase. */
  readonly mhz: Float64Array;
  readonly utilisation: Float64Array;
}

/** A rail and its slots. */
interface Feed {
  readonly loadLineOhm: number;
  /** What the regulator is set to; -1 = there is none: what the blocks need. */
  readonly setVoltSlot: number;
  readonly voltageSlot: number;
  readonly currentSlot: number;
}

/** What acts on the chip through slots of the state. */
export interface ChipSurroundings {
  /** The input for the temperature around it. */
  readonly ambientSlot: number;
  readonly supply: Supply;
  readonly clockLoad: ClockLoad;
  readonly dvfs: Dvfs;
}

/** Power, heat and energy of the chip, one step per tick. */
export class Chip implements Part {
  readonly ticksPerStep = 1;
  readonly #thermal: ThermalNetwork;
  readonly #nodeOffset: number;
  readonly #blocks: readonly Block[];
  readonly #rails: readonly Feed[];
  readonly #phaseEndsUs: Float64Array;
  readonly #ambientC: number;
  readonly #ambientSlot: number;
  readonly #powerSlot: number;
  readonly #energySlot: number;
  readonly #heatW: Float64Array;
  readonly #railW: Float64Array;
  readonly #railVolts: Float64Array;

  /** Takes its slots and adds its signals. */
  constructor(board: Board, layout: StateLayout, signals: SignalTable, surroundings: ChipSurroundings) {
    const { ambientSlot, supply, clockLoad, dvfs } = surroundings;
    const { nodes, links } = board.thermal;
    const { blocks, rails, phases } = board.power;
    this.#ambientC = board.ambientC;
    this.#ambientSlot = ambientSlot;
    const nodeSlots = nodes.map(() => layout.take(board.ambientC));
    this.#nodeOffset = nodeSlots[0] ?? 0;
    this.#thermal = new ThermalNetwork(nodes, links, TICK_US, this.#nodeOffset);
    nodes.forEach((node, index) => {
      signals.set(`temperature.${node.name}`, slotSignal(nodeSlots[index]!, UNIT.celsius));
    });
    this.#rails = rails.map((rail) => {
      const feed = {
        loadLineOhm: rail.loadLineOhm,
        setVoltSlot: dvfs.voltSlotOf(rail.name),
        voltageSlot: layout.take(0),
        currentSlot: layout.take(0),
      };
      signals.set(`rail.${rail.name}.voltage`, slotSignal(feed.voltageSlot, UNIT.volt));
      signals.set(`rail.${rail.name}.current`, slotSignal(feed.currentSlot, UNIT.ampere));
      signals.set(
        `rail.${rail.name}.power`,
        scalarSignal(UNIT.watt, (state) => state[feed.voltageSlot]! * state[feed.currentSlot]!),
      );
      return feed;
    });
    this.#blocks = blocks.map((plan) => {
      const powerSlot = layout.take(0);
      signals.set(`block.${plan.name}.power`, slotSignal(powerSlot, UNIT.watt));
      const drivenSlot = dvfs.mhzSlotOf(plan.name);
      const fastestMhz = plan.operatingPoints.at(-1)!.mhz;
      return {
        plan,
        nodeIndex: nodes.findIndex((node) => node.name === plan.node),
        railIndex: rails.findIndex((rail) => rail.name === plan.rail),
        powerSlot,
        mhzSlot: drivenSlot >= 0 ? drivenSlot : layout.takeInput(`mhz.${plan.name}`, 0, fastestMhz),
        utilisationSlot: layout.takeInput(`utilisation.${plan.name}`, 0, 1),
        voltSlot: plan.rail === null ? -1 : dvfs.voltSlotOf(plan.rail),
        supplySlot: supply.slotOf(plan.powerDomain ?? null),
        clocksSlot: clockLoad.slotOf(plan.name),
        mhz: Float64Array.from(phases, (phase) => phase.loads[plan.name]?.mhz ?? 0),
        utilisation: Float64Array.from(phases, (phase) => phase.loads[plan.name]?.utilisation ?? 0),
      };
    });
    this.#phaseEndsUs = Float64Array.from(phaseEndsUs(phases));
    this.#powerSlot = layout.take(0);
    this.#energySlot = layout.take(0);
    signals.set("chip.power", slotSignal(this.#powerSlot, UNIT.watt));
    signals.set("chip.energy", slotSignal(this.#energySlot, UNIT.joule));
    this.#heatW = new Float64Array(nodes.length);
    this.#railW = new Float64Array(rails.length);
    this.#railVolts = new Float64Array(rails.length);
  }

  /** The slot with the power of a block, W. */
  powerSlotOf(block: string): number {
    const found = this.#blocks.find(({ plan }) => plan.name === block);
    assert(found !== undefined, `block ${block} exists`);
    return found.powerSlot;
  }

  /** Draws power for the first time, so that a reading at time 0 has one. */
  start(state: Float64Array): void {
    this.#draw(state, 0);
  }

  /** Draws power at the state of `startUs`, then lets heat flow and energy add up over one tick. */
  step(state: Float64Array, startUs: number): void {
    this.#draw(state, startUs);
    const ambientC = state[this.#ambientSlot]!;
    state[this.#energySlot] = state[this.#energySlot]! + state[this.#powerSlot]! * (TICK_US / 1e6);
    this.#thermal.step(state, this.#heatW, Number.isNaN(ambientC) ? this.#ambientC : ambientC);
  }

  /** Computes the power of every block and what the rails see of it. */
  #draw(state: Float64Array, timeUs: number): void {
    const phase = this.#phaseAt(timeUs);
    this.#heatW.fill(0);
    this.#railW.fill(0);
    this.#railVolts.fill(0);
    let totalW = 0;
    for (const block of this.#blocks) {
      const setMhz = state[block.mhzSlot]!;
      const setUtilisation = state[block.utilisationSlot]!;
      const mhz = Number.isNaN(setMhz) ? block.mhz[phase] ?? 0 : setMhz;
      const utilisation = Number.isNaN(setUtilisation) ? block.utilisation[phase] ?? 0 : setUtilisation;
      const volts = block.voltSlot < 0 ? voltsAt(block.plan, mhz) : state[block.voltSlot]!;
      const temperatureC = state[this.#nodeOffset + block.nodeIndex]!;
      const isSupplied = state[block.supplySlot] !== 0;
      const clocksW = state[block.clocksSlot]!;
      const powerW = isSupplied
        ? blockPowerW(block.plan, mhz, volts, utilisation, temperatureC) + clocksW
        : 0;
      state[block.powerSlot] = powerW;
      totalW += powerW;
      this.#heatW[block.nodeIndex] = this.#heatW[block.nodeIndex]! + powerW;
      if (block.railIndex >= 0) {
        this.#railW[block.railIndex] = this.#railW[block.railIndex]! + powerW;
        this.#railVolts[block.railIndex] = Math.max(this.#railVolts[block.railIndex]!, volts);
      }
    }
    state[this.#powerSlot] = totalW;
    for (let index = 0; index < this.#rails.length; index++) {
      const rail = this.#rails[index]!;
      const setVolts = rail.setVoltSlot < 0 ? this.#railVolts[index]! : state[rail.setVoltSlot]!;
      const powerW = this.#railW[index]!;
      // The voltage at the load solves V = V_set - I R with I = P / V: the larger root; half of V_set when overloaded.
      const discriminant = Math.max(0, setVolts * setVolts - 4 * rail.loadLineOhm * powerW);
      const volts = (setVolts + Math.sqrt(discriminant)) / 2;
      state[rail.voltageSlot] = volts;
      state[rail.currentSlot] = volts > 0 ? powerW / volts : 0;
    }
  }

  /** Returns the index of the load phase at a time; the phases repeat for ever. */
  #phaseAt(timeUs: number): number {
    const ends = this.#phaseEndsUs;
    if (ends.length === 0) return 0;
    const inRoundUs = timeUs % ends[ends.length - 1]!;
    let phase = 0;
    while (inRoundUs >= ends[phase]!) phase++;
    return phase;
  }
}

/** Returns the power of a block, W: fixed, in proportion to load, dynamic, and leakage at the node's temperature. */
export function blockPowerW(
  plan: PowerBlock,
  mhz: number,
  volts: number,
  utilisation: number,
  temperatureC: number,
): number {
  const activity = utilisation + (1 - utilisation) * plan.idleActivity;
  const dynamicW = plan.dynamicUwPerMhzV2 * 1e-6 * mhz * volts * volts * activity;
  const exponent = LEAKAGE_PER_VOLT * (volts - plan.leakageVolts) + LEAKAGE_PER_KELVIN * (temperatureC - 25);
  return plan.fixedW + plan.loadW * utilisation + dynamicW + volts * plan.leakageA * Math.exp(exponent);
}

/** Returns the voltage of the slowest operating point that is fast enough, or of the fastest. */
function voltsAt(plan: PowerBlock, mhz: number): number {
  const points = plan.operatingPoints;
  let place = 0;
  while (place < points.length - 1 && points[place]!.mhz < mhz) place++;
  return points[place]!.volts;
}
