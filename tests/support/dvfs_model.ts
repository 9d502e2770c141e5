// The model of the board for tests of performance and voltage, without a platform around it.
import { assertEquals } from "@std/assert";
import type { Board } from "../../boards/board.ts";
import { createModel, type Model } from "../../scp/model/model.ts";
import type { Rail } from "../../scp/model/rail.ts";
import type { SimulatedPerformanceDomain } from "../../scp/model/simulated_performance_domain.ts";
import { AGENT, DVFS_BOARD } from "./dvfs_board.ts";

/** The board without its load profile, so that nothing moves by itself. */
export const QUIET_BOARD: Board = { ...DVFS_BOARD, power: { ...DVFS_BOARD.power, phases: [] } };

/** Index of the levels of the CPU, by MHz. */
export const MHZ = { 500: 0, 1000: 1, 1500: 2, 2000: 3 } as const;

/** The parts that most tests look at. */
export interface DvfsModel {
  readonly model: Model;
  readonly cpu: SimulatedPerformanceDomain;
  readonly gpu: SimulatedPerformanceDomain;
  /** The rail of both. */
  readonly core: Rail;
}

/** Makes the model. */
export function createDvfsModel(board: Board = QUIET_BOARD): DvfsModel {
  const model = createModel(board, { seed: 1 });
  const [cpu, gpu] = model.dvfs.performanceDomains;
  return { model, cpu: cpu!, gpu: gpu!, core: model.dvfs.rails[0]! };
}

/** Has an agent ask for a level. */
export function request(domain: SimulatedPerformanceDomain, levelIndex: number): void {
  assertEquals(domain.setLevel(domain.levels[levelIndex]!, AGENT.OSPM), "SUCCESS");
}

/** Has another agent set limits. */
export function limit(domain: SimulatedPerformanceDomain, minIndex: number, maxIndex: number): void {
  const limits = { min: domain.levels[minIndex]!, max: domain.levels[maxIndex]! };
  assertEquals(domain.setLimits(limits, AGENT.PSCI), "SUCCESS");
}
