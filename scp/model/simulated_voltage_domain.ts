// A rail as agents may see and set it: who may, and which requests what the rail feeds does not allow.
import type { VoltageDomainDescription } from "../../boards/voltage_domain.ts";
import type { VoltageSteps } from "../../boards/regulator.ts";
import { LastAskers } from "./last_askers.ts";
import { isSupplied, type Rail } from "./rail.ts";
import type { VoltageChange, VoltageDomain, VoltageMode, VoltageResult } from "./voltage_domain.ts";

const PLATFORM = 0;

/** A voltage domain of the model. */
export class SimulatedVoltageDomain implements VoltageDomain {
  readonly name: string;
  readonly supportsAsync: boolean;
  readonly #rail: Rail;
  readonly #setterIds: ReadonlySet<number>;
  readonly #askers = new LastAskers<"level" | "mode">();

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

  /** The mode it starts in. */
  get startMode(): VoltageMode {
    return this.#rail.startMode;
  }

  /** Adds a listener for changes of level and mode, whoever caused them. */
  listen(listener: () => void): void {
    this.#rail.changes.add(listener);
  }

  get levelUv(): number {
    return this.#rail.levelUv;
  }

  /** Whether it is on its way to another level. */
  get isBusy(): boolean {
    return this.#rail.isBusy;
  }

  /** The least level that what it feeds allows, uV; null = nothing needs it. */
  get neededUv(): number | null {
    return this.#rail.neededUv;
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
    if (!isSupplied(mode) && this.#rail.neededUv !== null) return "DENIED";
    this.#askers.note("mode", agentId);
    this.#rail.setMode(mode);
    return "SUCCESS";
  }

  setLevel(levelUv: number, agentId: number): VoltageResult {
    const refusal = this.#refuse(levelUv, agentId);
    if (refusal !== null) return refusal;
    this.#askers.note("level", agentId);
    this.#rail.setLevel(levelUv);
    return "SUCCESS";
  }

  /** Goes as the platform to a level, or (null) to the one it has unasked, whatever is under way: what is needed it keeps. */
  restoreLevel(levelUv: number | null): void {
    this.#askers.note("level", PLATFORM);
    this.#rail.setLevel(levelUv);
  }

  /** Goes as the platform to a mode, or (null) to the one it starts in; a rail that is needed stays on. */
  restoreMode(mode: VoltageMode | null): void {
    this.#askers.note("mode", PLATFORM);
    const wanted = mode ?? this.#rail.startMode;
    if (isSupplied(wanted) || this.#rail.neededUv === null) this.#rail.setMode(wanted);
  }

  /** Takes back level and mode if an agent was the last to set them. */
  dropVotes(agentId: number): void {
    const asked = this.#askers.forget(agentId);
    if (asked.includes("mode")) this.restoreMode(null);
    if (asked.includes("level")) this.restoreLevel(null);
  }

  beginLevel(levelUv: number, agentId: number): VoltageChange | Exclude<VoltageResult, "SUCCESS"> {
    const refusal = this.#refuse(levelUv, agentId);
    if (refusal !== null) return refusal;
    this.#askers.note("level", agentId);
    return this.#rail.beginLevel(levelUv);
  }

  #refuse(levelUv: number, agentId: number): Exclude<VoltageResult, "SUCCESS"> | null {
    if (!this.#rail.hasLevel(levelUv)) return "INVALID_PARAMETERS";
    if (!this.maySet(agentId)) return "DENIED";
    const neededUv = this.#rail.neededUv;
    if (neededUv !== null && levelUv < neededUv) return "DENIED";
    return this.#rail.isBusy ? "BUSY" : null;
  }
}
