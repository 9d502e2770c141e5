// The rails of the R-Car H3 on a Salvator board and the voltage domains by which agents may set them. Steps are those of the
// PMIC, a ROHM BD9571MWV (Linux' regulator driver); SCP-firmware has no voltage domains, so those are an extension of ours.
import type { Rail } from "../chip.ts";
import type { Regulator, VoltageSteps } from "../regulator.ts";
import type { VoltageDomainInput } from "../voltage_domain.ts";

/** What all of the PMIC have: 100 us for a transfer at 400 kHz and 10 mV/us are guesses. */
const PMIC = {
  startsOn: true,
  canSwitchOff: false,
  ownModes: [],
  slewUvPerUs: 10_000,
  commandUs: 100,
} as const;

/** A voltage that a GPIO switches; the settling time is a guess. */
const SD_VCCQ: Regulator = {
  steps: { kind: "list", levelsUv: [1_800_000, 3_300_000] },
  startUv: 3_300_000,
  startsOn: true,
  canSwitchOff: true,
  ownModes: [],
  slewUvPerUs: 1_000,
  commandUs: 1,
};

function mv(lowest: number, highest: number, step: number): VoltageSteps {
  return { kind: "segment", lowestUv: lowest * 1000, highestUv: highest * 1000, stepUv: step * 1000 };
}

/** The rails; a load line is seen only where a block of the chip draws current. */
export const RCAR_RAILS: readonly Rail[] = [
  {
    // Of the A57 cluster. The PMIC gives 600 to 1100 mV; the device tree allows this window (Linux).
    name: "dvfs",
    loadLineOhm: 0.002,
    regulator: { ...PMIC, steps: mv(750, 1030, 10), startUv: 830_000 },
  },
  {
    // Of the A53 cluster: SCP models a supply of its own, which no agent is shown.
    name: "vlittle",
    loadLineOhm: 0.002,
    regulator: { ...PMIC, steps: mv(600, 1100, 10), startUv: 820_000 },
  },
  {
    // Core logic: all but the processors.
    name: "vd09",
    loadLineOhm: 0.002,
    regulator: { ...PMIC, steps: mv(600, 1100, 10), startUv: 830_000 },
  },
  { name: "vd18", loadLineOhm: 0, regulator: { ...PMIC, steps: mv(1625, 2000, 25), startUv: 1_800_000 } },
  {
    name: "vd25",
    loadLineOhm: 0,
    regulator: { ...PMIC, canSwitchOff: true, steps: mv(2150, 2900, 50), startUv: 2_500_000 },
  },
  {
    name: "vd33",
    loadLineOhm: 0,
    regulator: { ...PMIC, canSwitchOff: true, steps: mv(2800, 3800, 100), startUv: 3_300_000 },
  },
  { name: "sd0-vccq", loadLineOhm: 0, regulator: SD_VCCQ },
  { name: "sd3-vccq", loadLineOhm: 0, regulator: SD_VCCQ },
];

/** The voltage domains, each of the rail of its name. */
export const RCAR_VOLTAGE_DOMAINS: readonly VoltageDomainInput[] = [
  "vd09",
  "vd18",
  "vd25",
  "vd33",
  "dvfs",
  "sd0-vccq",
  "sd3-vccq",
].map((name, id) => ({ id, name, rail: name, setBy: ["OSPM"] }));
