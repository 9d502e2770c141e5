// What transitions of the whole system do. A forceful request acts at once; a graceful one is announced to the agents that
// asked for it and carried out when all of them have gone, and a shutdown at the latest after its timeout. A shutdown or
// reset takes all domains off, and all other hardware wakes up in its boot state; time and temperatures go on.
import type { AgentDescription } from "../../boards/agent.ts";
import type { SystemPowerDescription } from "../../boards/system_power.ts";
import { assert } from "../core/assert.ts";
import { SYSTEM_POWER_NAME } from "../core/schema.ts";
import type { Scheduler, Timer } from "../core/timeline.ts";
import { ChangeListeners } from "./change_listeners.ts";
import type { PowerTree } from "./power_tree.ts";
import { SystemDecisions } from "./system_decision.ts";
import { SystemVotes, type VotedSystem } from "./system_votes.ts";
import type { SimulatedPowerDomain } from "./simulated_power_domain.ts";
import type {
  SystemCondition,
  SystemPower,
  SystemPowerNotice,
  SystemRequestResult,
  SystemTransition,
} from "./system_power.ts";

/** Hardware that a reset of the system puts back. */
export interface Resettable {
  /** Puts everything into the state it boots in. A warm reset leaves alone what keeps its state while supplied. */
  reset(isCold: boolean): void;
}

interface Subscription {
  readonly agentId: number;
  readonly listener: (notice: SystemPowerNotice) => void;
}

/** A graceful request that waits for agents to go. */
interface Pending {
  readonly transition: SystemTransition;
  readonly agentId: number;
  readonly awaited: Set<Subscription>;
  /** Forces it; null = it waits without limit. */
  readonly timer: Timer | null;
}

/** The power of the system. */
export class SystemPowerControl implements SystemPower {
  readonly name = SYSTEM_POWER_NAME;
  readonly #plan: SystemPowerDescription;
  readonly #agents: readonly AgentDescription[];
  readonly #tree: PowerTree;
  readonly #root: SimulatedPowerDomain | null;
  readonly #scheduler: Scheduler;
  readonly #hardware: readonly Resettable[];
  readonly #subscriptions = new Set<Subscription>();
  readonly #resetListeners = new ChangeListeners<readonly number[]>();
  /** What was decided, and why. */
  readonly decisions = new SystemDecisions();
  /** Null = the board has no voters. */
  readonly #votes: SystemVotes | null;
  #condition: SystemCondition = "up";
  #pending: Pending | null = null;

  /** `agents` in the order of their ids, from 1 on; `hardware` is what a reset puts back besides the domains; it may grow. */
  constructor(
    plan: SystemPowerDescription,
    agents: readonly AgentDescription[],
    tree: PowerTree,
    scheduler: Scheduler,
    hardware: readonly Resettable[],
  ) {
    this.#plan = plan;
    this.#agents = agents;
    this.#tree = tree;
    this.#root = plan.domain === null ? null : tree.find(plan.domain) ?? null;
    this.#scheduler = scheduler;
    this.#hardware = hardware;
    const names = agents.map(({ name }) => name);
    this.#votes = plan.policy === null
      ? null
      : new SystemVotes(plan.policy, names, scheduler, this.#votedSystem(), this.decisions);
  }

  get condition(): SystemCondition {
    return this.#condition;
  }

  /** Whether a graceful request waits for agents. */
  get isWaiting(): boolean {
    return this.#pending !== null;
  }

  conditionFor(agentId: number): SystemCondition {
    return this.#votes?.conditionFor(agentId) ?? this.#condition;
  }

  /** Tells that an agent is there: up, or up again. */
  agentReturned(agentId: number): void {
    this.#votes?.returned(agentId);
  }

  /** Tells that an agent has gone, with or without a word. */
  agentLeft(agentId: number): void {
    this.#votes?.left(agentId);
  }

  hasFullView(agentId: number): boolean {
    if (this.#isVoter(agentId)) return true;
    const agent = this.#agents[agentId - 1];
    return agent !== undefined && this.#plan.fullView.includes(agent.kind);
  }

  offers(transition: SystemTransition, isGraceful: boolean, agentId: number): boolean {
    const isFull = this.hasFullView(agentId);
    if (transition === "powerUp") return isFull;
    if (!this.#plan.transitions.includes(transition)) return false;
    if (isFull) return true;
    const isTrusted = this.#agents[agentId - 1]?.isTrusted ?? false;
    return this.#plan.acceptsGracefulRequests && isGraceful && isTrusted && transition !== "suspend";
  }

  request(transition: SystemTransition, isGraceful: boolean, agentId: number): SystemRequestResult {
    if (!this.offers(transition, isGraceful, agentId)) return "NOT_SUPPORTED";
    if (this.#isVoter(agentId)) return this.#vote(transition, agentId);
    if (isGraceful && transition !== "powerUp" && this.#condition === "up") {
      return this.#announceGraceful(transition, agentId);
    }
    const result = this.#judge(transition);
    if (result !== null) return result;
    if (transition !== "powerUp") this.#announce(transition, false, agentId, 0);
    this.#carryOut(transition, agentId);
    return "SUCCESS";
  }

  subscribe(agentId: number, listener: (notice: SystemPowerNotice) => void): () => void {
    const subscription = { agentId, listener };
    this.#subscriptions.add(subscription);
    return () => this.#leave(subscription);
  }

  /** Adds a listener that hears the ids of the agents which a shutdown or reset has reset with the system. */
  listenResets(listener: (agentIds: readonly number[]) => void): () => void {
    return this.#resetListeners.add(listener);
  }

  /** Lists what may never be; nothing is right. */
  checkInvariants(): string[] {
    const isRight = (this.#condition === "up") !== this.#tree.isDown;
    return isRight ? [] : [`the system is ${this.#condition}, its domains are not`];
  }

  #isVoter(agentId: number): boolean {
    return this.#votes?.isVoter(agentId) ?? false;
  }

  /** A voter that asks for power is up, and the system with it if it was not. */
  #vote(transition: SystemTransition, agentId: number): SystemRequestResult {
    const isDown = this.#condition === "down" || this.#condition === "restarting";
    if (transition === "suspend" && this.#condition === "suspended") return "SUCCESS";
    if (transition !== "powerUp" && !isDown) return this.#votes!.vote(transition, agentId);
    this.#votes!.returned(agentId);
    if (transition === "powerUp" && this.#condition === "up") return "SUCCESS";
    const result = this.#judge(transition);
    if (result === null) this.#carryOut(transition, agentId);
    return result ?? "SUCCESS";
  }

  #votedSystem(): VotedSystem {
    const condition = () => this.#condition;
    return {
      get condition() {
        return condition();
      },
      announce: (...notice) => this.#announce(...notice),
      carryOut: (transition, agentId) => this.#carryOut(transition, agentId),
    };
  }

  #announceGraceful(transition: SystemTransition, agentId: number): SystemRequestResult {
    if (this.#pending !== null && this.#pending.timer !== null) return "BUSY";
    const isForcedLater = transition === "shutdown";
    // Agents outside the system, such as a management controller, hear of it but need not go.
    const awaited = [...this.#subscriptions].filter((each) =>
      each.agentId !== agentId && this.#isInside(each.agentId)
    );
    if (awaited.length === 0) {
      const result = this.#judge(transition);
      if (result !== null) return result;
    }
    this.#announce(transition, true, agentId, isForcedLater ? this.#plan.gracefulTimeoutMs : 0);
    if (awaited.length === 0) {
      this.#carryOut(transition, agentId);
    } else {
      const dueUs = this.#scheduler.nowUs() + this.#plan.gracefulTimeoutMs * 1000;
      const timer = isForcedLater
        ? this.#scheduler.at(dueUs, () => this.#carryOut(transition, agentId))
        : null;
      this.#pending = { transition, agentId, awaited: new Set(awaited), timer };
    }
    return "SUCCESS";
  }

  #announce(transition: SystemTransition, isGraceful: boolean, agentId: number, timeoutMs: number): void {
    for (const each of this.#subscriptions) {
      if (each.agentId !== agentId) each.listener({ agentId, isGraceful, transition, timeoutMs });
    }
  }

  #leave(subscription: Subscription): void {
    this.#subscriptions.delete(subscription);
    const pending = this.#pending;
    if (pending === null || !pending.awaited.delete(subscription) || pending.awaited.size > 0) return;
    // Not at once: the channel of the last one is just being closed, and a transition resets channels.
    this.#scheduler.at(this.#scheduler.nowUs(), () => {
      if (this.#pending !== pending) return;
      if (this.#judge(pending.transition) === null) this.#carryOut(pending.transition, pending.agentId);
      else this.#abandon();
    });
  }

  /** Answers a transition that cannot or need not be carried out now; null = it can. */
  #judge(transition: SystemTransition): SystemRequestResult | null {
    switch (this.#condition) {
      case "up":
        if (transition === "powerUp") return "DENIED";
        // The one core that asks is still running.
        return transition === "suspend" && this.#tree.runningCoreCount > 1 ? "DENIED" : null;
      case "suspended":
        return transition === "suspend" ? "SUCCESS" : null;
      case "down":
        if (transition === "shutdown") return "SUCCESS";
        return transition === "powerUp" || transition === "coldReset" ? null : "DENIED";
      case "restarting":
        return "BUSY";
    }
  }

  #carryOut(transition: SystemTransition, agentId: number): void {
    this.#abandon();
    // What was voted for since the suspend counts on when the system wakes up.
    const wakes = transition === "powerUp" && this.#condition === "suspended";
    if (!wakes) this.#votes?.clear();
    if (transition === "powerUp") this.#comeUp(agentId);
    else if (transition === "suspend") this.#suspend(agentId);
    else this.#goDown(transition, agentId);
  }

  #comeUp(agentId: number): void {
    if (this.#condition === "suspended") this.#tree.resume(agentId);
    else this.#boot(true, agentId);
    this.#condition = "up";
  }

  #suspend(agentId: number): void {
    const state = this.#plan.suspendState;
    assert(this.#root !== null && state !== null, "a system that can be suspended has a state for it");
    this.#tree.suspend(this.#root, this.#root.stateNamed(state), agentId);
    this.#condition = "suspended";
  }

  /** Takes the system down, to stay so or to come up again after a while, and with it the agents that run on it. */
  #goDown(transition: "shutdown" | "coldReset" | "warmReset", agentId: number): void {
    const isWarm = transition === "warmReset";
    if (isWarm && this.#root !== null) this.#tree.suspend(this.#root, this.#root.stateNamed("on"), agentId);
    else this.#tree.shutDown(agentId);
    this.#condition = "down";
    if (transition !== "shutdown") {
      this.#condition = "restarting";
      this.#scheduler.at(this.#scheduler.nowUs() + this.#plan.restartUs, () => {
        this.#boot(!isWarm, 0);
        this.#condition = "up";
      });
    }
    const ids = this.#agents.map((_agent, i) => i + 1).filter((id) => this.#isInside(id));
    this.#resetListeners.tell(ids);
  }

  #boot(isCold: boolean, agentId: number): void {
    for (const part of this.#hardware) part.reset(isCold);
    this.#tree.boot(agentId);
  }

  /** Gives up the graceful request that waits. */
  #abandon(): void {
    this.#pending?.timer?.cancel();
    this.#pending = null;
  }

  /** Whether an agent runs on the system, and so goes down with it. */
  #isInside(agentId: number): boolean {
    return this.#agents[agentId - 1]?.kind !== "MANAGEMENT";
  }
}
