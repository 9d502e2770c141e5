// The pins of the R-Car H3 that can be general inputs and outputs: 8 banks, with names and numbers as Linux has them. Whether
// the chip lets agents have them is an extension: SCP leaves them to Linux.
import { PIN_CONFIG } from "../../scp/core/pin_config.ts";
import type { PinConfigInput, PinInput } from "../pin.ts";

/** Pins of each bank (Linux). */
const BANK_SIZES = [16, 29, 15, 16, 18, 26, 32, 4];

/** The banks of the SD card interfaces. */
const CARD_BANKS = [3, 4];

/** What every pin can do; a guess, as the references do not say it pin by pin. */
const EVERY_PIN: readonly PinConfigInput[] = [
  { typeCode: PIN_CONFIG.biasDisable, start: 1 },
  { typeCode: PIN_CONFIG.pullUp },
  { typeCode: PIN_CONFIG.pullDown },
  { typeCode: PIN_CONFIG.driveStrength, min: 3, max: 24, step: 3, start: 24 }, // mA
  { typeCode: PIN_CONFIG.inputMode, start: 1 },
  { typeCode: PIN_CONFIG.inputValue },
  { typeCode: PIN_CONFIG.outputMode },
  { typeCode: PIN_CONFIG.outputValue },
];

/** Cards start at 3.3 V and, when they are fast, go on at 1.8 V; mV. */
const CARD_SUPPLY: PinConfigInput = {
  typeCode: PIN_CONFIG.powerSource,
  min: 1800,
  max: 3300,
  step: 1500,
  start: 3300,
};

/** The name of a pin. */
export function gpioName(bank: number, number: number): string {
  return `GP_${bank}_${String(number).padStart(2, "0")}`;
}

/** Ids 0 to 155, bank by bank. */
export const RCAR_PINS: readonly PinInput[] = BANK_SIZES
  .flatMap((size, bank) => Array.from({ length: size }, (_, number) => ({ bank, number })))
  .map(({ bank, number }, id) => ({
    id,
    name: gpioName(bank, number),
    configs: CARD_BANKS.includes(bank) ? [...EVERY_PIN, CARD_SUPPLY] : EVERY_PIN,
  }));
