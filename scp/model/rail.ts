// A rail with a regulator: which voltage it has at which time. What it feeds holds it above the voltage that is needed;
// an agent may ask for more. It counts as being at the higher voltage until it has gone down, and as being at the lower one
// until it has come up, so that what hangs on it is never taken for better supplied than it is.
import type { Regulator, VoltageSteps } from "../../boards/regulator.ts";
import type { Scheduler, Timer } from "../core/timeline.ts";
import { ChangeListeners } from "./change_listeners.ts";
import type { VoltageChange, VoltageMode } from "./voltage_domain.ts";

const ON: VoltageMode = { kind: "on" };
const OFF: VoltageMode = { kind: "off" };

/** Puts the voltage of a rail, V, 0 = off, into force. */
export type RailDrive = (volts: number) => void;

/** A change of level under way. */
interface Slew {
  readonly goalUv: number;
  readonly dueUs: number;
  readonly timer: Timer;
}

/** A change of level that an agent waits for. */
interface Awaited {
  readonly uv: number;
  result: VoltageChange["result"];
}

interface Waiter {
  readonly uv: number;
  readonly task: () => void;
}

/** A rail whose voltage can be set. */
export class Rail {
  readonly steps: VoltageSteps;
  readonly modes: readonly VoltageMode[];
  /** Hears whenever the rail has, or may have, another level or mode. */
  readonly changes = new ChangeListeners<Rail>();
  readonly #regulator: Regulator;
  readonly #scheduler: Scheduler;
  readonly #drive: RailDrive;
  /** What the users of the rail need, uV. */
  readonly #holds = new Map<string, number>();
  /** By user. */
  readonly #waiters = new Map<string, Waiter>();
  /** What an agent asked for; null = nobody has. */
  #askedUv: number | null = null;
  #levelUv: number;
  #mode: VoltageMode;
  #slew: Slew | null = null;
  /** Null = nobody waits for one. */
  #awaited: Awaited | null = null;

  constructor(readonly name: string, regulator: Regulator, scheduler: Scheduler, drive: RailDrive) {
    this.#regulator = regulator;
    this.#scheduler = scheduler;
    this.#drive = drive;
    this.steps = regulator.steps;
    this.modes = [
      ...(regulator.canSwitchOff || !regulator.startsOn ? [OFF] : []),
      ON,
      ...regulator.ownModes.map((mode): VoltageMode => ({ kind: "own", ...mode })),
    ];
    this.#mode = regulator.startsOn ? ON : OFF;
    this.#levelUv = regulator.startUv;
  }

  get mode(): VoltageMode {
    return this.#mode;
  }

  /** The mode it starts in. */
  get startMode(): VoltageMode {
    return this.#regulator.startsOn ? ON : OFF;
  }

  /** The level it has, uV; see `VoltageDomain`. */
  get levelUv(): number {
    return this.#levelUv;
  }

  /** What it supplies, V. */
  get volts(): number {
    return isSupplied(this.#mode) ? this.#levelUv / 1e6 : 0;
  }

  /** Whether it is on its way to another level. */
  get isBusy(): boolean {
    return this.#slew !== null;
  }

  /** The least level that what it feeds allows, uV; null = nothing needs it. */
  get neededUv(): number | null {
    return this.#holds.size === 0 ? null : Math.max(...this.#holds.values());
  }

  /** Whether a voltage is one of its levels. */
  hasLevel(uv: number): boolean {
    const { steps } = this;
    if (steps.kind === "list") return steps.levelsUv.includes(uv);
    return uv >= steps.lowestUv && uv <= steps.highestUv && (uv - steps.lowestUv) % steps.stepUv === 0;
  }

  /** Sets what a user needs from now on, uV: it goes up to that, or down to what is still needed, in its time. */
  hold(user: string, uv: number): void {
    this.#holds.set(user, stepFor(this.steps, uv));
    this.#move();
  }

  /** Sets what a user needs from now on, uV, and is there at once. */
  holdAtOnce(user: string, uv: number): void {
    this.#holds.set(user, stepFor(this.steps, uv));
    this.#settle();
  }

  /**
   * Does a task as soon as the rail has what a user holds, at once if it has. The task of an earlier call for the user is
   * given up.
   */
  whenHeld(user: string, task: () => void): void {
    const uv = this.#holds.get(user)!;
    this.#waiters.delete(user);
    if (this.#assuredUv >= uv) task();
    else this.#waiters.set(user, { uv, task });
  }

  /** Goes to a level at once, or (null) to the one it has unasked, as far as what it feeds lets it. */
  setLevel(uv: number | null): void {
    if (this.#awaited?.uv !== uv) this.#awaited = null;
    this.#askedUv = uv;
    this.#settle();
  }

  /** Begins to go to a level that nothing holds it above. Only while it is not busy. */
  beginLevel(uv: number): VoltageChange {
    const before = this.#askedUv;
    this.#askedUv = uv;
    const doneUs = this.#begin(this.#targetUv);
    const awaited: Awaited = { uv, result: null };
    this.#awaited = awaited;
    return {
      doneUs,
      get result() {
        return awaited.result;
      },
      cancel: () => {
        this.#stop();
        this.#awaited = null;
        this.#askedUv = before;
      },
    };
  }

  /** Switches to one of its modes at once; a change under way is done then. */
  setMode(mode: VoltageMode): void {
    this.#mode = mode;
    this.#settle();
  }

  /** Forgets what agents asked for, and is at once as it was at start. */
  reset(): void {
    this.#awaited = null;
    this.#askedUv = null;
    this.#mode = this.startMode;
    this.#settle();
  }

  /** Lists what the rail may never be in; nothing is right. */
  checkInvariants(): string[] {
    const wrong: string[] = [];
    const neededUv = this.neededUv;
    if (!this.hasLevel(this.#levelUv)) {
      wrong.push(`rail ${this.name} is at ${this.#levelUv} uV, not a level of it`);
    }
    if (neededUv !== null && !isSupplied(this.#mode)) {
      wrong.push(`rail ${this.name} is off while it is needed`);
    }
    if (neededUv !== null && !this.isBusy && this.#levelUv < neededUv) {
      wrong.push(`rail ${this.name} is at ${this.#levelUv} uV where ${neededUv} are needed`);
    }
    if (this.#askedUv !== null && !this.isBusy && this.#levelUv < this.#askedUv) {
      wrong.push(`rail ${this.name} is at ${this.#levelUv} uV where an agent asked for ${this.#askedUv}`);
    }
    if (!this.isBusy && this.#levelUv > Math.max(this.#askedUv ?? this.#regulator.startUv, neededUv ?? 0)) {
      wrong.push(`rail ${this.name} is at ${this.#levelUv} uV, more than anybody wants`);
    }
    if (this.#slew !== null && this.#slew.dueUs < this.#scheduler.nowUs()) {
      wrong.push(`rail ${this.name} is on its way since it should have been there`);
    }
    return wrong;
  }

  get #targetUv(): number {
    const neededUv = this.neededUv;
    const askedUv = this.#askedUv ?? (neededUv === null ? this.#regulator.startUv : neededUv);
    return Math.max(askedUv, neededUv ?? askedUv);
  }

  /** How long it takes to get to a level, us; while it is off, only to be told. */
  #durationUs(uv: number): number {
    const stretchUv = isSupplied(this.#mode) ? Math.abs(uv - this.#levelUv) : 0;
    return this.#regulator.commandUs + Math.ceil(stretchUv / this.#regulator.slewUvPerUs);
  }

  /** What it certainly has until something else is asked of it, uV: on its way down, the lower end. */
  get #assuredUv(): number {
    return this.#slew === null ? this.#levelUv : Math.min(this.#levelUv, this.#slew.goalUv);
  }

  /** Goes where it should be, unless it is under way: then it goes on from there. */
  #move(): void {
    if (this.#slew === null && this.#targetUv !== this.#levelUv) this.#begin(this.#targetUv);
  }

  /** Sets out for a level; returns when it is there. */
  #begin(goalUv: number): number {
    const dueUs = this.#scheduler.nowUs() + this.#durationUs(goalUv);
    this.#slew = { goalUv, dueUs, timer: this.#scheduler.at(dueUs, () => this.#arrive(goalUv)) };
    return dueUs;
  }

  #arrive(goalUv: number): void {
    this.#slew = null;
    this.#levelUv = goalUv;
    this.#fulfil();
    this.#drive(this.volts);
    this.#move();
    this.#serveWaiters();
    this.changes.tell(this);
  }

  /** The level is there that an agent waits for. */
  #fulfil(): void {
    if (this.#awaited !== null) this.#awaited.result = "SUCCESS";
    this.#awaited = null;
  }

  #stop(): void {
    this.#slew?.timer.cancel();
    this.#slew = null;
  }

  /** Is where it should be, now. */
  #settle(): void {
    this.#stop();
    this.#levelUv = this.#targetUv;
    this.#fulfil();
    this.#drive(this.volts);
    this.#serveWaiters();
    this.changes.tell(this);
  }

  #serveWaiters(): void {
    const assuredUv = this.#assuredUv;
    const served = [...this.#waiters].filter(([, { uv }]) => uv <= assuredUv);
    for (const [user] of served) this.#waiters.delete(user);
    for (const [, { task }] of served) task();
  }
}

/** Whether a rail supplies anything in a mode. */
export function isSupplied(mode: VoltageMode): boolean {
  return mode.kind === "own" ? mode.isSupplied : mode.kind === "on";
}

/** The lowest step that is enough; the highest when none is. */
function stepFor(steps: VoltageSteps, uv: number): number {
  if (steps.kind === "list") return steps.levelsUv.find((levelUv) => levelUv >= uv) ?? steps.levelsUv.at(-1)!;
  const count = Math.max(0, Math.ceil((uv - steps.lowestUv) / steps.stepUv));
  return Math.min(steps.highestUv, steps.lowestUv + count * steps.stepUv);
}
