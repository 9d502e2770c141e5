// The hardware of a board as each of its agents has it, where policies say that several share it: arbiters for what is under a
// policy, the hardware itself for all else, which so costs nothing more.
import type { ArbitrationInput, ClockStrategy, ValuePolicyInput } from "../../../boards/arbitration.ts";
import { patternFor } from "../../core/name_pattern.ts";
import type { ResourceKind } from "../../core/resources.ts";
import type { HardwareView } from "../hardware.ts";
import type { PinControl } from "../pin_control.ts";
import type { PowerTree } from "../power_tree.ts";
import type { SimulatedResetDomain } from "../reset_domain.ts";
import type { SimulatedClock } from "../simulated_clock.ts";
import type { SimulatedPerformanceDomain } from "../simulated_performance_domain.ts";
import type { SimulatedPowercapDomain } from "../simulated_powercap_domain.ts";
import type { SimulatedVoltageDomain } from "../simulated_voltage_domain.ts";
import { Beliefs } from "./belief.ts";
import type { CastVote } from "./cast_vote.ts";
import { ClockArbiter } from "./clock_arbiter.ts";
import { PerformanceArbiter } from "./performance_arbiter.ts";
import { PowerArbiter } from "./power_arbiter.ts";
import { PowercapArbiter } from "./powercap_arbiter.ts";
import type { VotePolicy } from "./value_votes.ts";
import { VoltageArbiter } from "./voltage_arbiter.ts";

/** Hardware that agents share, in the order of the board's ids; that of the last two kinds cannot be under a policy. */
export interface SharedHardware {
  readonly clocks: readonly SimulatedClock[];
  readonly powerTree: PowerTree;
  readonly performanceDomains: readonly SimulatedPerformanceDomain[];
  readonly voltageDomains: readonly SimulatedVoltageDomain[];
  readonly powercapDomains: readonly SimulatedPowercapDomain[];
  readonly resetDomains: readonly SimulatedResetDomain[];
  readonly pinControl: PinControl;
}

/** What every arbiter does. */
interface Arbiter {
  dropVotes(agentId: number): void;
  reset(isCold: boolean): void;
  /** All votes that count. */
  votes(): CastVote[];
  checkInvariants(): string[];
}

/** The arbiters of a board. */
export class Arbitration {
  readonly beliefs: Beliefs;
  readonly clocks: ReadonlyMap<string, ClockArbiter>;
  readonly powerDomains: ReadonlyMap<string, PowerArbiter>;
  readonly performanceDomains: ReadonlyMap<string, PerformanceArbiter>;
  readonly voltageDomains: ReadonlyMap<string, VoltageArbiter>;
  readonly powercapDomains: ReadonlyMap<string, PowercapArbiter>;
  readonly #all: readonly Arbiter[];
  /** `kind/name` of what is under a policy. */
  readonly #shared: ReadonlySet<string>;
  /** What is under no policy: of that the last request counts. */
  readonly #others: readonly Pick<Arbiter, "dropVotes">[];

  /** `agentNames` in the order of their ids, from 1 on. */
  constructor(
    plan: ArbitrationInput,
    agentNames: readonly string[],
    hardware: SharedHardware,
    nowUs: () => number,
  ) {
    const beliefs = new Beliefs(nowUs);
    this.beliefs = beliefs;
    const policy = (input: ValuePolicyInput | undefined, usual: ValuePolicyInput) =>
      policyOf(input ?? usual, agentNames);
    this.clocks = arbitersOf(hardware.clocks, plan.clock, (clock, input) =>
      new ClockArbiter(clock, {
        rate: policy(input.rate, "highest"),
        strategyOf: (agentId) => strategyOf(input.strategies, agentNames[agentId - 1]),
        clampHz: input.clampHz ?? null,
      }, beliefs));
    this.powerDomains = arbitersOf(
      hardware.powerTree.exposed,
      plan.powerDomain,
      (domain) => new PowerArbiter(domain, hardware.powerTree, beliefs),
    );
    this.performanceDomains = arbitersOf(
      hardware.performanceDomains,
      plan.performanceDomain,
      (domain, input) =>
        new PerformanceArbiter(domain, {
          level: policy(input.level, "highest"),
          max: policy(input.max, "lowest"),
          min: policy(input.min, "highest"),
        }, beliefs),
    );
    this.voltageDomains = arbitersOf(
      hardware.voltageDomains,
      plan.voltageDomain,
      (domain, input) => new VoltageArbiter(domain, policy(input, "highest"), beliefs),
    );
    this.powercapDomains = arbitersOf(
      hardware.powercapDomains,
      plan.powercapDomain,
      (domain, input) => new PowercapArbiter(domain, policy(input, "lowest"), beliefs),
    );
    this.#all = [
      this.clocks,
      this.powerDomains,
      this.performanceDomains,
      this.voltageDomains,
      this.powercapDomains,
    ].flatMap((arbiters): Arbiter[] => [...arbiters.values()]);
    this.#shared = new Set([
      ...keysOf("clock", this.clocks),
      ...keysOf("powerDomain", this.powerDomains),
      ...keysOf("performanceDomain", this.performanceDomains),
      ...keysOf("voltageDomain", this.voltageDomains),
      ...keysOf("powercapDomain", this.powercapDomains),
    ]);
    const { powerTree } = hardware;
    this.#others = [
      ...without(hardware.clocks, this.clocks),
      ...without(powerTree.exposed, this.powerDomains).map((domain) => ({
        dropVotes: (agentId: number) => powerTree.dropVotes(domain, agentId),
      })),
      ...without(hardware.performanceDomains, this.performanceDomains),
      ...without(hardware.voltageDomains, this.voltageDomains),
      ...without(hardware.powercapDomains, this.powercapDomains),
      ...hardware.resetDomains,
      hardware.pinControl,
    ];
  }

  /** The hardware as an agent has it; the same list where nothing of a kind is under a policy. */
  hardwareOf(view: HardwareView, agentId: number): HardwareView {
    if (this.#all.length === 0) return view;
    return {
      ...view,
      clock: view.clock.map((each) => this.clocks.get(each.name)?.facadeFor(agentId) ?? each),
      powerDomain: view.powerDomain.map((each) => this.powerDomains.get(each.name)?.facade ?? each),
      performanceDomain: view.performanceDomain.map((each) =>
        this.performanceDomains.get(each.name)?.facade ?? each
      ),
      voltageDomain: view.voltageDomain.map((each) => this.voltageDomains.get(each.name)?.facade ?? each),
      powercapDomain: view.powercapDomain.map((each) => this.powercapDomains.get(each.name)?.facade ?? each),
    };
  }

  /** Whether a resource is under a policy. */
  isShared(kind: ResourceKind, name: string): boolean {
    return this.#shared.has(`${kind}/${name}`);
  }

  /** All votes that count, by resource. */
  votes(): CastVote[] {
    return this.#all.flatMap((each) => each.votes());
  }

  /** Takes back what an agent has asked for; see `Model.dropVotes`. */
  dropVotes(agentId: number): void {
    for (const each of [...this.#all, ...this.#others]) each.dropVotes(agentId);
    this.beliefs.forget(agentId);
  }

  /** Forgets the votes for what the hardware forgets when the system is reset. */
  reset(isCold: boolean): void {
    this.beliefs.forget(null);
    for (const arbiter of this.#all) arbiter.reset(isCold);
  }

  /** Lists what may never be; nothing is right. */
  checkInvariants(): string[] {
    return this.#all.flatMap((each) => each.checkInvariants());
  }
}

function keysOf(kind: ResourceKind, arbiters: ReadonlyMap<string, unknown>): string[] {
  return [...arbiters.keys()].map((name) => `${kind}/${name}`);
}

function without<R extends { readonly name: string }>(
  resources: readonly R[],
  arbiters: ReadonlyMap<string, unknown>,
): R[] {
  return resources.filter(({ name }) => !arbiters.has(name));
}

/** The arbiters of those resources that a policy is for, by name. */
function arbitersOf<R extends { readonly name: string }, P, A>(
  resources: readonly R[],
  policies: Readonly<Record<string, P>> | undefined,
  make: (resource: R, policy: P) => A,
): ReadonlyMap<string, A> {
  const arbiters = new Map<string, A>();
  for (const resource of policies === undefined ? [] : resources) {
    const pattern = patternFor(resource.name, Object.keys(policies!));
    if (pattern !== undefined) arbiters.set(resource.name, make(resource, policies![pattern]!));
  }
  return arbiters;
}

function policyOf(input: ValuePolicyInput, agentNames: readonly string[]): VotePolicy {
  const idOf = (name: string) => agentNames.indexOf(name) + 1;
  if (typeof input === "string") return { kind: input };
  if ("owner" in input) return { kind: "owner", ownerId: idOf(input.owner) };
  return { kind: "priority", agentIds: input.priority.map(idOf) };
}

function strategyOf(
  strategies: Readonly<Record<string, ClockStrategy>> | undefined,
  agentName: string | undefined,
): ClockStrategy {
  return strategies?.[agentName ?? ""] ?? strategies?.["*"] ?? "vote";
}
