// A board of pins for tests of the pin control protocol and its model, and an agent's calls in few words.
import { completePin, completePinFunction, completePinGroup } from "../../boards/pin.ts";
import type { PinFunctionInput, PinGroupInput, PinInput } from "../../boards/pin.ts";
import * as messages from "../../protocols/pin_control/messages.ts";
import type { ParamsOf } from "../../scp/core/schema.ts";
import { PinControl } from "../../scp/model/pin_control.ts";
import type { HardwareView } from "../../scp/model/hardware.ts";
import type { Machine } from "../../scp/server/machine.ts";
import type { LoopbackOptions } from "../../transports/loopback.ts";
import {
  callOk,
  callStatus,
  connectAgent,
  createMachine,
  type TestAgent,
  type TestPlan,
} from "./platform.ts";

/** The protocol. */
export const PIN_CONTROL = 0x19;

/** Selectors on the wire. */
export const PIN = 0;
export const GROUP = 1;
export const FUNCTION = 2;

const BIAS = [{ typeCode: 2, start: 1 }, { typeCode: 4 }, { typeCode: 6 }];
const STRENGTH = { typeCode: 10, min: 3, max: 24, step: 3, start: 12 };

/** Number of the pins of the group `wide`: odd, and too many for any page of 128 bytes. */
export const WIDE_COUNT = 101;

const WIDE = Array.from({ length: WIDE_COUNT }, (_, i) => `w${i}`);

/** Ids are the places. */
const PINS: readonly Omit<PinInput, "id">[] = [
  { name: "p0", configs: [...BIAS, STRENGTH] },
  { name: "p1", configs: [...BIAS, STRENGTH] },
  { name: "p2", configs: [...BIAS, { ...STRENGTH, max: 12 }] },
  { name: "p3", configs: [...BIAS] },
  {
    name: "io",
    configs: [{ typeCode: 4 }, { typeCode: 12, start: 1 }, { typeCode: 14 }, { typeCode: 17 }, {
      typeCode: 18,
    }],
  },
  { name: "bare" },
  {
    name: "rich",
    configs: Array.from({ length: 60 }, (_, i) => ({ typeCode: 255 - i, max: 1000, start: i })),
  },
  { name: "a_pin_with_a_long_name", configs: BIAS },
  ...WIDE.map((name) => ({ name })),
];

const GROUPS: readonly Omit<PinGroupInput, "id">[] = [
  { name: "data", pins: ["p1", "p0"], bootFunction: "uart" },
  { name: "flow", pins: ["p2", "p3"] },
  { name: "middle", pins: ["p1", "p2"] },
  { name: "a_group_with_a_long_name", pins: ["a_pin_with_a_long_name"] },
  { name: "wide", pins: WIDE.toReversed() },
];

const FUNCTIONS: readonly Omit<PinFunctionInput, "id">[] = [
  { name: "uart", groups: ["flow", "data"] },
  { name: "i2c", groups: ["middle", "data"] },
  { name: "gpio", isGpio: true, pins: ["io", "p0"] },
  { name: "a_function_with_a_long_name", groups: ["a_group_with_a_long_name", "wide"] },
];

/** Makes the pins. */
export function createPins(): PinControl {
  return new PinControl({
    pins: PINS.map((each, id) => completePin({ id, ...each })),
    pinGroups: GROUPS.map((each, id) => completePinGroup({ id, ...each })),
    pinFunctions: FUNCTIONS.map((each, id) => completePinFunction({ id, ...each })),
  });
}

/** What agents see of pins. */
export function viewOfPins(control: PinControl): Partial<HardwareView> {
  return { pin: control.pins, pinGroup: control.groups, pinFunction: control.functions };
}

/** A platform with these pins; OSPM (id 1) is trusted, VM1 (id 2) is not. */
export function pinPlatform(plan: TestPlan = {}): { control: PinControl; machine: Machine } {
  const control = createPins();
  const machine = createMachine({ view: viewOfPins(control), ...plan });
  return { control, machine };
}

/** An agent that speaks of pins. */
export class PinAgent {
  readonly agent: TestAgent;

  constructor(machine: Machine, name = "OSPM", options: LoopbackOptions = {}) {
    this.agent = connectAgent(machine, name, options);
  }

  request(selector: number, identifier: number): Promise<string> {
    return callStatus(this.agent, PIN_CONTROL, messages.PINCTRL_REQUEST, { identifier, flags: { selector } });
  }

  release(selector: number, identifier: number): Promise<string> {
    return callStatus(this.agent, PIN_CONTROL, messages.PINCTRL_RELEASE, { identifier, flags: { selector } });
  }

  /** Puts a pin or group to a function. */
  select(selector: number, identifier: number, functionId: number): Promise<string> {
    return this.#configure(selector, identifier, functionId, true, []);
  }

  /** Sets config types, `[type, value]` each; the function word is what Linux writes then. */
  configure(selector: number, identifier: number, ...configs: [number, number][]): Promise<string> {
    return this.#configure(selector, identifier, messages.NO_FUNCTION, false, configs);
  }

  /** Does both at once. */
  selectAndConfigure(
    selector: number,
    identifier: number,
    functionId: number,
    ...configs: [number, number][]
  ): Promise<string> {
    return this.#configure(selector, identifier, functionId, true, configs);
  }

  /** The value of one config type, or the status. */
  async valueOf(selector: number, identifier: number, typeCode: number): Promise<number | string> {
    const attributes = { mode: messages.SETTINGS.oneConfig, selector, skip: 0, typeCode };
    const params = { identifier, attributes };
    const result = await this.agent.client.call(PIN_CONTROL, messages.PINCTRL_SETTINGS_GET, params);
    return result.ok ? result.values.configs[0]!.value : result.status;
  }

  /** The id of the function. */
  async functionOf(selector: number, identifier: number): Promise<number> {
    const attributes = { mode: messages.SETTINGS.functionOnly, selector, skip: 0, typeCode: 0 };
    const params = { identifier, attributes };
    return (await callOk(this.agent, PIN_CONTROL, messages.PINCTRL_SETTINGS_GET, params)).functionId;
  }

  /** Allows or denies an agent a pin, group or function. */
  permit(agentId: number, selector: number, identifier: number, allow: boolean): Promise<string> {
    const params = { agentId, identifier, flags: { allow, selector } };
    return callStatus(this.agent, PIN_CONTROL, messages.PINCTRL_SET_PERMISSIONS, params);
  }

  #configure(
    selector: number,
    identifier: number,
    functionId: number,
    setsFunction: boolean,
    configs: readonly [number, number][],
  ): Promise<string> {
    const params: ParamsOf<typeof messages.PINCTRL_SETTINGS_CONFIGURE> = {
      identifier,
      functionId,
      attributes: { setsFunction, configCount: configs.length, selector },
      configs: configs.map(([typeCode, value]) => ({ type: { typeCode }, value })),
    };
    return callStatus(this.agent, PIN_CONTROL, messages.PINCTRL_SETTINGS_CONFIGURE, params);
  }
}
