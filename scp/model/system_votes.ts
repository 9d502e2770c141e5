// One system, several agents that each believe it is theirs: a voter's request is its own going down, and a vote for the
// system to follow. The board's policy says when votes are enough (boards/system_policy.ts); every decision is logged with its
// reason. A vote for suspend is not judged by how many cores are on, as the request of one system is: each voter casts it from
// its last one. Leaves out: what a transition does (system_power_control.ts).
import type { SystemPolicyDescription } from "../../boards/system_policy.ts";
import type { SystemTransitionName } from "../../boards/system_power.ts";
import { assert } from "../core/assert.ts";
import type { Scheduler, Timer } from "../core/timeline.ts";
import type { SystemDecisions, SystemVerdict } from "./system_decision.ts";
import type { SystemCondition, SystemRequestResult } from "./system_power.ts";

/** What votes act on. */
export interface VotedSystem {
  readonly condition: SystemCondition;
  /** Tells the other agents. */
  announce(transition: SystemTransitionName, isGraceful: boolean, agentId: number, timeoutMs: number): void;
  carryOut(transition: SystemTransitionName, agentId: number): void;
}

/** The votes with which an agent does not stand in the way of a transition. */
const OUT: Readonly<Record<SystemTransitionName, readonly SystemTransitionName[]>> = {
  shutdown: ["shutdown"],
  coldReset: ["coldReset", "warmReset", "shutdown"],
  warmReset: ["warmReset", "shutdown"],
  suspend: ["suspend", "shutdown"],
};

const TRANSITIONS = Object.keys(OUT) as SystemTransitionName[];

/** What an agent that has voted finds the system to be. */
const BELIEF: Readonly<Record<SystemTransitionName, SystemCondition>> = {
  shutdown: "down",
  coldReset: "restarting",
  warmReset: "restarting",
  suspend: "suspended",
};

/** A transition that waits for agents to go. */
interface Graceful {
  readonly transition: SystemTransitionName;
  readonly timer: Timer;
}

/** The votes of a board's voters. */
export class SystemVotes {
  readonly #policy: SystemPolicyDescription;
  /** Names by id; the platform at 0. */
  readonly #names: readonly string[];
  readonly #voterIds: readonly number[];
  readonly #scheduler: Scheduler;
  readonly #system: VotedSystem;
  readonly #decisions: SystemDecisions;
  readonly #votes = new Map<number, SystemTransitionName>();
  readonly #absent = new Set<number>();
  #graceful: Graceful | null = null;

  /** `agentNames` in the order of their ids, from 1 on. */
  constructor(
    policy: SystemPolicyDescription,
    agentNames: readonly string[],
    scheduler: Scheduler,
    system: VotedSystem,
    decisions: SystemDecisions,
  ) {
    this.#policy = policy;
    this.#names = ["platform", ...agentNames];
    this.#voterIds = policy.voters.map((name) => this.#names.indexOf(name));
    this.#scheduler = scheduler;
    this.#system = system;
    this.#decisions = decisions;
    // Whoever has not come yet keeps nobody waiting.
    for (const id of this.#voterIds) this.#absent.add(id);
  }

  isVoter(agentId: number): boolean {
    return this.#voterIds.includes(agentId);
  }

  /** What the system is to a voter: what it has asked for, while that is so for it alone. */
  conditionFor(agentId: number): SystemCondition {
    const vote = this.#votes.get(agentId);
    return vote === undefined ? this.#system.condition : BELIEF[vote];
  }

  /** Takes a voter's request. */
  vote(transition: SystemTransitionName, agentId: number): SystemRequestResult {
    const rule = this.#policy.rules[transition];
    const against = this.#vetoing(transition).filter((id) => id !== agentId);
    if (against.length > 0) {
      return this.#refuse(agentId, transition, "DENIED", `vetoed by ${this.#list(against)}`);
    }
    // Who asks is there, whether or not anybody has said so.
    this.#absent.delete(agentId);
    this.#votes.delete(agentId);
    this.#votes.set(agentId, transition);
    if (rule.decide === "forced") {
      this.#system.announce(transition, false, agentId, 0);
      this.#carryOut(transition, agentId, `${this.#names[agentId]} alone decides`);
      return "SUCCESS";
    }
    if (this.#carryOutIfDecided(agentId)) return "SUCCESS";
    this.#withdrawVetoed(agentId);
    if (rule.decide === "lastOneOut") {
      const waitingFor = this.#list(this.#standing(transition));
      this.#log(agentId, transition, "waiting", `${waitingFor} would have to vote for it, or go`);
    } else if (this.#graceful !== null && this.#isWanted(this.#graceful.transition)) {
      this.#log(agentId, transition, "waiting", `${this.#graceful.transition} has its deadline already`);
    }
    this.#settleDeadline();
    return "SUCCESS";
  }

  /** Tells that a voter is up: what it had voted for is void. */
  returned(agentId: number): void {
    if (!this.isVoter(agentId)) return;
    this.#absent.delete(agentId);
    const vote = this.#votes.get(agentId);
    if (vote !== undefined) {
      this.#votes.delete(agentId);
      this.#log(agentId, vote, "withdrawn", `${this.#names[agentId]} is up again`);
    }
    this.#withdrawVetoed(agentId);
    this.#settleDeadline();
  }

  /** Tells that a voter has gone: nobody waits for it any more. */
  left(agentId: number): void {
    if (!this.isVoter(agentId) || this.#absent.has(agentId)) return;
    this.#absent.add(agentId);
    this.#carryOutIfDecided(agentId);
  }

  /** Forgets all votes, as when the system goes down or comes up. */
  clear(): void {
    this.#votes.clear();
    this.#endGraceful();
  }

  /** Voters in the way of a transition. */
  #standing(transition: SystemTransitionName): number[] {
    return this.#voterIds.filter((id) => {
      if (this.#absent.has(id)) return false;
      const vote = this.#votes.get(id);
      return vote === undefined || !OUT[transition].includes(vote);
    });
  }

  /** Those of them that may veto it. */
  #vetoing(transition: SystemTransitionName): number[] {
    const rule = this.#policy.rules[transition];
    if (rule.decide !== "veto") return [];
    return this.#standing(transition).filter((id) => rule.vetoers.includes(this.#names[id]!));
  }

  #isWanted(transition: SystemTransitionName): boolean {
    return this.#votes.values().some((vote) => vote === transition);
  }

  /**
   * Withdraws all votes for what somebody may veto who was out of the way when they were cast, and is there again, or wants something
   * else now. That may put others in the way in turn.
   */
  #withdrawVetoed(agentId: number): void {
    for (;;) {
      const vetoed = TRANSITIONS.find((each) => this.#isWanted(each) && this.#vetoing(each).length > 0);
      if (vetoed === undefined) return;
      const against = this.#list(this.#vetoing(vetoed));
      for (const [id, vote] of [...this.#votes]) if (vote === vetoed) this.#votes.delete(id);
      this.#log(agentId, vetoed, "withdrawn", `vetoed by ${against}`);
    }
  }

  /** After votes have changed: ends the deadline of what nobody wants any more, and begins that of the first vote that has one. */
  #settleDeadline(): void {
    if (this.#graceful !== null && !this.#isWanted(this.#graceful.transition)) this.#endGraceful();
    if (this.#graceful !== null) return;
    for (const [agentId, transition] of this.#votes) {
      const rule = this.#policy.rules[transition];
      if (!("deadlineMs" in rule)) continue;
      return this.#askOthers(transition, agentId, rule.deadlineMs);
    }
  }

  /** Carries out a transition that somebody has voted for and nobody stands in the way of. */
  #carryOutIfDecided(agentId: number): boolean {
    const { condition } = this.#system;
    if (condition !== "up" && condition !== "suspended") return false;
    const decided = TRANSITIONS.find((each) => this.#isWanted(each) && this.#standing(each).length === 0);
    if (decided === undefined) return false;
    this.#carryOut(decided, agentId, "no voter is left that needs the system");
    return true;
  }

  #askOthers(transition: SystemTransitionName, agentId: number, deadlineMs: number): void {
    const timer = this.#scheduler.at(this.#scheduler.nowUs() + deadlineMs * 1000, () => {
      assert(this.#vetoing(transition).length === 0, "what is vetoed has been withdrawn");
      const late = this.#list(this.#standing(transition));
      this.#carryOut(transition, 0, `the deadline of ${deadlineMs} ms is over, though ${late} is still up`);
    });
    this.#graceful = { transition, timer };
    const waitingFor = this.#list(this.#standing(transition));
    this.#log(agentId, transition, "waiting", `${waitingFor} has ${deadlineMs} ms to go`);
    this.#system.announce(transition, true, agentId, deadlineMs);
  }

  #carryOut(transition: SystemTransitionName, agentId: number, reason: string): void {
    this.#log(agentId, transition, "carriedOut", reason);
    this.clear();
    this.#system.carryOut(transition, agentId);
  }

  #endGraceful(): void {
    this.#graceful?.timer.cancel();
    this.#graceful = null;
  }

  #refuse(
    agentId: number,
    transition: SystemTransitionName,
    result: SystemRequestResult,
    reason: string,
  ): SystemRequestResult {
    this.#log(agentId, transition, "refused", reason);
    return result;
  }

  #log(agentId: number, transition: SystemTransitionName, verdict: SystemVerdict, reason: string): void {
    this.#decisions.add({ timeUs: this.#scheduler.nowUs(), agentId, transition, verdict, reason });
  }

  #list(ids: readonly number[]): string {
    return ids.map((id) => this.#names[id]).join(", ");
  }
}
