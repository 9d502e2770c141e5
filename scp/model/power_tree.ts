// The power domains of a board as a tree. A domain that goes on brings those above it on first; one cannot go deeper than
// those below it, and one that was on only for them goes with the last. Changes take the domain's latency in virtual time
// when asked for asynchronously; a synchronous one is done in the moment of the command. SCMI 4.3.1; boards name the tree.
import type { AgentDescription } from "../../boards/agent.ts";
import type { PowerDomainDescription } from "../../boards/power_domain.ts";
import { assert } from "../core/assert.ts";
import type { Scheduler, Timer } from "../core/timeline.ts";
import type { PowerRequestResult, PowerState } from "./power_domain.ts";
import { SimulatedPowerDomain } from "./simulated_power_domain.ts";

const PLATFORM = 0;

/** What the domains of a board are made of. */
export interface PowerTreePlan {
  readonly powerDomains: readonly PowerDomainDescription[];
  /** In the order of their ids, from 1 on. */
  readonly agents: readonly AgentDescription[];
}

/** Whether an agent may not take a domain out of the state on, for the sake of what another has to itself. */
export type HoldsFrom = (domain: SimulatedPowerDomain, agentId: number) => boolean;

/** One domain's way into one state. */
interface Step {
  readonly domain: SimulatedPowerDomain;
  readonly state: PowerState;
}

/** All power domains of a board. */
export class PowerTree {
  /** In the order of the board; those that agents are shown first. */
  readonly domains: readonly SimulatedPowerDomain[];
  /** Those that agents are shown: the place is the wire id. */
  readonly exposed: readonly SimulatedPowerDomain[];
  readonly #byName: ReadonlyMap<string, SimulatedPowerDomain>;
  /** Each after the one above it. */
  readonly #rootsFirst: readonly SimulatedPowerDomain[];
  readonly #scheduler: Scheduler;
  readonly #beforeChange: () => void;
  readonly #timers = new Set<Timer>();
  /** Domains that go where they are wanted when another has got where it is on its way to, by that one. */
  readonly #blocked = new Map<SimulatedPowerDomain, Set<SimulatedPowerDomain>>();
  #isDown = false;
  #isHeldFrom: HoldsFrom = () => false;

  /** `beforeChange` is called before states change, so that physics gets up to the present with the old ones. */
  constructor(plan: PowerTreePlan, scheduler: Scheduler, beforeChange: () => void) {
    this.#scheduler = scheduler;
    this.#beforeChange = beforeChange;
    const descriptions = new Map(plan.powerDomains.map((description) => [description.name, description]));
    const made = new Map<string, SimulatedPowerDomain>();
    const make = (description: PowerDomainDescription): SimulatedPowerDomain => {
      const known = made.get(description.name);
      if (known !== undefined) return known;
      const above = description.parent === null ? null : descriptions.get(description.parent);
      assert(above !== undefined, `the parent of ${description.name} exists`);
      const parent = above === null ? null : make(above);
      const ids = plan.agents.flatMap(({ kind }, i) => description.setBy.includes(kind) ? [i + 1] : []);
      const domain = new SimulatedPowerDomain(
        description,
        parent,
        new Set(ids),
        (...request) => this.#request(...request),
        () => scheduler.nowUs(),
      );
      made.set(domain.name, domain);
      return domain;
    };
    this.domains = plan.powerDomains.map(make);
    this.exposed = this.domains.filter((domain) => domain.plan.id !== null);
    this.#byName = made;
    this.#rootsFirst = [...made.values()];
  }

  /** Returns a domain by name, also one that agents are not shown. */
  find(name: string): SimulatedPowerDomain | undefined {
    return this.#byName.get(name);
  }

  /** Whether the system is shut down or suspended: agents' requests are refused. */
  get isDown(): boolean {
    return this.#isDown;
  }

  /** Number of processor cores that are on. */
  get runningCoreCount(): number {
    return this.domains.filter((domain) => domain.isCore && domain.isOn).length;
  }

  /** Sets what agents are refused for the sake of others. */
  holdOn(isHeldFrom: HoldsFrom): void {
    this.#isHeldFrom = isHeldFrom;
  }

  /**
   * Takes back what an agent was the last to ask of a domain: it goes to the state it boots in, as soon as it can; one that is on and
   * may not be taken out of it stays on.
   */
  dropVotes(domain: SimulatedPowerDomain, agentId: number): void {
    if (domain.askerId !== agentId) return;
    const staysOn = domain.isOn && this.#isHeldFrom(domain, agentId);
    this.restore(domain, staysOn ? domain.deepestWithin(0) : domain.bootState);
  }

  /**
   * Puts a domain into a state as the platform. It is never refused: what is under way is done before, and a domain that those
   * below it still need goes down with them.
   */
  restore(domain: SimulatedPowerDomain, state: PowerState): void {
    domain.askerId = PLATFORM;
    domain.wanted = state;
    if (!this.#isDown) this.#settle(domain);
  }

  /** Puts all domains off, those below first. Agents' requests are refused until `boot` or `resume`. */
  shutDown(agentId: number): void {
    this.#interrupt();
    this.#isDown = true;
    for (const domain of this.#rootsFirst.toReversed()) domain.reach(domain.stateNamed("off"), agentId);
  }

  /** Puts a domain into a state between on and off, and all those below it off first. Agents' requests are refused. */
  suspend(root: SimulatedPowerDomain, state: PowerState, agentId: number): void {
    this.#interrupt();
    this.#isDown = true;
    for (const domain of this.#rootsFirst.toReversed()) {
      if (domain === root) domain.reach(state, agentId);
      else if (isBelow(domain, root)) domain.reach(domain.stateNamed("off"), agentId);
    }
  }

  /** Puts all domains into the states they boot in, those above first. */
  boot(agentId: number): void {
    for (const domain of this.domains) {
      domain.wanted = domain.bootState;
      domain.askerId = PLATFORM;
    }
    this.resume(agentId);
  }

  /** Puts all domains into the states last asked for, as far as those below let them, those above first. */
  resume(agentId: number): void {
    this.#interrupt();
    this.#isDown = false;
    const states = new Map<SimulatedPowerDomain, PowerState>();
    for (const domain of this.#rootsFirst.toReversed()) {
      let { depth } = domain.wanted;
      for (const child of domain.children) depth = Math.min(depth, states.get(child)!.depth);
      states.set(domain, domain.deepestWithin(depth));
    }
    for (const domain of this.#rootsFirst) domain.reach(states.get(domain)!, agentId);
  }

  /** Lists what the tree may never be in; nothing is right. */
  checkInvariants(): string[] {
    const wrong: string[] = [];
    for (const domain of this.domains) {
      const { name, state, parent, goal } = domain;
      if (parent !== null && parent.state.depth > state.depth) {
        wrong.push(
          `power domain ${name} is ${state.name} under ${parent.name}, which is ${parent.state.name}`,
        );
      }
      if (!domain.states.includes(state)) wrong.push(`power domain ${name} is in a state of another domain`);
      if (goal === state) wrong.push(`power domain ${name} is on its way to the state it is in`);
      if (domain.isAlwaysOn && !domain.isOn && !this.#isDown) wrong.push(`power domain ${name} is not on`);
      if (this.#isDown && domain.isOn && parent !== null) {
        wrong.push(`power domain ${name} is on while the system is down`);
      }
    }
    return wrong;
  }

  #request(
    domain: SimulatedPowerDomain,
    state: PowerState,
    isAsync: boolean,
    agentId: number,
    asked: PowerState,
  ): PowerRequestResult {
    assert(domain.states.includes(state), `${state.name} is a state of power domain ${domain.name}`);
    if (this.#isDown) return "DENIED";
    if (asked !== domain.state) domain.tellRequested(asked, agentId);
    if (domain.isAlwaysOn && state.depth > 0) return "DENIED";
    if (domain.goal !== null) return isAsync && domain.goal === state ? "SUCCESS" : "BUSY";
    if (state.depth > domain.depthAllowed()) return "DENIED";
    if (state.depth > 0 && domain.isOn && this.#isHeldFrom(domain, agentId)) return "DENIED";
    const steps = raise(domain, state);
    if (steps === null) return "BUSY";
    domain.wanted = state;
    domain.askerId = agentId;
    if (state !== domain.state) this.#walk(steps, isAsync, agentId);
    return "SUCCESS";
  }

  /** Goes where the domain is wanted, now if nothing on the way is under way elsewhere, else after that. */
  #settle(domain: SimulatedPowerDomain): void {
    const state = domain.deepestWithin(Math.min(domain.wanted.depth, domain.depthAllowed()));
    const steps = domain.goal === null ? raise(domain, state) : null;
    if (steps !== null) {
      if (state !== domain.state) this.#walk(steps, false, PLATFORM);
      return;
    }
    const blocking = nearestUnderWay(domain);
    const blocked = this.#blocked.get(blocking) ?? new Set();
    this.#blocked.set(blocking, blocked.add(domain));
  }

  /** Settles what waited for a domain. An agent that has asked since has its will. */
  #unblock(domain: SimulatedPowerDomain): void {
    const blocked = this.#blocked.get(domain);
    this.#blocked.delete(domain);
    for (const each of blocked ?? []) if (each.askerId === PLATFORM) this.#settle(each);
  }

  /** Takes steps one after the other. None of their domains can be asked for anything else meanwhile. */
  #walk(steps: readonly Step[], isAsync: boolean, agentId: number): void {
    const [first, ...rest] = steps;
    assert(first !== undefined, "a way has a step");
    for (const { domain, state } of steps) domain.goal = state;
    if (!isAsync) {
      this.#beforeChange();
      this.#arrive(first, rest, isAsync, agentId);
      return;
    }
    const timer = this.#scheduler.at(this.#scheduler.nowUs() + first.state.latencyUs, () => {
      this.#timers.delete(timer);
      this.#beforeChange();
      this.#arrive(first, rest, isAsync, agentId);
    });
    this.#timers.add(timer);
  }

  #arrive({ domain, state }: Step, rest: readonly Step[], isAsync: boolean, agentId: number): void {
    domain.reach(state, agentId);
    // On the way, the last of those below may have gone deeper still.
    const next = [rest, release(domain), release(domain.parent)].find((steps) => steps.length > 0);
    if (next !== undefined) this.#walk(next, isAsync, agentId);
    this.#unblock(domain);
  }

  /** Gives up all changes under way. */
  #interrupt(): void {
    this.#beforeChange();
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
    this.#blocked.clear();
    for (const domain of this.domains) domain.goal = null;
  }
}

/** The way down of a domain that is in its state only for the sake of those below it; none if they still need it. */
function release(domain: SimulatedPowerDomain | null): Step[] {
  if (domain === null || domain.goal !== null) return [];
  const state = domain.deepestWithin(Math.min(domain.wanted.depth, domain.depthAllowed()));
  return state.depth > domain.state.depth ? [{ domain, state }] : [];
}

/** The way to a state: those above as far as they are too deep, then the domain. Null: one of them is on its way elsewhere. */
function raise(domain: SimulatedPowerDomain, state: PowerState): Step[] | null {
  const steps: Step[] = [{ domain, state }];
  let above = domain.parent;
  while (above !== null) {
    if (above.goal !== null) return null;
    if (above.state.depth <= state.depth) break;
    steps.unshift({ domain: above, state: above.deepestWithin(state.depth) });
    above = above.parent;
  }
  return steps;
}

/** The nearest domain that is under way, from one on upwards. */
function nearestUnderWay(domain: SimulatedPowerDomain): SimulatedPowerDomain {
  let each: SimulatedPowerDomain | null = domain;
  while (each !== null && each.goal === null) each = each.parent;
  assert(each !== null, "a way that is blocked is blocked by a domain under way");
  return each;
}

function isBelow(domain: SimulatedPowerDomain, root: SimulatedPowerDomain): boolean {
  let above = domain.parent;
  while (above !== null && above !== root) above = above.parent;
  return above === root;
}
