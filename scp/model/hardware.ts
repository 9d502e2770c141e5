// The hardware that an agent can name, by kind of resource: what a board has, or the part of it that an agent sees. The
// place in a list is the wire id. Each kind is described in the file of its noun.
import type { Clock } from "./clock.ts";
import type { PerformanceDomain } from "./performance_domain.ts";
import type { Pin } from "./pin.ts";
import type { PinFunction } from "./pin_function.ts";
import type { PinGroup } from "./pin_group.ts";
import type { PowerDomain } from "./power_domain.ts";
import type { PowercapDomain } from "./powercap_domain.ts";
import type { ResetDomain } from "./reset_domain.ts";
import type { VoltageDomain } from "./voltage_domain.ts";
import type { Sensor } from "./sensor.ts";
import type { SystemPower } from "./system_power.ts";

/** Resources by the kind that protocols name them with. */
export interface HardwareView {
  readonly sensor: readonly Sensor[];
  readonly clock: readonly Clock[];
  readonly powerDomain: readonly PowerDomain[];
  /** None or one. */
  readonly systemPower: readonly SystemPower[];
  readonly performanceDomain: readonly PerformanceDomain[];
  readonly resetDomain: readonly ResetDomain[];
  readonly voltageDomain: readonly VoltageDomain[];
  readonly powercapDomain: readonly PowercapDomain[];
  readonly pin: readonly Pin[];
  readonly pinGroup: readonly PinGroup[];
  readonly pinFunction: readonly PinFunction[];
}

/** A view of nothing, to spread from. */
export const NO_HARDWARE: HardwareView = {
  sensor: [],
  clock: [],
  powerDomain: [],
  systemPower: [],
  performanceDomain: [],
  resetDomain: [],
  voltageDomain: [],
  powercapDomain: [],
  pin: [],
  pinGroup: [],
  pinFunction: [],
};
