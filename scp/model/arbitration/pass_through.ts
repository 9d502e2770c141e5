// Sets of hardware that are given to one agent as a whole: a device with its clocks, domain, resets, rails and pins. A set is up
// before its agent starts and whenever it comes back; nobody else can touch it (their rights end there). Clocks above it
// refuse what would disturb it (scp/model/simulated_clock.ts), and so do the domains that power those clocks
// (scp/model/power_tree.ts). Power domains above are held by those below as ever.
import type { Board } from "../../../boards/board.ts";
import type { HardwareKind } from "../../core/schema.ts";
import type { Scheduler, Timer } from "../../core/timeline.ts";
import { ChangeListeners } from "../change_listeners.ts";
import type { HardwareView } from "../hardware.ts";
import type { PowerTree } from "../power_tree.ts";
import { isSupplied } from "../rail.ts";
import type { SimulatedResetDomain } from "../reset_domain.ts";
import type { SimulatedClock } from "../simulated_clock.ts";

/** The resources that an agent has to itself, by kind. */
export type PassedResources = ReadonlyMap<HardwareKind, ReadonlySet<string>>;

/** Returns what each agent of a board has to itself, in the order of their ids, from 1 on. */
export function passedResources(board: Board): PassedResources[] {
  return board.agents.map(({ passThrough }) => {
    const passed = new Map<HardwareKind, Set<string>>();
    for (const device of board.devices.filter(({ name }) => passThrough.includes(name))) {
      for (const [kind, names] of Object.entries(device.resources) as [HardwareKind, readonly string[]][]) {
        const known = passed.get(kind) ?? new Set<string>();
        passed.set(kind, known);
        for (const name of names) known.add(name);
      }
    }
    return passed;
  });
}

/** What sets consist of, and what a set that cannot be brought up now waits for. */
export interface PassedHardware {
  readonly clocks: readonly SimulatedClock[];
  readonly powerTree: PowerTree;
  readonly resetDomains: readonly SimulatedResetDomain[];
  readonly scheduler: Scheduler;
}

/** A part of a set that is not up; it is tried again when hardware of its kind has changed. */
export interface PassThroughFailure {
  /** Virtual time, us. */
  readonly timeUs: number;
  readonly agentId: number;
  readonly kind: HardwareKind;
  readonly name: string;
  /** How the hardware answered: SUCCESS without having come up, or why not. */
  readonly result: string;
}

/** What is done for one part of a set. */
interface Step {
  readonly kind: HardwareKind;
  readonly name: string;
  bringUp(): string;
  isUp(): boolean;
}

/** What is left of bringing a set up. */
interface Rest {
  readonly steps: readonly Step[];
  readonly failures: readonly PassThroughFailure[];
  /** Whether something has changed, so that it is about to be tried again. */
  isDue: boolean;
  giveUp: () => void;
}

/** The sets of a board. */
export class PassThrough {
  /** Hears of parts that could not be brought up. */
  readonly listeners = new ChangeListeners<PassThroughFailure>();
  readonly #sets: readonly PassedResources[];
  readonly #hardware: PassedHardware;
  readonly #hardwareOf: (agentId: number) => HardwareView;
  /** By agent; none = all of its set was brought up. */
  readonly #rests = new Map<number, Rest>();

  /** `hardware` is all of the board; `hardwareOf` gives it as an agent has it. */
  constructor(board: Board, hardware: PassedHardware, hardwareOf: (agentId: number) => HardwareView) {
    this.#sets = passedResources(board);
    this.#hardware = hardware;
    this.#hardwareOf = hardwareOf;
    this.#sets.forEach((set, index) => {
      for (const clock of hardware.clocks) if (set.get("clock")?.has(clock.name)) clock.protectFor(index + 1);
    });
  }

  /** Parts of sets that could not be brought up, when they were last tried. */
  get failures(): readonly PassThroughFailure[] {
    return [...this.#rests.values()].flatMap(({ failures }) => failures);
  }

  /** Brings all sets up, as when the system starts. */
  bringAllUp(): void {
    this.#sets.forEach((_set, index) => this.bringUp(index + 1));
  }

  /** Brings an agent's set up: supplies first, then the domains, the clocks, resets last. What cannot be now is tried again later. */
  bringUp(agentId: number): void {
    const set = this.#sets[agentId - 1];
    if (set === undefined || set.size === 0) return;
    this.#rests.get(agentId)?.giveUp();
    this.#rests.delete(agentId);
    this.#take(agentId, this.#stepsOf(agentId, set));
  }

  /** Lists sets that are not as they have to be; nothing is right. */
  checkInvariants(): string[] {
    const unprotected = this.#sets.flatMap((set, index) =>
      this.#hardware.clocks.filter(({ name, protectorId }) =>
        set.get("clock")?.has(name) && protectorId !== index + 1
      ).map(({ name }) => `clock ${name} is passed through and not protected`)
    );
    if (this.#hardware.powerTree.isDown) return unprotected;
    const down = [...this.#rests.values()].filter(isOwed).flatMap(({ steps, failures }) =>
      steps.filter((step) => !step.isUp()).map(({ kind, name }) =>
        `${kind} ${name}, passed through to agent ${failures[0]!.agentId}, is not up`
      )
    );
    return [...unprotected, ...down];
  }

  /** Takes steps, and sees what has come of them. */
  #take(agentId: number, steps: readonly Step[]): void {
    const known = this.#rests.get(agentId)?.failures ?? [];
    this.#rests.delete(agentId);
    const results = steps.map((step) => step.bringUp());
    const timeUs = this.#hardware.scheduler.nowUs();
    const failures: PassThroughFailure[] = [];
    const left = steps.filter(({ kind, name, isUp }, place) => {
      const result = results[place]!;
      // What is on its way elsewhere may still be up.
      if (isUp() && result !== "BUSY") return false;
      failures.push({ timeUs, agentId, kind, name, result });
      return true;
    });
    if (left.length === 0) return;
    const rest: Rest = { steps: left, failures, isDue: false, giveUp: () => {} };
    this.#rests.set(agentId, rest);
    rest.giveUp = this.#awaitChange(rest, () => this.#take(agentId, left));
    for (const failure of failures) if (!known.some(isSameAs(failure))) this.listeners.tell(failure);
  }

  /** Does a task, once, after a domain has come to another state or a reset is over: not while others are told of it. */
  #awaitChange(rest: Rest, task: () => void): () => void {
    const { powerTree, resetDomains, scheduler } = this.#hardware;
    let timer: Timer | null = null;
    const change = () => {
      if (rest.isDue) return;
      rest.isDue = true;
      for (const leave of leaves) leave();
      timer = scheduler.at(scheduler.nowUs(), task);
    };
    const leaves = [
      ...powerTree.domains.map((domain) => domain.listen(({ kind }) => kind === "reached" && change())),
      ...resetDomains.map((domain) => domain.resets.add(change)),
    ];
    return () => {
      for (const leave of leaves) leave();
      timer?.cancel();
    };
  }

  #stepsOf(agentId: number, set: PassedResources): Step[] {
    const view = this.#hardwareOf(agentId);
    const { clocks: allClocks, powerTree } = this.#hardware;
    const own = <R extends { readonly name: string }>(kind: HardwareKind, all: readonly R[]) =>
      all.filter(({ name }) => set.get(kind)?.has(name));
    const clocks = own("clock", allClocks);
    const namesOfClocks = new Set(clocks.flatMap((clock) => [...clock.namesUpstream(), clock.name]));
    const needed = allClocks.filter(({ name }) => namesOfClocks.has(name));
    const gates = new Set(needed.map(({ description }) => description.powerDomain));
    return [
      ...own("voltageDomain", view.voltageDomain).map((supply): Step => ({
        kind: "voltageDomain",
        name: supply.name,
        bringUp: () => {
          const on = supply.modes.find(({ kind }) => kind === "on");
          return isSupplied(supply.mode) || on === undefined ? "SUCCESS" : supply.setMode(on, agentId);
        },
        isUp: () => isSupplied(supply.mode),
      })),
      ...powerTree.domains.filter(({ name }) => gates.has(name) || set.get("powerDomain")?.has(name)).map((
        domain,
      ): Step => ({
        kind: "powerDomain",
        name: domain.name,
        bringUp: () => {
          // What is not the agent's own is asked for only if nobody else has.
          const isAsked = domain.isOn && domain.wanted.depth === 0;
          if (isAsked && !set.get("powerDomain")?.has(domain.name)) return "SUCCESS";
          const asSeen = view.powerDomain.find(({ name }) => name === domain.name) ?? domain;
          return asSeen.request(domain.deepestWithin(0), false, agentId);
        },
        isUp: () => domain.isOn,
      })),
      ...needed.map((clock): Step => ({
        kind: "clock",
        name: clock.name,
        bringUp: () =>
          view.clock.find(({ name }) => name === clock.name)!.configure(agentId, {
            isEnabled: true,
            setting: null,
          }),
        isUp: () => clock.isRunning,
      })),
      ...own("resetDomain", view.resetDomain).map((domain): Step => ({
        kind: "resetDomain",
        name: domain.name,
        bringUp: () => domain.isInReset ? domain.release(agentId) : "SUCCESS",
        isUp: () => !domain.isInReset,
      })),
    ];
  }
}

/** Whether nothing explains that a set is not up: what is under way elsewhere, or broken, takes all behind it along. */
function isOwed({ failures, isDue }: Rest): boolean {
  return !isDue && !failures.some(({ result }) => result === "BUSY" || result === "HARDWARE_ERROR");
}

function isSameAs({ kind, name, result }: PassThroughFailure): (other: PassThroughFailure) => boolean {
  return (other) => other.kind === kind && other.name === name && other.result === result;
}
