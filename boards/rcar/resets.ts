// The reset domains of the R-Car H3: ids and names of SCP-firmware's product/rcar, which has one for each module clock from
// fdp1-1 to ssi0. What SCP does not have is marked as an extension.
import type { ResetDomainInput } from "../reset_domain.ts";
import { RCAR_MODULE_CLOCKS } from "./module_clocks.ts";

/** The last module with a reset of its own. */
const LAST = "ssi0";

/** Linux holds a reset for one cycle of the 32.5 kHz clock. */
const PULSE_US = 31;

/** Extension: engines that end their work on memory before they are reset take their time, and can be waited for. */
const ENGINE = { supportsAsync: true, pulseUs: 500 } as const;
const ENGINES: ReadonlySet<string> = new Set(["imr3", "imr2", "imr1", "imr0", "fdp1-1", "fdp1-0"]);

/** Extension: agents can hear of the resets of devices that several of them use. */
const SHARED: ReadonlySet<string> = new Set([
  "etheravb",
  ...["sdif0", "sdif1", "sdif2", "sdif3"],
  ...["sys-dmac0", "sys-dmac1", "sys-dmac2", "audmac0", "audmac1"],
  ...ENGINES,
]);

/** Ids 0 to 132, in order. */
export const RCAR_RESETS: readonly ResetDomainInput[] = RCAR_MODULE_CLOCKS
  .slice(0, RCAR_MODULE_CLOCKS.findIndex(({ name }) => name === LAST) + 1)
  .map(({ name }, id): ResetDomainInput => ({
    id,
    name,
    pulseUs: PULSE_US,
    ...(ENGINES.has(name) ? ENGINE : {}),
    notifies: SHARED.has(name),
    // Extension: the controller can be reset without its link to the transceiver.
    ownStates: name === "etheravb" ? [1] : [],
  }));
