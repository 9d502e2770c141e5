// Any driver against a reference: random lines, types, masks, pauses; the buffers that come back are exactly those that the
// rules of virtio 1.3, 5.18 give, told here apart from the device.

import { assertEquals } from "@std/assert";
import { type GpioDriver, type ReturnedBuffer, withGpio } from "../support/gpio_driver.ts";
import fc from "../support/property.ts";

const SET_DIRECTION = 3;
const SET_IRQ_TYPE = 6;
const LINES = [0, 1] as const;
const TYPES = [0, 1, 2, 3, 4, 8] as const;

type Action =
  | { readonly kind: "level"; readonly line: number; readonly level: 0 | 1 }
  | { readonly kind: "type"; readonly line: number; readonly type: number }
  | { readonly kind: "forget"; readonly line: number }
  | { readonly kind: "unmask"; readonly line: number }
  | { readonly kind: "pause"; readonly line: number; readonly level: 0 | 1 };

/** What the rules say of one line. */
class ReferenceLine {
  level = 0;
  type = 0;
  isLatched = false;
  hasBuffer = false;

  constructor(readonly line: number) {}

  setLevel(level: number): void {
    if (level === this.level) return;
    this.level = level;
    if ((level === 1 && (this.type & 1) === 1) || (level === 0 && (this.type & 2) === 2)) {
      this.isLatched = true;
    }
  }

  /** The buffer that comes back now, if one does. */
  settle(): ReturnedBuffer[] {
    if (!this.hasBuffer) return [];
    const isDue = this.isLatched || (this.type === 4 && this.level === 1) ||
      (this.type === 8 && this.level === 0);
    if (this.type !== 0 && !isDue) return [];
    this.hasBuffer = false;
    this.isLatched = false;
    return [{ line: this.line, size: 1, status: this.type === 0 ? 0 : 1 }];
  }
}

const action: fc.Arbitrary<Action> = fc.record({
  kind: fc.constantFrom("level", "type", "forget", "unmask", "pause"),
  line: fc.constantFrom(...LINES),
  level: fc.constantFrom(0 as const, 1 as const),
  type: fc.constantFrom(...TYPES),
}) as fc.Arbitrary<Action>;

function apply(
  each: Action,
  driver: GpioDriver,
  reference: ReferenceLine,
  setLevel: (level: 0 | 1) => void,
): void {
  switch (each.kind) {
    case "level":
      setLevel(each.level);
      break;
    case "type":
      assertEquals(driver.ask(SET_IRQ_TYPE, each.line, each.type), [0, 0]);
      reference.type = each.type;
      reference.isLatched = false;
      break;
    case "forget":
      assertEquals(driver.ask(SET_DIRECTION, each.line, 0), [0, 0]);
      reference.type = 0;
      reference.isLatched = false;
      break;
    case "unmask":
      // A second buffer is the guest's mistake, which other tests make.
      if (reference.hasBuffer) return;
      driver.unmask(each.line);
      reference.hasBuffer = true;
      break;
    case "pause":
      driver.pause(() => setLevel(each.level));
      break;
  }
}

Deno.test("gpio gives back the buffers that the rules say, whatever the driver does", () => {
  fc.assert(
    fc.property(
      fc.array(action, { maxLength: 60 }),
      fc.constantFrom(4, 8, 64),
      (actions, queueSize) =>
        withGpio((backEnd) => {
          const driver = backEnd.start({ queueSize });
          const references = LINES.map((line) => new ReferenceLine(line));
          for (const each of actions) {
            const reference = references[each.line]!;
            const line = backEnd.lines[each.line]!;
            apply(each, driver, reference, (level) => {
              reference.setLevel(level);
              if (level === 1) line.raise();
              else line.lower();
            });
            assertEquals(
              driver.takeBuffers(),
              references.flatMap((one) => one.settle()),
              JSON.stringify(each),
            );
          }
          assertEquals(backEnd.reports, []);
        }),
    ),
    { numRuns: 200 },
  );
});
