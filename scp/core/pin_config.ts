// The codes of a pin's config types, as they go on the wire and stand in board files. SCMI 4.11, since 3.2. What a value of
// a type means (a resistance, a strength, on or off) is the board's matter.

/** Config types with a code of the specification; 192 to 255 are the implementation's own. */
export const PIN_CONFIG = {
  default: 0,
  biasBusHold: 1,
  biasDisable: 2,
  highImpedance: 3,
  pullUp: 4,
  pullDefault: 5,
  pullDown: 6,
  openDrain: 7,
  openSource: 8,
  pushPull: 9,
  driveStrength: 10,
  inputDebounce: 11,
  inputMode: 12,
  pullMode: 13,
  inputValue: 14,
  inputSchmitt: 15,
  lowPowerMode: 16,
  outputMode: 17,
  outputValue: 18,
  powerSource: 19,
  slewRate: 20,
} as const;

/** First code of the implementation's own types, which reach up to 255. */
export const OWN_PIN_CONFIG_MIN = 192;

/** The largest code. */
export const PIN_CONFIG_MAX = 255;

/** Types that are ways of doing the same thing: while one is on (not 0), the others of its family are off (0). */
export const PIN_CONFIG_FAMILIES: readonly (readonly number[])[] = [
  [
    PIN_CONFIG.biasBusHold,
    PIN_CONFIG.biasDisable,
    PIN_CONFIG.highImpedance,
    PIN_CONFIG.pullUp,
    PIN_CONFIG.pullDefault,
    PIN_CONFIG.pullDown,
  ],
  [PIN_CONFIG.openDrain, PIN_CONFIG.openSource, PIN_CONFIG.pushPull],
];

/** The types of a type's family, itself included; only itself where it has none. */
export function pinConfigFamilyOf(typeCode: number): readonly number[] {
  return PIN_CONFIG_FAMILIES.find((family) => family.includes(typeCode)) ?? [typeCode];
}
