// A clock of the model: takes the rate of its parent, makes its own from it, and hands that to the clocks below. It runs
// while it is enabled, its parent runs and its power domain is on. Enables are counted per agent: it stops with the last.
import type { ClockDescription } from "../../boards/clock.ts";
import { hasSetting, rateOf, startSetting } from "../core/clock_ratio.ts";
import type { Scheduler } from "../core/timeline.ts";
import { ChangeListeners } from "./change_listeners.ts";
import type {
  Clock,
  ClockConfig,
  ClockPermissions,
  ClockSetting,
  ClockSettingName,
  ParentFailure,
  RateChange,
  RateEvent,
  RateFailure,
  RateOffer,
  Rounding,
} from "./clock.ts";
import type { ClockFeed, PowerGate } from "./clock_feed.ts";
import { ClockRates, isWithin } from "./clock_rates.ts";
import { LastAskers } from "./last_askers.ts";
import { settingFrom, type SimulatedClockSetting } from "./simulated_clock_setting.ts";

const PLATFORM = 0;

const ALL_RIGHTS: ClockPermissions = { state: true, rate: true, parent: true };

/** A clock with everything behind it. */
export class SimulatedClock implements Clock, ClockFeed {
  readonly fed = new Set<SimulatedClock>();
  readonly rateChanges = new ChangeListeners<RateEvent>();
  readonly rateRequests = new ChangeListeners<RateEvent>();
  /** Tells that the clock started, stopped, or runs at another rate. */
  readonly activity = new ChangeListeners<SimulatedClock>();
  readonly #enabledBy = new Set<number>();
  /** Agents that have disabled it: what runs at start runs until the first has. */
  readonly #disabledBy = new Set<number>();
  readonly #askers = new LastAskers<"rate" | "parent" | ClockSettingName>();
  readonly #settings: Readonly<Record<ClockSettingName, SimulatedClockSetting | null>>;
  #choices: readonly SimulatedClock[] = [];
  #parent: ClockFeed | null = null;
  #startParent: ClockFeed | null = null;
  #gate: PowerGate | null = null;
  #setting: number;
  #rateHz = 0;
  #isRunning = false;
  /** Made when it is asked for, anew when another rate comes in. */
  #rates: ClockRates | null = null;
  /** The change of rate under way. */
  #change: PendingChange | null = null;
  /** The agent for whom nobody else may disturb it; null = there is none. */
  #protectorId: number | null = null;

  /** `rights` are those of the description, by the agent's id. */
  constructor(
    readonly description: ClockDescription,
    readonly rights: ReadonlyMap<number, ClockPermissions>,
    readonly scheduler: Scheduler,
  ) {
    this.#setting = startSetting(description.ratio);
    this.#settings = {
      dutyCycle: settingFrom(description.dutyCyclePercent),
      phase: settingFrom(description.phaseMrad),
    };
  }

  /** Joins the clock to what it depends on. `parent` is null for an oscillator; once, from the roots to the leaves. */
  join(parent: ClockFeed | null, choices: readonly SimulatedClock[], gate: PowerGate | null): void {
    this.#choices = choices;
    this.#parent = parent;
    this.#startParent = parent;
    this.#gate = gate;
    parent?.fed.add(this);
    gate?.listen(() => this.#refreshRunning());
    this.#rateHz = rateOf(this.description.ratio, this.#setting, this.#inputHz);
    this.#isRunning = this.#shouldRun();
  }

  get name(): string {
    return this.description.name;
  }

  get enableDelayUs(): number {
    return this.description.enableDelayUs;
  }

  get notifiesRate(): boolean {
    return this.description.notifiesRate;
  }

  get notifiesRequests(): boolean {
    return this.description.notifiesRequests;
  }

  get isRestricted(): boolean {
    return this.rights.size > 0 || !this.description.hasGate;
  }

  get isEnabled(): boolean {
    const { hasGate, startsEnabled } = this.description;
    return !hasGate || this.#enabledBy.size > 0 || (startsEnabled && this.#disabledBy.size === 0);
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  get rateHz(): number {
    return this.description.hidesRate ? 0 : this.#rateHz;
  }

  get outputHz(): number {
    return this.#rateHz;
  }

  get offer(): RateOffer {
    return this.#ratesNow().offer;
  }

  get parentChoices(): readonly SimulatedClock[] {
    return this.#choices;
  }

  get parentChoice(): SimulatedClock | null {
    return this.#choices.find((choice) => choice === this.#parent) ?? null;
  }

  permissionsOf(agentId: number): ClockPermissions {
    const rights = this.rights.get(agentId) ?? ALL_RIGHTS;
    return { ...rights, state: rights.state && this.description.hasGate };
  }

  settingOf(name: ClockSettingName): ClockSetting | null {
    return this.#settings[name];
  }

  configure(agentId: number, config: ClockConfig): "SUCCESS" | "DENIED" | "INVALID" {
    const setting = config.setting === null ? null : this.#settings[config.setting.name];
    if (config.setting !== null && setting?.accepts(config.setting.value) !== true) return "INVALID";
    if (!(this.rights.get(agentId) ?? ALL_RIGHTS).state) return "DENIED";
    // A clock without a gate is on already; it cannot be switched off.
    if (config.isEnabled === false && !this.description.hasGate) return "DENIED";
    if (config.isEnabled === false && this.#wouldStop(agentId) && this.disturbs(agentId)) return "DENIED";
    if (config.setting !== null && this.#protectorId !== null && this.disturbs(agentId)) return "DENIED";
    if (config.setting !== null) {
      setting!.value = config.setting.value;
      this.#askers.note(config.setting.name, agentId);
    }
    if (config.isEnabled !== null) this.#switch(agentId, config.isEnabled);
    return "SUCCESS";
  }

  setRate(agentId: number, rateHz: number, rounding: Rounding): "SUCCESS" | RateFailure {
    const judged = this.#judgeNewRate(agentId, rateHz, rounding);
    if (typeof judged === "number") return this.#takeSetting(agentId, judged);
    if (judged !== "UNREACHABLE") this.rateRequests.tell({ agentId, rateHz });
    return judged;
  }

  beginRateChange(agentId: number, rateHz: number, rounding: Rounding): RateChange | RateFailure {
    const judged = this.#judgeNewRate(agentId, rateHz, rounding);
    if (judged !== "UNREACHABLE") this.rateRequests.tell({ agentId, rateHz });
    if (typeof judged === "string") return judged;
    const dueUs = this.scheduler.nowUs() + this.description.rateLatencyUs;
    const timer = this.scheduler.at(dueUs, () => {
      this.#change = null;
      // Rates above and below may have changed meanwhile: the request is judged by those of now.
      const setting = this.#judgeRate(agentId, rateHz, rounding);
      change.result = typeof setting === "number" ? this.#takeSetting(agentId, setting) : setting;
    });
    const change: PendingChange = {
      agentId,
      dueUs,
      result: null,
      cancel: () => {
        timer.cancel();
        if (this.#change === change) this.#change = null;
      },
    };
    this.#change = change;
    return change;
  }

  /** The rate that serves a request, Hz, or why there is none; changes nothing. */
  rateFor(agentId: number, rateHz: number, rounding: Rounding): number | "UNREACHABLE" | "DENIED" {
    const setting = this.#judgeRate(agentId, rateHz, rounding);
    return typeof setting === "number" ? rateOf(this.description.ratio, setting, this.#inputHz) : setting;
  }

  setParent(agentId: number, parent: Clock): "SUCCESS" | ParentFailure {
    const choice = this.#choices.find(({ name }) => name === parent.name);
    if (choice === undefined) return "NO_PARENT";
    if (!this.permissionsOf(agentId).parent) return "DENIED";
    if (this.#change !== null) return "BUSY";
    if (choice === this.#parent) return "SUCCESS";
    const rateHz = rateOf(this.description.ratio, this.#setting, choice.outputHz);
    if (!this.#fits(rateHz)) return "OUT_OF_RANGE";
    if (this.disturbs(agentId)) return "DENIED";
    this.#askers.note("parent", agentId);
    this.#runFrom(choice);
    this.refresh(agentId);
    return "SUCCESS";
  }

  /** The agent for whom nobody else may disturb the clock; null = there is none. */
  get protectorId(): number | null {
    return this.#protectorId;
  }

  /** Has others refused what would change its rate or stop it, at this clock and at those above. */
  protectFor(agentId: number): void {
    this.#protectorId = agentId;
  }

  /** Names of the clocks it runs from, the nearest first. */
  namesUpstream(): string[] {
    const above = this.#parent;
    return above instanceof SimulatedClock ? [above.name, ...above.namesUpstream()] : [];
  }

  /** Whether a change here would reach a clock that is another agent's own. */
  disturbs(agentId: number): boolean {
    if (this.#protectorId !== null && this.#protectorId !== agentId && agentId !== PLATFORM) return true;
    for (const clock of this.fed) if (clock.disturbs(agentId)) return true;
    return false;
  }

  /** Takes back what an agent has asked for, unless that would put a clock outside its limits or disturb another agent's own. */
  dropVotes(agentId: number): void {
    if (this.#change?.agentId === agentId) this.#change.cancel();
    this.#enabledBy.delete(agentId);
    this.#disabledBy.delete(agentId);
    for (const what of this.#askers.forget(agentId)) {
      if (what === "parent") this.#restoreParent(agentId);
      else if (what === "rate") this.restoreRate(agentId);
      else this.#settings[what]!.restart();
    }
    this.#refreshRunning();
  }

  /** Goes back to the ratio of the start for an agent's sake, if that may be. */
  restoreRate(agentId: number): void {
    const { ratio } = this.description;
    const setting = startSetting(ratio);
    if (setting === this.#setting || this.disturbs(agentId)) return;
    if (this.#fits(rateOf(ratio, setting, this.#inputHz))) this.#takeSetting(PLATFORM, setting);
  }

  #restoreParent(agentId: number): void {
    const parent = this.#startParent;
    if (parent === null || parent === this.#parent || this.disturbs(agentId)) return;
    if (!this.#fits(rateOf(this.description.ratio, this.#setting, parent.outputHz))) return;
    this.#runFrom(parent);
    this.refresh(PLATFORM);
  }

  #runFrom(parent: ClockFeed): void {
    this.#parent!.fed.delete(this);
    parent.fed.add(this);
    this.#parent = parent;
  }

  /** Goes back to what it starts with, without telling: `refresh` of the whole tree follows, from the roots on. */
  restart(): void {
    this.#change?.cancel();
    this.#enabledBy.clear();
    this.#disabledBy.clear();
    this.#askers.clear();
    this.#setting = startSetting(this.description.ratio);
    for (const setting of Object.values(this.#settings)) setting?.restart();
    if (this.#parent !== this.#startParent) this.#runFrom(this.#startParent!);
  }

  /** Takes over what comes in now, and hands its own on. */
  refresh(agentId: number): void {
    this.#refreshRate(agentId);
    this.#refreshRunning();
  }

  #refreshRate(agentId: number): void {
    const rateHz = rateOf(this.description.ratio, this.#setting, this.#inputHz);
    if (rateHz === this.#rateHz) return;
    this.#rateHz = rateHz;
    this.activity.tell(this);
    this.rateChanges.tell({ agentId, rateHz });
    for (const clock of this.fed) clock.#refreshRate(agentId);
  }

  /** What is wrong with the clock, if anything: for tests, simulation and fuzzer. */
  checkInvariants(): string[] {
    const { name, ratio } = this.description;
    const wrong: string[] = [];
    const expectedHz = rateOf(ratio, this.#setting, this.#inputHz);
    if (!hasSetting(ratio, this.#setting)) {
      wrong.push(`clock ${name}: its hardware has no setting ${this.#setting}`);
    }
    if (this.#rateHz !== expectedHz) {
      wrong.push(`clock ${name}: runs at ${this.#rateHz} Hz, its parent gives ${expectedHz}`);
    }
    const { rateMinHz, rateMaxHz } = this.description;
    const isOutside = (rateHz: number) => rateHz < rateMinHz || rateHz > rateMaxHz;
    if (isOutside(this.#rateHz)) wrong.push(`clock ${name}: ${this.#rateHz} Hz is outside its limits`);
    if (endsOf(this.offer).some(isOutside)) wrong.push(`clock ${name}: offers rates outside its limits`);
    if (this.#isRunning !== this.#shouldRun()) wrong.push(`clock ${name}: runs against its gate or parent`);
    if (this.#parent !== null && !this.#parent.fed.has(this)) {
      wrong.push(`clock ${name}: unknown to its parent`);
    }
    for (const setting of Object.values(this.#settings)) {
      if (setting !== null && !setting.accepts(setting.value)) {
        wrong.push(`clock ${name}: setting out of range`);
      }
    }
    return wrong;
  }

  get #inputHz(): number {
    return this.#parent === null ? this.description.rateHz : this.#parent.outputHz;
  }

  #shouldRun(): boolean {
    return this.isEnabled && (this.#parent?.isRunning ?? true) && (this.#gate?.isOn ?? true);
  }

  /** Whether the clock stops if an agent wants it no longer. */
  #wouldStop(agentId: number): boolean {
    for (const id of this.#enabledBy) if (id !== agentId) return false;
    return this.isEnabled;
  }

  #switch(agentId: number, isEnabled: boolean): void {
    this.#enabledBy.delete(agentId);
    (isEnabled ? this.#enabledBy : this.#disabledBy).add(agentId);
    this.#refreshRunning();
  }

  #refreshRunning(): void {
    const shouldRun = this.#shouldRun();
    if (shouldRun === this.#isRunning) return;
    this.#isRunning = shouldRun;
    this.activity.tell(this);
    for (const clock of this.fed) clock.#refreshRunning();
  }

  #ratesNow(): ClockRates {
    const inputHz = this.#inputHz;
    if (this.#rates?.inputHz !== inputHz) {
      this.#rates = new ClockRates(this.description.ratio, inputHz, this.description);
    }
    return this.#rates!;
  }

  /** As `#judgeRate`, for a request that has to wait for no other. */
  #judgeNewRate(agentId: number, rateHz: number, rounding: Rounding): number | RateFailure {
    const judged = this.#judgeRate(agentId, rateHz, rounding);
    return typeof judged === "number" && this.#change !== null ? "BUSY" : judged;
  }

  /** The setting that serves a request, or why there is none. */
  #judgeRate(agentId: number, rateHz: number, rounding: Rounding): number | "UNREACHABLE" | "DENIED" {
    const { ratio, hidesRate } = this.description;
    if (!this.permissionsOf(agentId).rate) return "DENIED";
    if (hidesRate) return this.#setting;
    const setting = this.#ratesNow().choose(rateHz, rounding);
    if (setting === null) return "UNREACHABLE";
    if (setting === this.#setting) return setting;
    if (this.disturbs(agentId)) return "DENIED";
    return this.#fits(rateOf(ratio, setting, this.#inputHz)) ? setting : "DENIED";
  }

  #takeSetting(agentId: number, setting: number): "SUCCESS" {
    this.#setting = setting;
    this.#askers.note("rate", agentId);
    this.#refreshRate(agentId);
    return "SUCCESS";
  }

  /** Whether this clock, and all that run from it, stay within their limits at a rate of this one. */
  #fits(rateHz: number): boolean {
    if (!isWithin(this.description, rateHz)) return false;
    for (const clock of this.fed) {
      if (!clock.#fits(rateOf(clock.description.ratio, clock.#setting, rateHz))) return false;
    }
    return true;
  }
}

/** A change under way, as its clock holds it. */
interface PendingChange extends RateChange {
  readonly agentId: number;
  result: "SUCCESS" | RateFailure | null;
}

/** The lowest and the highest rate that are offered. */
function endsOf(offer: RateOffer): number[] {
  return offer.kind === "steps"
    ? [offer.lowestHz, offer.highestHz]
    : [offer.ratesHz[0]!, offer.ratesHz.at(-1)!];
}
