// Pins, groups and functions: what they can be set to, who has them, what a reset leaves, and what may never be.
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { PIN_CONFIG } from "../../scp/core/pin_config.ts";
import type { PinChange, PinClaim, PinUnit } from "../../scp/model/pin.ts";
import { PinControl } from "../../scp/model/pin_control.ts";
import { createModel } from "../../scp/model/model.ts";
import { checkInvariants } from "../../scp/model/invariants.ts";
import { completePin } from "../../boards/pin.ts";
import { minimalBoard } from "../../boards/minimal.ts";
import { rcarBoard } from "../../boards/rcar.ts";
import { Timeline } from "../../scp/core/timeline.ts";
import { createPins } from "../support/pins.ts";

const ONE: PinClaim = { agentId: 1 };
const ALSO_ONE: PinClaim = { agentId: 1 };
const TWO: PinClaim = { agentId: 2 };

function pinOf(control: PinControl, name: string) {
  return control.pins.find((pin) => pin.name === name)!;
}

function groupOf(control: PinControl, name: string) {
  return control.groups.find((group) => group.name === name)!;
}

function functionOf(control: PinControl, name: string) {
  return control.functions.find((each) => each.name === name)!;
}

/** Sets config types of a pin or group for agent 1. */
function set(unit: PinUnit, ...configs: [number, number][]): string {
  return unit.configure(1, {
    function: null,
    configs: configs.map(([typeCode, value]) => ({ typeCode, value })),
  });
}

Deno.test("pins boot with the configuration of the board and the function of their group", () => {
  const control = createPins();
  const group = groupOf(control, "data");
  assertEquals(group.function?.name, "uart");
  assertEquals(group.pins.map((pin) => pin.function?.name), ["uart", "uart"]);
  assertEquals(groupOf(control, "flow").function, null);
  assertEquals(pinOf(control, "p0").configs, [
    { typeCode: PIN_CONFIG.biasDisable, value: 1 },
    { typeCode: PIN_CONFIG.pullUp, value: 0 },
    { typeCode: PIN_CONFIG.pullDown, value: 0 },
    { typeCode: PIN_CONFIG.driveStrength, value: 12 },
  ]);
  assertEquals(control.checkInvariants(), []);
});

Deno.test("pins take the values between the ends of a type, by its steps", () => {
  const pin = pinOf(createPins(), "p0");
  for (const value of [3, 6, 24]) {
    assertEquals(set(pin, [PIN_CONFIG.driveStrength, value]), "SUCCESS");
    assertEquals(pin.valueOf(PIN_CONFIG.driveStrength), value);
  }
  for (const value of [0, 2, 4, 25, 27, 0xffff_ffff]) {
    assertEquals(set(pin, [PIN_CONFIG.driveStrength, value]), "OUT_OF_RANGE");
  }
  assertEquals(pin.valueOf(PIN_CONFIG.driveStrength), 24);
  assertEquals(set(pin, [PIN_CONFIG.slewRate, 0]), "NOT_SUPPORTED");
  assertEquals(pin.valueOf(PIN_CONFIG.slewRate), null);
});

Deno.test("pins have one kind of bias at a time: the last that is turned on turns the others off", () => {
  const pin = pinOf(createPins(), "p0");
  assertEquals(set(pin, [PIN_CONFIG.pullUp, 1]), "SUCCESS");
  const bias = () =>
    [PIN_CONFIG.biasDisable, PIN_CONFIG.pullUp, PIN_CONFIG.pullDown].map((type) => pin.valueOf(type));
  assertEquals(bias(), [0, 1, 0]);
  assertEquals(set(pin, [PIN_CONFIG.pullUp, 1], [PIN_CONFIG.pullDown, 1]), "SUCCESS");
  assertEquals(bias(), [0, 0, 1]);
  assertEquals(set(pin, [PIN_CONFIG.pullDown, 0]), "SUCCESS");
  assertEquals(bias(), [0, 0, 0]);
});

Deno.test("pins have at their input what they put out, else what is outside, else where they are pulled", () => {
  const pin = pinOf(createPins(), "io");
  const input = () => pin.valueOf(PIN_CONFIG.inputValue);
  assertEquals(input(), 0);
  set(pin, [PIN_CONFIG.pullUp, 1]);
  assertEquals(input(), 1);
  pin.setOutsideLevel(0);
  assertEquals(input(), 0);
  set(pin, [PIN_CONFIG.outputValue, 1]);
  assertEquals(input(), 0, "not put out yet");
  set(pin, [PIN_CONFIG.outputMode, 1]);
  assertEquals(input(), 1);
  set(pin, [PIN_CONFIG.outputValue, 0], [PIN_CONFIG.outputMode, 1]);
  pin.setOutsideLevel(1);
  assertEquals(input(), 0);
  assertEquals(set(pin, [PIN_CONFIG.inputValue, 1]), "NOT_SUPPORTED", "it can be read only");
  set(pin, [PIN_CONFIG.outputMode, 0]);
  pin.setOutsideLevel(null);
  assertEquals(input(), 1);
});

Deno.test("groups are set all or nothing", () => {
  const control = createPins();
  const flow = groupOf(control, "flow");
  assertEquals(set(flow, [PIN_CONFIG.pullUp, 1], [PIN_CONFIG.driveStrength, 6]), "NOT_SUPPORTED");
  assertEquals(flow.valueOf(PIN_CONFIG.pullUp), 0, "p3 has no drive strength");
  const middle = groupOf(control, "middle");
  assertEquals(set(middle, [PIN_CONFIG.pullUp, 1], [PIN_CONFIG.driveStrength, 24]), "OUT_OF_RANGE");
  assertEquals(middle.valueOf(PIN_CONFIG.pullUp), 0, "p2 has 12 mA at most");
  assertEquals(set(middle, [PIN_CONFIG.pullUp, 1], [PIN_CONFIG.driveStrength, 9]), "SUCCESS");
  assertEquals(middle.pins.map((pin) => pin.valueOf(PIN_CONFIG.driveStrength)), [9, 9]);
  const change: PinChange = {
    function: functionOf(control, "i2c"),
    configs: [{ typeCode: PIN_CONFIG.driveStrength, value: 10 }],
  };
  assertEquals(middle.configure(1, change), "OUT_OF_RANGE");
  assertEquals(middle.function, null);
});

Deno.test("groups have the values that their pins have alike", () => {
  const control = createPins();
  const flow = groupOf(control, "flow");
  assertEquals(flow.configs.map(({ typeCode }) => typeCode), [2, 4, 6]);
  set(pinOf(control, "p2"), [PIN_CONFIG.pullUp, 1]);
  assertEquals(flow.configs, [{ typeCode: PIN_CONFIG.pullDown, value: 0 }]);
  assertEquals(flow.valueOf(PIN_CONFIG.pullUp), null);
});

Deno.test("groups can be put to functions that work on them only, and pins to those that work on pins", () => {
  const control = createPins();
  const put = (unit: PinUnit, name: string) =>
    unit.configure(1, { function: functionOf(control, name), configs: [] });
  assertEquals(put(groupOf(control, "flow"), "i2c"), "NOT_SUPPORTED");
  assertEquals(put(groupOf(control, "flow"), "uart"), "SUCCESS");
  assertEquals(put(pinOf(control, "p2"), "uart"), "NOT_SUPPORTED", "a part of the group is not the group");
  assertEquals(put(pinOf(control, "io"), "gpio"), "SUCCESS");
  assertEquals(put(groupOf(control, "flow"), "gpio"), "NOT_SUPPORTED");
  assertEquals(pinOf(control, "io").function?.name, "gpio");
  assertEquals(control.checkInvariants(), []);
});

Deno.test("pins have one function: a group that loses one of its pins to another has none", () => {
  const control = createPins();
  const [data, middle] = [groupOf(control, "data"), groupOf(control, "middle")];
  assertEquals(middle.configure(1, { function: functionOf(control, "i2c"), configs: [] }), "SUCCESS");
  assertEquals(pinOf(control, "p1").function?.name, "i2c");
  assertEquals(pinOf(control, "p0").function?.name, "uart");
  assertEquals([data.function, middle.function?.name], [null, "i2c"]);
  assertEquals(data.configure(1, { function: functionOf(control, "i2c"), configs: [] }), "SUCCESS");
  assertEquals(
    [data.function?.name, middle.function],
    ["i2c", null],
    "the same function, but of another group",
  );
  assertEquals(control.checkInvariants(), []);
});

Deno.test("pins belong to the agent that has them alone or with a group", () => {
  const control = createPins();
  const [data, middle] = [groupOf(control, "data"), groupOf(control, "middle")];
  const p1 = pinOf(control, "p1");
  assertEquals(data.request(ONE), "SUCCESS");
  assertEquals([pinOf(control, "p0").ownerId, p1.ownerId, pinOf(control, "p2").ownerId], [1, 1, 0]);
  assertEquals([p1.request(TWO), middle.request(TWO), data.request(TWO)], ["IN_USE", "IN_USE", "IN_USE"]);
  assertEquals(middle.request(ONE), "SUCCESS", "both groups are of one agent");
  assertEquals(p1.release(1), "DENIED", "it is a part of groups");
  assertEquals(p1.release(2), "IN_USE");
  assertEquals(data.release(1), "SUCCESS");
  assertEquals([pinOf(control, "p0").ownerId, p1.ownerId], [0, 1], "the other group keeps its pin");
  assertEquals(data.request(TWO), "IN_USE");
  assertEquals(middle.release(1), "SUCCESS");
  assertEquals(data.request(TWO), "SUCCESS");
  assertEquals(control.checkInvariants(), []);
});

Deno.test("pins taken alone stay when the group that has them is given back, and the other way", () => {
  const control = createPins();
  const p1 = pinOf(control, "p1");
  const data = groupOf(control, "data");
  p1.request(ONE);
  data.request(ONE);
  assertEquals(data.release(1), "SUCCESS");
  assertEquals([p1.ownerId, pinOf(control, "p0").ownerId], [1, 0]);
  assertEquals(data.request(TWO), "IN_USE");
  data.request(ONE);
  assertEquals(p1.release(1), "SUCCESS");
  assertEquals(p1.ownerId, 1, "with the group still");
  assertEquals(p1.release(1), "DENIED");
});

Deno.test("pins that nobody has can be released and set by anybody; those of an agent by it alone", () => {
  const control = createPins();
  const p0 = pinOf(control, "p0");
  assertEquals([p0.release(1), p0.release(2), groupOf(control, "data").release(2)], [
    "SUCCESS",
    "SUCCESS",
    "SUCCESS",
  ]);
  assertEquals(p0.configure(2, { function: null, configs: [{ typeCode: 4, value: 1 }] }), "SUCCESS");
  p0.request(ONE);
  assertEquals(p0.configure(2, { function: null, configs: [{ typeCode: 4, value: 0 }] }), "IN_USE");
  assertEquals(groupOf(control, "data").configure(2, { function: null, configs: [] }), "IN_USE");
  assertEquals(groupOf(control, "data").release(2), "IN_USE");
  assertEquals(p0.configure(1, { function: null, configs: [{ typeCode: 4, value: 0 }] }), "SUCCESS");
});

Deno.test("pins taken by two claims of one agent are free when both are dropped, or the agent releases them", () => {
  const p0 = pinOf(createPins(), "p0");
  p0.request(ONE);
  p0.request(ALSO_ONE);
  p0.drop(ONE);
  p0.drop(TWO);
  assertEquals(p0.ownerId, 1);
  p0.drop(ALSO_ONE);
  assertEquals(p0.ownerId, 0);
  p0.request(ONE);
  p0.request(ALSO_ONE);
  assertEquals(p0.release(1), "SUCCESS");
  assertEquals(p0.ownerId, 0);
});

Deno.test("a reset of the system puts functions and configurations back, not who has what", () => {
  const control = createPins();
  const p0 = pinOf(control, "p0");
  p0.request(ONE);
  set(p0, [PIN_CONFIG.pullUp, 1]);
  groupOf(control, "flow").configure(1, { function: functionOf(control, "uart"), configs: [] });
  groupOf(control, "data").configure(1, { function: functionOf(control, "i2c"), configs: [] });
  control.reset();
  assertEquals([p0.valueOf(PIN_CONFIG.biasDisable), p0.valueOf(PIN_CONFIG.pullUp)], [1, 0]);
  assertEquals(groupOf(control, "flow").function, null);
  assertEquals(groupOf(control, "data").function?.name, "uart");
  assertEquals(p0.ownerId, 1);
});

Deno.test("the model of a board has its pins", () => {
  const model = createModel(minimalBoard, { seed: 1 });
  assertEquals(model.view.pin.map(({ name }) => name), ["tx", "rx", "scl", "sda"]);
  assertEquals(model.view.pinGroup.map((group) => group.function?.name), ["uart", undefined]);
  assertEquals(model.view.pinFunction[1]!.groups.map(({ name }) => name), ["serial", "bus"]);
  assertEquals(checkInvariants(model), []);
});

Deno.test("a reset of the system by an agent reaches the pins of the model", () => {
  const timeline = new Timeline();
  const model = createModel(rcarBoard, { seed: 1, scheduler: timeline });
  const [pin] = model.view.pin;
  assertEquals(set(pin!, [PIN_CONFIG.pullUp, 1]), "SUCCESS");
  const psciId = rcarBoard.agents.findIndex(({ kind }) => kind === "PSCI") + 1;
  assertEquals(model.systemPower!.request("coldReset", false, psciId), "SUCCESS");
  timeline.advanceTo(timeline.nowUs() + rcarBoard.systemPower!.restartUs);
  assertEquals([pin!.valueOf(PIN_CONFIG.pullUp), pin!.valueOf(PIN_CONFIG.biasDisable)], [0, 1]);
});

/** What agents may do to pins, as functions of a control. */
const arbitraryAct: fc.Arbitrary<(control: PinControl) => void> = fc.tuple(
  fc.nat(5),
  fc.constantFrom(ONE, ALSO_ONE, TWO),
  fc.boolean(),
  fc.nat(7),
  fc.nat(3),
  fc.array(fc.tuple(fc.constantFrom(2, 4, 6, 10, 12, 14, 17, 18, 255), fc.constantFrom(0, 1, 3, 12, 24)), {
    maxLength: 3,
  }),
).map(([act, claim, isGroup, place, functionPlace, configs]) => (control: PinControl) => {
  const unit = isGroup ? control.groups[place % control.groups.length]! : control.pins[place]!;
  if (act === 0) unit.request(claim);
  else if (act === 1) unit.release(claim.agentId);
  else if (act === 2) unit.drop(claim);
  else {
    unit.configure(claim.agentId, {
      function: act === 3 ? null : control.functions[functionPlace]!,
      configs: configs.map(([typeCode, value]) => ({ typeCode, value })),
    });
  }
});

Deno.test("pins keep their invariants whatever agents do", () => {
  fc.assert(
    fc.property(fc.array(arbitraryAct, { maxLength: 40 }), (acts) => {
      const control = createPins();
      for (const act of acts) {
        act(control);
        assertEquals(control.checkInvariants(), []);
      }
    }),
    { numRuns: 200 },
  );
});

Deno.test("checkInvariants tells a pin of two agents, a group without its pins and a function that is not there", () => {
  const control = createPins();
  const p0 = pinOf(control, "p0");
  p0.hold.add(ONE);
  groupOf(control, "data").hold.add(TWO);
  p0.set(groupOf(control, "flow"), { function: functionOf(control, "i2c"), configs: [] });
  assertEquals(control.checkInvariants(), [
    "pin p0 belongs to agents 1 and 2",
    "pin p0 has the function of flow",
    "pin p0 has function i2c, which does not work on flow",
    "agent 2 has group data, agent 1 its pin p0",
  ]);
});

Deno.test("checkInvariants tells values that a type does not have, and two kinds of bias at once", () => {
  const configs = [{ typeCode: 2, start: 1 }, { typeCode: 4, start: 1 }, { typeCode: 10, start: 7 }];
  const board = { pins: [completePin({ id: 0, name: "odd", configs })], pinGroups: [], pinFunctions: [] };
  assertEquals(new PinControl(board).checkInvariants(), [
    "pin odd has 7 for type 10",
    "pin odd has types 2 and 4 on at once",
  ]);
});
