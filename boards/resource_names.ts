// The names of a board's resources by the kind that views and devices name them with, in the order of the board's own ids.
import { type HardwareKind, SYSTEM_POWER_NAME } from "../scp/core/schema.ts";
import type { Board } from "./board.ts";

/** Names by kind; the place is the board's own id. */
export type ResourceNames = Readonly<Record<HardwareKind, readonly string[]>>;

/** Names a board's resources; those are left out that no agent is shown. */
export function resourceNames(board: Board): ResourceNames {
  const nameOf = ({ name }: { readonly name: string }) => name;
  return {
    sensor: board.sensors.map(nameOf),
    clock: board.clocks.map(nameOf),
    powerDomain: board.powerDomains.filter(({ id }) => id !== null).map(nameOf),
    systemPower: board.systemPower === null ? [] : [SYSTEM_POWER_NAME],
    performanceDomain: board.performanceDomains.map(nameOf),
    resetDomain: board.resetDomains.map(nameOf),
    voltageDomain: board.voltageDomains.map(nameOf),
    powercapDomain: board.powercapDomains.map(nameOf),
    pin: board.pins.map(nameOf),
    pinGroup: board.pinGroups.map(nameOf),
    pinFunction: board.pinFunctions.map(nameOf),
  };
}
