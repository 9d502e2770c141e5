// One voltage domain among several agents: it is supplied while any of them wants it to be, at the level that the board's
// policy makes of their votes. What the rail feeds has the last word, as without others.
import type { VoltageSteps } from "../../../boards/regulator.ts";
import type { SimulatedVoltageDomain } from "../simulated_voltage_domain.ts";
import type { VoltageChange, VoltageDomain, VoltageMode, VoltageResult } from "../voltage_domain.ts";
import type { Beliefs } from "./belief.ts";
import { ValueVotes, type VotePolicy } from "./value_votes.ts";

/** A voltage domain and what agents want of it. */
export class VoltageArbiter {
  readonly levelVotes: ValueVotes;
  readonly #modeVotes = new Map<number, VoltageMode>();
  readonly #domain: SimulatedVoltageDomain;
  readonly #beliefs: Beliefs;

  constructor(domain: SimulatedVoltageDomain, policy: VotePolicy, beliefs: Beliefs) {
    this.#domain = domain;
    this.levelVotes = new ValueVotes(policy);
    this.#beliefs = beliefs;
  }

  /** The domain as agents have it. */
  get facade(): VoltageDomain {
    return new SharedVoltageDomain(this.#domain, this);
  }

  setMode(mode: VoltageMode, agentId: number): VoltageResult {
    const domain = this.#domain;
    if (!domain.maySet(agentId)) return "DENIED";
    const keepers = [...this.#modeVotes].filter(([id, vote]) => id !== agentId && isSupplied(vote));
    // Somebody else's wish for power outweighs one for none; of two ways to be on the last one counts.
    const wanted = isSupplied(mode) || keepers.length === 0 ? mode : keepers.at(-1)![1];
    const result = domain.setMode(wanted, agentId);
    if (result !== "SUCCESS") return result;
    this.#modeVotes.delete(agentId);
    this.#modeVotes.set(agentId, mode);
    this.#compare();
    return "SUCCESS";
  }

  setLevel(levelUv: number, agentId: number): VoltageResult {
    const wantedUv = this.#wantedWith(levelUv, agentId);
    const result = this.#domain.setLevel(wantedUv, agentId);
    if (result === "SUCCESS") this.#cast(levelUv, agentId);
    return result;
  }

  beginLevel(levelUv: number, agentId: number): VoltageChange | Exclude<VoltageResult, "SUCCESS"> {
    const wantedUv = this.#wantedWith(levelUv, agentId);
    const change = this.#domain.beginLevel(wantedUv, agentId);
    if (typeof change === "string") return change;
    const former = this.levelVotes.all.get(agentId);
    this.#cast(levelUv, agentId);
    return {
      doneUs: change.doneUs,
      cancel: () => {
        change.cancel();
        if (former === undefined) this.levelVotes.drop(agentId);
        else this.levelVotes.cast(agentId, former);
      },
    };
  }

  /** Takes back what an agent wants; the domain stays as it is where nobody else has said anything. */
  dropVotes(agentId: number): void {
    this.#modeVotes.delete(agentId);
    const [modeId, mode] = [...this.#modeVotes].at(-1) ?? [];
    if (modeId !== undefined && mode !== undefined) this.setMode(mode, modeId);
    const hadLevel = this.levelVotes.drop(agentId);
    const levelUv = this.levelVotes.value;
    const levelId = [...this.levelVotes.all.keys()].at(-1);
    if (hadLevel && levelUv !== null && levelId !== undefined) this.#domain.setLevel(levelUv, levelId);
  }

  /** Forgets all votes, as the hardware has when the system is reset. */
  reset(): void {
    this.levelVotes.clear();
    this.#modeVotes.clear();
  }

  /** What the level is with another vote; a level that the domain does not have is for the domain to refuse. */
  #wantedWith(levelUv: number, agentId: number): number {
    return this.#domain.hasLevel(levelUv) ? this.levelVotes.valueWith(agentId, levelUv) : levelUv;
  }

  #cast(levelUv: number, agentId: number): void {
    this.levelVotes.cast(agentId, levelUv);
    this.#compare();
  }

  #compare(): void {
    const { name, mode } = this.#domain;
    const levelUv = this.levelVotes.value;
    for (const [agentId, vote] of this.levelVotes.all) {
      this.#beliefs.compare(agentId, "voltageDomain", name, "level", `${vote} uV`, `${levelUv} uV`);
    }
    const textOf = (each: VoltageMode) => isSupplied(each) ? "on" : "off";
    for (const [agentId, vote] of this.#modeVotes) {
      this.#beliefs.compare(agentId, "voltageDomain", name, "state", textOf(vote), textOf(mode));
    }
  }
}

function isSupplied(mode: VoltageMode): boolean {
  return mode.kind === "own" ? mode.isSupplied : mode.kind === "on";
}

/** A voltage domain as one of several agents has it. */
class SharedVoltageDomain implements VoltageDomain {
  readonly #domain: SimulatedVoltageDomain;
  readonly #arbiter: VoltageArbiter;

  constructor(domain: SimulatedVoltageDomain, arbiter: VoltageArbiter) {
    this.#domain = domain;
    this.#arbiter = arbiter;
  }

  get name(): string {
    return this.#domain.name;
  }

  get supportsAsync(): boolean {
    return this.#domain.supportsAsync;
  }

  get steps(): VoltageSteps {
    return this.#domain.steps;
  }

  get modes(): readonly VoltageMode[] {
    return this.#domain.modes;
  }

  get mode(): VoltageMode {
    return this.#domain.mode;
  }

  get levelUv(): number {
    return this.#domain.levelUv;
  }

  maySet(agentId: number): boolean {
    return this.#domain.maySet(agentId);
  }

  setMode(mode: VoltageMode, agentId: number): VoltageResult {
    return this.#arbiter.setMode(mode, agentId);
  }

  setLevel(levelUv: number, agentId: number): VoltageResult {
    return this.#arbiter.setLevel(levelUv, agentId);
  }

  beginLevel(levelUv: number, agentId: number): VoltageChange | Exclude<VoltageResult, "SUCCESS"> {
    return this.#arbiter.beginLevel(levelUv, agentId);
  }
}
