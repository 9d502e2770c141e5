// What has to hold for the hardware after every message, whatever agents send: tests, the simulation and the fuzzer ask.
// Each noun checks itself; here they are put together.
import type { Model } from "./model.ts";

/** Lists what the model may never be in; nothing is right. */
export function checkInvariants(model: Model): string[] {
  return [
    ...model.powerTree.checkInvariants(),
    ...model.systemPower?.checkInvariants() ?? [],
    ...model.clockTree.checkInvariants(),
    ...model.resetDomains.flatMap((domain) => domain.checkInvariants()),
    ...model.pinControl.checkInvariants(),
    ...model.dvfs.checkInvariants(),
    ...model.powercapTree.checkInvariants(),
    ...model.arbitration.checkInvariants(),
    ...model.passThrough.checkInvariants(),
  ];
}
