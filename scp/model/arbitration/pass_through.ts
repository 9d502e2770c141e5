// Sets of hardware that are given to one agent as a whole: a device with its clocks, domain, resets, rails and pins. A set is up
// before its agent starts and whenever it comes back; nobody else can touch it (their rights end there), and clocks above it
// refuse what would disturb it (scp/model/simulated_clock.ts). Power domains above are held by those below as ever.
import type { Board } from "../../../boards/board.ts";
import type { HardwareKind } from "../../core/schema.ts";
import type { HardwareView } from "../hardware.ts";
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

/** The sets of a board. */
export class PassThrough {
  readonly #sets: readonly PassedResources[];
  readonly #clocks: readonly SimulatedClock[];
  readonly #hardwareOf: (agentId: number) => HardwareView;

  /** `clocks` are all of the board; `hardwareOf` gives the board's hardware as an agent has it. */
  constructor(
    board: Board,
    clocks: readonly SimulatedClock[],
    hardwareOf: (agentId: number) => HardwareView,
  ) {
    this.#sets = passedResources(board);
    this.#clocks = clocks;
    this.#hardwareOf = hardwareOf;
    this.#sets.forEach((set, index) => {
      for (const clock of clocks) if (set.get("clock")?.has(clock.name)) clock.protectFor(index + 1);
    });
  }

  /** Brings all sets up, as when the system starts. */
  bringAllUp(): void {
    this.#sets.forEach((_set, index) => this.bringUp(index + 1));
  }

  /** Brings an agent's set up: supplies first, then the domain, clocks from the roots on, resets last. */
  bringUp(agentId: number): void {
    const set = this.#sets[agentId - 1];
    if (set === undefined || set.size === 0) return;
    const hardware = this.#hardwareOf(agentId);
    const own = <R extends { readonly name: string }>(kind: HardwareKind, all: readonly R[]) =>
      all.filter(({ name }) => set.get(kind)?.has(name));
    for (const supply of own("voltageDomain", hardware.voltageDomain)) {
      const on = supply.modes.find(({ kind }) => kind === "on");
      if (on !== undefined && supply.mode.kind === "off") supply.setMode(on, agentId);
    }
    for (const domain of own("powerDomain", hardware.powerDomain)) {
      domain.request(domain.states[0]!, false, agentId);
    }
    const wanted = new Set<string>();
    for (const clock of own("clock", this.#clocks)) {
      for (const name of clock.namesUpstream()) wanted.add(name);
      wanted.add(clock.name);
    }
    for (const clock of hardware.clock) {
      if (wanted.has(clock.name)) clock.configure(agentId, { isEnabled: true, setting: null });
    }
    for (const domain of own("resetDomain", hardware.resetDomain)) {
      if (domain.isInReset) domain.release(agentId);
    }
  }

  /** Lists sets that are not up although their agents are there; nothing is right. */
  checkInvariants(): string[] {
    return this.#sets.flatMap((set, index) =>
      this.#clocks.filter(({ name, protectorId }) => set.get("clock")?.has(name) && protectorId !== index + 1)
        .map(({ name }) => `clock ${name} is passed through and not protected`)
    );
  }
}
