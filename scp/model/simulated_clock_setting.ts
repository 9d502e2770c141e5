// A setting of a clock beside its rate, with its value.
import type { ClockSettingPlan } from "../../boards/clock.ts";
import type { ClockSetting } from "./clock.ts";

/** A value between two ends. */
export class SimulatedClockSetting implements ClockSetting {
  value: number;

  constructor(readonly plan: ClockSettingPlan) {
    this.value = plan.start;
  }

  restart(): void {
    this.value = this.plan.start;
  }

  accepts(value: number): boolean {
    return Number.isInteger(value) && this.plan.lowest <= value && value <= this.plan.highest;
  }
}

/** Makes a setting that a clock has. */
export function settingFrom(plan: ClockSettingPlan | null): SimulatedClockSetting | null {
  return plan === null ? null : new SimulatedClockSetting(plan);
}
