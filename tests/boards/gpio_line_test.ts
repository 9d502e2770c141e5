// The GPIO lines of boards: what the validator asks of them, and what rcar has.
import { assert, assertEquals } from "@std/assert";
import { defineBoard } from "../../boards/board.ts";
import { minimalBoard } from "../../boards/minimal.ts";
import { COMPACT_EV } from "../../boards/packs/compact_ev.ts";
import { rcarBoard } from "../../boards/rcar.ts";
import { rcarFaithfulBoard } from "../../boards/rcar_faithful.ts";
import { validateBoard } from "../../boards/validator.ts";

const DOOR = { name: "door", follows: { kind: "switch", input: "vehicle.door" } } as const;
const WHEEL = { name: "wheel", follows: { kind: "wheelPulse", wheel: "Fl", pulsesPerTurn: 4 } } as const;
const LAMP = { name: "lamp", follows: { kind: "guest" } } as const;

/** What is wrong with a board of these lines. */
function errorsOf(gpioLines: readonly unknown[], vehicle: unknown = COMPACT_EV): readonly string[] {
  const { name, title, identity, agents } = minimalBoard;
  const result = validateBoard({ name, title, identity, agents, sensors: [], gpioLines, vehicle });
  return "errors" in result ? result.errors : [];
}

Deno.test("GPIO lines of a board are complete with the defaults", () => {
  const { name, title, identity, agents } = minimalBoard;
  const input = { name, title, identity, agents, sensors: [] };
  assertEquals(defineBoard(input).gpioLines, []);
  assertEquals(defineBoard({ ...input, gpioLines: [DOOR, LAMP] }).gpioLines, [
    { name: "door", follows: { kind: "switch", input: "vehicle.door", isActiveLow: false } },
    LAMP,
  ]);
});

Deno.test("GPIO lines that fit the board are accepted", () => {
  assertEquals(errorsOf([DOOR, { ...DOOR, name: "door2" }, WHEEL, LAMP]), []);
  assertEquals(errorsOf([DOOR, LAMP], null), []);
});

Deno.test("GPIO lines have names of their own and follow something known", () => {
  assertEquals(errorsOf([DOOR, DOOR]), ["gpioLines[1].name: door is taken by gpioLines[0].name"]);
  assertEquals(errorsOf([{ name: "a", follows: { kind: "moon" } }]), [
    'gpioLines[0].follows.kind: Expected an object with kind switch, wheelPulse or guest, got "moon"',
  ]);
  assertEquals(errorsOf([{ name: "a", follows: { ...DOOR.follows, input: "door" } }]), [
    "gpioLines[0].follows.input: Expected a name like vehicle.doorFrontLeft: words of letters and digits, joined by " +
    'dots, got "door"',
  ]);
  assertEquals(errorsOf([{ name: "a", follows: { ...DOOR.follows, input: "road.gradeRad" } }]), [
    "gpioLines[0].follows.input: road.gradeRad is an input of the physics: take another name",
  ]);
});

Deno.test("a line of a wheel needs a vehicle, and no more pulses than can be told", () => {
  assertEquals(errorsOf([WHEEL], null), [
    "gpioLines[0].follows.kind: A wheel needs a vehicle: give the board one",
  ]);
  const many = (pulsesPerTurn: number) => [{ ...WHEEL, follows: { ...WHEEL.follows, pulsesPerTurn } }];
  // 120 km/h are 16.8 turns per second, in the tightest bend 17.2 on the outside.
  assertEquals(errorsOf(many(256)), []);
  const fast = { ...COMPACT_EV, driveCycle: [[0, 0], [10, 360], [20, 0]] };
  assertEquals(errorsOf(many(256), fast), [
    "gpioLines[0].follows.pulsesPerTurn: Too many for the speed of this vehicle: at most 97, for 10000 changes per second",
  ]);
  assertEquals(errorsOf(many(97), fast), []);
  const standing = { ...COMPACT_EV, driveCycle: [[0, 0], [10, 0]] };
  assertEquals(errorsOf(many(256), standing), []);
  assert(errorsOf(many(257)).length === 1);
});

Deno.test("rcar has doors, a wheel and a lamp on pins, its faithful twin has none", () => {
  assertEquals(rcarBoard.gpioLines.map(({ name, follows }) => `${name} ${follows.kind}`), [
    "door-front-left switch",
    "door-front-right switch",
    "wheel-front-left wheelPulse",
    "hazard-lamp guest",
  ]);
  assertEquals(rcarFaithfulBoard.gpioLines, []);
});
