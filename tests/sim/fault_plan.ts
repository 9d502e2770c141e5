// Faults of the hardware in a simulation: which kinds there are at all is drawn for each run, when and where they
// strike as well.
import type { Prng } from "../../scp/core/prng.ts";
import type { Model } from "../../scp/model/model.ts";

/** A kind of fault. */
export type FaultKind = "silent" | "busy" | "stuck" | "weather";

/** All kinds. */
export const FAULT_KINDS: readonly FaultKind[] = ["silent", "busy", "stuck", "weather"];

const S = 1_000_000;

/** Lets one kind of fault strike again and again; yields the time until it goes on, us. */
export function* strike(kind: FaultKind, model: Model, rand: Prng): Generator<number, void> {
  for (;;) {
    yield rand.nextInteger(1, 8 * S);
    const index = rand.nextInteger(0, model.sensors.length - 1);
    switch (kind) {
      case "silent":
      case "busy":
        model.setFault(index, kind === "silent" ? "HARDWARE_ERROR" : "BUSY");
        yield rand.nextInteger(1, 4 * S);
        model.setFault(index, null);
        break;
      case "stuck": {
        const value = (rand.nextUnit() - 0.5) * 10 ** rand.nextInteger(0, 12);
        model.override(index, model.sensors[index]!.quantities.map(() => value));
        yield rand.nextInteger(1, 4 * S);
        model.release(index);
        break;
      }
      case "weather":
        model.setInput("ambientC", rand.nextInteger(-30, 50));
        yield rand.nextInteger(1, 10 * S);
        if (rand.nextUnit() < 0.3) model.setInput("ambientC", null);
    }
  }
}
