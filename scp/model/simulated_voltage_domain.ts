// A rail as agents may see and set it: who may, and which requests what the rail feeds does not allow.
import type { VoltageDomainDescription } from "../../boards/voltage_domain.ts";
import type { VoltageSteps } from "../../boards/regulator.ts";
import type { Rail } from "./rail.ts";
import type { VoltageChange, VoltageDomain, VoltageMode, VoltageResult } from "./voltage_domain.ts";

/** A voltage domain of the model. */
export class SimulatedVoltageDomain implements VoltageDomain {
  readonly name: string;
  readonly supportsAsync: boolean;
  readonly #rail: Rail;
  readonly #setterIds: ReadonlySet<number>;

  /** `setterIds` are the agents that may set it. */
  constructor(plan: VoltageDomainDescription, rail: Rail, setterIds: ReadonlySet<number>) {
    this.name = plan.name;
    this.supportsAsync = plan.supportsAsync;
    this.#rail = rail;
    this.#setterIds = setterIds;
  }

  get steps(): VoltageSteps {
    return this.#rail.steps;
  }

  get modes(): readonly VoltageMode[] {
    return this.#rail.modes;
  }

  get mode(): VoltageMode {
    return this.#rail.mode;
  }

  get levelUv(): number {
    return this.#rail.levelUv;
  }

  /** Whether a level is one that it can be set to. */
  hasLevel(levelUv: number): boolean {
    return this.#rail.hasLevel(levelUv);
  }

  maySet(agentId: number): boolean {
    return this.#setterIds.has(agentId);
  }

  setMode(mode: VoltageMode, agentId: number): VoltageResult {
    if (!this.maySet(agentId)) return "DENIED";
    const isSupplied = mode.kind === "own" ? mode.isSupplied : mode.kind === "on";
    if (!isSupplied && this.#rail.neededUv !== null) return "DENIED";
    this.#rail.setMode(mode);
    return "SUCCESS";
  }

  setLevel(levelUv: number, agentId: number): VoltageResult {
    const refusal = this.#refuse(levelUv, agentId);
    if (refusal !== null) return refusal;
    this.#rail.setLevel(levelUv);
    return "SUCCESS";
  }

  beginLevel(levelUv: number, agentId: number): VoltageChange | Exclude<VoltageResult, "SUCCESS"> {
    return this.#refuse(levelUv, agentId) ?? this.#rail.beginLevel(levelUv);
  }

  #refuse(levelUv: number, agentId: number): Exclude<VoltageResult, "SUCCESS"> | null {
    if (!this.#rail.hasLevel(levelUv)) return "INVALID_PARAMETERS";
    if (!this.maySet(agentId)) return "DENIED";
    const neededUv = this.#rail.neededUv;
    if (neededUv !== null && levelUv < neededUv) return "DENIED";
    return this.#rail.isBusy ? "BUSY" : null;
  }
}
