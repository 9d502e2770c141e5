// One voltage domain among several agents: it is supplied while any of them wants it to be, at the level that the board's
// policy makes of their votes. What the rail feeds has the last word, as without others. Supply at boot is nobody's vote, and
// counts until the first agent that wants the domain supplied has said so, and again when that agent has vanished.
import type { VoltageSteps } from "../../../boards/regulator.ts";
import { isSupplied } from "../rail.ts";
import type { SimulatedVoltageDomain } from "../simulated_voltage_domain.ts";
import type { VoltageChange, VoltageDomain, VoltageMode, VoltageResult } from "../voltage_domain.ts";
import type { Beliefs } from "./belief.ts";
import { type CastVote, castVotes } from "./cast_vote.ts";
import { ValueVotes, type VotePolicy } from "./value_votes.ts";

/** A voltage domain and what agents want of it. */
export class VoltageArbiter {
  readonly levelVotes: ValueVotes;
  readonly #modeVotes = new Map<number, VoltageMode>();
  readonly #domain: SimulatedVoltageDomain;
  readonly #beliefs: Beliefs;
  /** Agents that have wanted it supplied: none = the mode it boots in counts. */
  readonly #metBy = new Set<number>();
  /** Whether a request is being carried out: the votes are not yet what they will be. */
  #isMidway = false;

  constructor(domain: SimulatedVoltageDomain, policy: VotePolicy, beliefs: Beliefs) {
    this.#domain = domain;
    this.levelVotes = new ValueVotes(policy);
    this.#beliefs = beliefs;
    domain.listen(() => this.compare());
  }

  /** The domain as agents have it. */
  get facade(): VoltageDomain {
    return new SharedVoltageDomain(this.#domain, this);
  }

  setMode(mode: VoltageMode, agentId: number): VoltageResult {
    const domain = this.#domain;
    if (!domain.maySet(agentId)) return "DENIED";
    const others = [...this.#modeVotes].filter(([id]) => id !== agentId).map(([, vote]) => vote);
    const isMet = isSupplied(mode) || this.#metBy.size > 0;
    const wanted = this.#wantedMode([...others, mode], isMet)!;
    const result = this.#midway(() => domain.setMode(wanted, agentId));
    if (result !== "SUCCESS") return result;
    if (isSupplied(mode)) this.#metBy.add(agentId);
    this.#modeVotes.delete(agentId);
    this.#modeVotes.set(agentId, mode);
    this.compare();
    return "SUCCESS";
  }

  setLevel(levelUv: number, agentId: number): VoltageResult {
    const wantedUv = this.#wantedWith(levelUv, agentId);
    const result = this.#midway(() => this.#domain.setLevel(wantedUv, agentId));
    if (result !== "SUCCESS") return result;
    this.levelVotes.cast(agentId, levelUv);
    this.compare();
    return "SUCCESS";
  }

  beginLevel(levelUv: number, agentId: number): VoltageChange | Exclude<VoltageResult, "SUCCESS"> {
    const wantedUv = this.#wantedWith(levelUv, agentId);
    const change = this.#domain.beginLevel(wantedUv, agentId);
    if (typeof change === "string") return change;
    const undo = this.levelVotes.cast(agentId, levelUv);
    this.compare();
    return {
      doneUs: change.doneUs,
      get result() {
        return change.result;
      },
      cancel: () => {
        change.cancel();
        undo();
        if (!this.levelVotes.all.has(agentId)) {
          this.#beliefs.end(agentId, "voltageDomain", this.#domain.name, "level");
        }
        this.compare();
      },
    };
  }

  /** Takes back what an agent wants, as if it had never said so. */
  dropVotes(agentId: number): void {
    this.#metBy.delete(agentId);
    this.#midway(() => {
      if (this.#modeVotes.delete(agentId)) this.#domain.restoreMode(this.#wantedNow);
      if (this.levelVotes.drop(agentId)) this.#domain.restoreLevel(this.levelVotes.value);
    });
    this.compare();
  }

  /** Forgets all votes, as the hardware has when the system is reset. Over a warm reset regulators keep what they were told. */
  reset(isCold: boolean): void {
    if (!isCold) return this.compare();
    this.levelVotes.clear();
    this.#modeVotes.clear();
    this.#metBy.clear();
  }

  /** All votes that count. */
  votes(): CastVote[] {
    const subject = { kind: "voltageDomain", name: this.#domain.name } as const;
    return [
      ...[...this.#modeVotes].map(([agentId, mode]) => ({
        ...subject,
        about: "state",
        agentId,
        wanted: textOf(mode),
      })),
      ...castVotes(this.levelVotes, { ...subject, about: "level", textOf: (levelUv) => `${levelUv} uV` }),
    ];
  }

  /** Compares what agents believe with what is so; a level that is on its way counts as reached. */
  compare(): void {
    if (this.#isMidway) return;
    const { name, mode, isBusy } = this.#domain;
    const levelUv = isBusy ? this.levelVotes.value : this.#domain.levelUv;
    for (const [agentId, vote] of this.levelVotes.all) {
      this.#beliefs.compare(agentId, "voltageDomain", name, "level", `${vote} uV`, `${levelUv} uV`);
    }
    for (const [agentId, vote] of this.#modeVotes) {
      this.#beliefs.compare(agentId, "voltageDomain", name, "state", textOf(vote), textOf(mode));
    }
  }

  /** Lists what may never be; nothing is right. What the rail feeds may need more. */
  checkInvariants(): string[] {
    const { name, mode, levelUv, isBusy, neededUv } = this.#domain;
    const wrong: string[] = [];
    const wanted = this.#wantedNow;
    if (wanted !== null && wanted !== mode && (isSupplied(wanted) || neededUv === null)) {
      wrong.push(`voltage domain ${name} is ${textOf(mode)}, its votes make ${textOf(wanted)}`);
    }
    const votedUv = this.levelVotes.value;
    if (votedUv !== null && !isBusy && levelUv !== Math.max(votedUv, neededUv ?? votedUv)) {
      wrong.push(`voltage domain ${name} is at ${levelUv} uV, its votes make ${votedUv}`);
    }
    return wrong;
  }

  get #wantedNow(): VoltageMode | null {
    return this.#wantedMode([...this.#modeVotes.values()], this.#metBy.size > 0);
  }

  /** The mode that votes make, the last one last: a wish for power outweighs all for none. Null: there is no vote. */
  #wantedMode(votes: readonly VoltageMode[], isBootMet: boolean): VoltageMode | null {
    const { startMode } = this.#domain;
    const all = isBootMet || !isSupplied(startMode) ? votes : [startMode, ...votes];
    return all.findLast(isSupplied) ?? all.at(-1) ?? null;
  }

  #midway<T>(request: () => T): T {
    this.#isMidway = true;
    const result = request();
    this.#isMidway = false;
    return result;
  }

  /** What the level is with another vote; a level that the domain does not have is for the domain to refuse. */
  #wantedWith(levelUv: number, agentId: number): number {
    return this.#domain.hasLevel(levelUv) ? this.levelVotes.valueWith(agentId, levelUv) : levelUv;
  }
}

function textOf(mode: VoltageMode): string {
  return isSupplied(mode) ? "on" : "off";
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
