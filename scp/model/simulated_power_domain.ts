// One power domain of the model: the state it is in, the one it is on its way to, and its place in the tree. The rules by
// which states change are scp/model/power_tree.ts.
import type { PowerDomainDescription } from "../../boards/power_domain.ts";
import { assert } from "../core/assert.ts";
import { ChangeListeners } from "./change_listeners.ts";
import type {
  PowerDomain,
  PowerDomainChange,
  PowerModes,
  PowerRequestResult,
  PowerState,
} from "./power_domain.ts";
import { LevelStatistics } from "./statistics.ts";

/** Depth of the state `off`; a board's own states are between this and 0. */
const OFF_DEPTH = 255;

const NO_MODES: PowerModes = { supportsSync: false, supportsAsync: false };

/** Carries out the request of an agent for a domain. */
export type PowerRequester = (
  domain: SimulatedPowerDomain,
  state: PowerState,
  isAsync: boolean,
  agentId: number,
  asked: PowerState,
) => PowerRequestResult;

/** A power domain with its neighbours. */
export class SimulatedPowerDomain implements PowerDomain {
  readonly name: string;
  readonly states: readonly PowerState[];
  readonly hasNotifications: boolean;
  readonly isCore: boolean;
  readonly isAlwaysOn: boolean;
  readonly bootState: PowerState;
  readonly statistics: LevelStatistics;
  readonly children: SimulatedPowerDomain[] = [];
  /** What was asked for last; what hangs below may keep the domain from getting as deep. */
  wanted: PowerState;
  /** Who asked for it; 0 = the platform. */
  askerId = 0;
  /** The state it is on its way to, or null. */
  goal: PowerState | null = null;
  #state: PowerState;
  readonly #modes: PowerModes;
  readonly #setterIds: ReadonlySet<number>;
  readonly #listeners = new ChangeListeners<PowerDomainChange>();
  readonly #requester: PowerRequester;

  constructor(
    readonly plan: PowerDomainDescription,
    readonly parent: SimulatedPowerDomain | null,
    setterIds: ReadonlySet<number>,
    requester: PowerRequester,
    readonly nowUs: () => number,
  ) {
    this.name = plan.name;
    this.states = statesOf(plan);
    this.hasNotifications = plan.hasNotifications;
    this.isCore = plan.kind === "core";
    this.isAlwaysOn = plan.isAlwaysOn;
    this.bootState = this.stateNamed(plan.bootState);
    this.wanted = this.bootState;
    this.#state = this.bootState;
    this.statistics = new LevelStatistics(this.states.length, this.states.indexOf(this.bootState));
    this.#modes = { supportsSync: plan.supportsSync, supportsAsync: plan.supportsAsync };
    this.#setterIds = setterIds;
    this.#requester = requester;
    parent?.children.push(this);
  }

  get state(): PowerState {
    return this.#state;
  }

  get isOn(): boolean {
    return this.#state.depth === 0;
  }

  modesFor(agentId: number): PowerModes {
    return this.#setterIds.has(agentId) ? this.#modes : NO_MODES;
  }

  /** `asked` is what listeners hear that the agent asked for. */
  request(state: PowerState, isAsync: boolean, agentId: number, asked = state): PowerRequestResult {
    return this.#requester(this, state, isAsync, agentId, asked);
  }

  listen(listener: (change: PowerDomainChange) => void): () => void {
    return this.#listeners.add(listener);
  }

  /** Tells the listeners of a request. */
  tellRequested(state: PowerState, agentId: number): void {
    this.#listeners.tell({ kind: "requested", state, agentId });
  }

  /** Puts a state in force, and tells the listeners if it is another one. */
  reach(state: PowerState, agentId: number): void {
    this.goal = null;
    if (state === this.#state) return;
    this.#state = state;
    this.statistics.enter(this.states.indexOf(state), this.nowUs());
    this.#listeners.tell({ kind: "reached", state, agentId });
  }

  /** Returns one of its states. */
  stateNamed(name: string): PowerState {
    const state = this.states.find((each) => each.name === name);
    assert(state !== undefined, `power domain ${this.name} has a state ${name}`);
    return state;
  }

  /** Returns the deepest of its states that is no deeper than this: `on` is always there. */
  deepestWithin(depth: number): PowerState {
    const state = this.states.findLast((each) => each.depth <= depth);
    assert(state !== undefined, `power domain ${this.name} can be on`);
    return state;
  }

  /** Returns how deep those below let it be: on its way up one needs it already, on its way down still. */
  depthAllowed(): number {
    let depth = Infinity;
    for (const { state, goal } of this.children) {
      depth = Math.min(depth, state.depth, goal?.depth ?? Infinity);
    }
    return depth;
  }
}

/** All states of a domain, by rising depth. */
function statesOf({ states, onLatencyUs, offLatencyUs }: PowerDomainDescription): PowerState[] {
  return [
    { name: "on", stateId: 0, isContextLost: false, depth: 0, latencyUs: onLatencyUs },
    ...states,
    { name: "off", stateId: 0, isContextLost: true, depth: OFF_DEPTH, latencyUs: offLatencyUs },
  ];
}
