// A board with several of every kind of hardware, and random views of it: for tests about who sees what under which ids.
import fc from "./property.ts";
import { type Board, defineBoard } from "../../boards/board.ts";
import { resourceNames } from "../../boards/resource_names.ts";
import { type Right, RIGHTS, type ViewInput } from "../../boards/view.ts";
import { HARDWARE_KINDS, type HardwareKind } from "../../scp/core/schema.ts";
import { EVERY_HARDWARE } from "./every_hardware.ts";

const SENSOR = {
  rangeMin: -100,
  rangeMax: 1000,
  step: { mantissa: 1, exponent: -3 },
  samplePeriodUs: 10_000,
  unitExponent: -3,
  tripPointCount: 2,
  supportsContinuousUpdate: true,
  timestampExponent: -3,
} as const;

/** The board; whoever tests with it gives it agents. */
export const VIEWED_BOARD: Board = defineBoard({
  ...EVERY_HARDWARE,
  name: "viewed",
  sensors: [
    { id: 0, name: "temp", typeCode: 2, signal: "temperature.chip", ...SENSOR },
    { id: 1, name: "volt", typeCode: 5, signal: "rail.core.voltage", ...SENSOR, asyncLatencyUs: 2_000 },
    { id: 2, name: "power_of_everything_there_is", typeCode: 7, signal: "chip.power", ...SENSOR },
  ],
});

const NAMES = resourceNames(VIEWED_BOARD);

/** Whatever shows a group shows its pins, with the same right at least. */
function withPins(view: Readonly<Record<HardwareKind, Readonly<Record<string, Right>>>>): ViewInput {
  const pins = { ...view.pin };
  for (const [name, right] of Object.entries(view.pinGroup)) {
    for (const pin of VIEWED_BOARD.pinGroups.find((group) => group.name === name)!.pins) {
      if (RIGHTS.indexOf(right) > RIGHTS.indexOf(pins[pin] ?? "none")) pins[pin] = right;
    }
  }
  return { ...view, pin: pins };
}

/** Views of some of the board, in any order, each resource with one of these rights. */
export function arbitraryView(...rights: readonly Right[]): fc.Arbitrary<ViewInput> {
  const ofKind = (kind: HardwareKind) =>
    fc.shuffledSubarray([...NAMES[kind]]).chain((names) =>
      fc.tuple(...names.map(() => fc.constantFrom(...rights))).map((granted) =>
        Object.fromEntries(names.map((name, i) => [name, granted[i]!]))
      )
    );
  return fc.tuple(...HARDWARE_KINDS.map(ofKind)).map((all) =>
    withPins(
      Object.fromEntries(HARDWARE_KINDS.map((kind, i) => [kind, all[i]!])) as Parameters<typeof withPins>[0],
    )
  );
}
