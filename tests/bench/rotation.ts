// The messages that the dispatch bench serves in rotation: every command of every protocol that can be repeated for ever on
// the rcar board and succeed each time. Nothing but the reading of it changes the hardware: what is set is what is so.
import { rcarBoard } from "../../boards/rcar.ts";
import * as base from "../../protocols/base/messages.ts";
import * as clock from "../../protocols/clock/messages.ts";
import * as every from "../../protocols/every_protocol.ts";
import * as performance from "../../protocols/performance/messages.ts";
import * as pins from "../../protocols/pin_control/messages.ts";
import * as power from "../../protocols/power/messages.ts";
import * as powercap from "../../protocols/powercap/messages.ts";
import { isVendorProtocol, PROTOCOLS } from "../../protocols/registry.ts";
import * as reset from "../../protocols/reset/messages.ts";
import * as sensor from "../../protocols/sensor/messages.ts";
import * as system from "../../protocols/system_power/messages.ts";
import * as voltage from "../../protocols/voltage/messages.ts";
import { encodeCommand } from "../../scp/agent/agent.ts";
import type { CommandSchema, ParamsOf } from "../../scp/core/schema.ts";

const OFF = { enable: false };
const SYNC = { async: false };

/** Adds a message of one protocol; messages are told apart by their name and, where there are several, a label. */
type Add = <S extends CommandSchema>(schema: S, params: ParamsOf<S>, label?: string) => void;

/** Makes the messages, by their labels. */
export function rcarRotation(): Map<string, Uint8Array> {
  const all = new Map<string, Uint8Array>();
  const parts: Readonly<Record<string, (add: Add) => void>> = {
    base: addBase,
    power: addPower,
    system_power: (add) => add(system.SYSTEM_POWER_STATE_NOTIFY, { notifyEnable: OFF }),
    performance: addPerformance,
    clock: addClock,
    sensor: addSensor,
    reset: addReset,
    voltage: addVoltage,
    powercap: addPowercap,
    pin_control: addPins,
  };
  for (const { id, name, releases } of PROTOCOLS) {
    const version = releases["3.2"];
    const part = parts[name];
    // A vendor's protocol is not for every agent.
    if (version === null || isVendorProtocol(id)) continue;
    if (part === undefined) throw new Error(`the rotation has nothing of protocol ${name}`);
    const add: Add = (schema, params, label = "") =>
      all.set(`${name} ${schema.name} ${label}`.trim(), encodeCommand(id, schema, params, all.size & 0x3ff));
    add(every.PROTOCOL_VERSION, {});
    add(base.BASE_PROTOCOL_ATTRIBUTES, {});
    add(every.PROTOCOL_MESSAGE_ATTRIBUTES, { messageId: 3 });
    add(every.NEGOTIATE_PROTOCOL_VERSION, { version });
    part(add);
  }
  return all;
}

function addBase(add: Add): void {
  add(base.BASE_DISCOVER_VENDOR, {});
  add(base.BASE_DISCOVER_SUB_VENDOR, {});
  add(base.BASE_DISCOVER_IMPLEMENTATION_VERSION, {});
  add(base.BASE_DISCOVER_LIST_PROTOCOLS, { skip: 0 });
  add(base.BASE_DISCOVER_AGENT, { agentId: 1 });
  add(base.BASE_NOTIFY_ERRORS, { notifyEnable: OFF });
}

function addPower(add: Add): void {
  const domainId = idOf(rcarBoard.powerDomains, "3dg-e");
  add(power.POWER_DOMAIN_ATTRIBUTES, { domainId });
  add(power.POWER_STATE_SET, { flags: SYNC, domainId, powerState: { isContextLost: false, stateId: 0 } });
  add(power.POWER_STATE_GET, { domainId });
  add(power.POWER_STATE_NOTIFY, { domainId, notifyEnable: OFF });
  add(power.POWER_STATE_CHANGE_REQUESTED_NOTIFY, { domainId, notifyEnable: OFF });
}

function addPerformance(add: Add): void {
  const domainId = idOf(rcarBoard.performanceDomains, "BIG_CPU");
  const { levels, bootMhz } = rcarBoard.performanceDomains[domainId]!;
  const { level } = levels.find(({ mhz }) => mhz === bootMhz)!;
  add(performance.PERFORMANCE_DOMAIN_ATTRIBUTES, { domainId });
  add(performance.PERFORMANCE_DESCRIBE_LEVELS, { domainId, skip: 0 });
  add(performance.PERFORMANCE_LIMITS_SET, {
    domainId,
    rangeMax: levels.at(-1)!.level,
    rangeMin: levels[0]!.level,
  });
  add(performance.PERFORMANCE_LIMITS_GET, { domainId });
  add(performance.PERFORMANCE_LEVEL_SET, { domainId, level });
  add(performance.PERFORMANCE_LEVEL_GET, { domainId });
  add(performance.PERFORMANCE_NOTIFY_LIMITS, { domainId, notifyEnable: OFF });
  add(performance.PERFORMANCE_NOTIFY_LEVEL, { domainId, notifyEnable: OFF });
}

function addClock(add: Add): void {
  const [csi0, pwm, longNamed] = ["csi0", "pwm", "usb_extal_clk_crystal"].map((name) =>
    idOf(rcarBoard.clocks, name)
  ) as [number, number, number];
  add(clock.CLOCK_ATTRIBUTES, { clockId: csi0 });
  add(clock.CLOCK_DESCRIBE_RATES, { clockId: csi0, rateIndex: 0 });
  const flags = { async: false, ignoresDelayed: false, roundsUp: false, roundsToNearest: false };
  add(clock.CLOCK_RATE_SET, { flags, clockId: csi0, rateHz: 12_480_000n });
  add(clock.CLOCK_RATE_GET, { clockId: csi0 });
  const extendedType = clock.EXTENDED_CONFIG.dutyCycle;
  const attributes = { state: clock.CLOCK_STATE.enable, extendedType };
  add(clock.CLOCK_CONFIG_SET, { clockId: pwm, attributes, extendedValue: 25 });
  add(clock.CLOCK_CONFIG_GET, { clockId: pwm, flags: { extendedType } });
  add(clock.CLOCK_NAME_GET, { clockId: longNamed });
  add(clock.CLOCK_RATE_NOTIFY, { clockId: csi0, notifyEnable: OFF });
  add(clock.CLOCK_RATE_CHANGE_REQUESTED_NOTIFY, { clockId: csi0, notifyEnable: OFF });
  add(clock.CLOCK_POSSIBLE_PARENTS_GET, { clockId: csi0, skip: 0 });
  add(clock.CLOCK_PARENT_SET, { clockId: csi0, parentId: idOf(rcarBoard.clocks, "s0") });
  add(clock.CLOCK_PARENT_GET, { clockId: csi0 });
  add(clock.CLOCK_GET_PERMISSIONS, { clockId: csi0 });
}

function addSensor(add: Add): void {
  const scalar = idOf(rcarBoard.sensors, "thermal1");
  const vector = idOf(rcarBoard.sensors, "accel");
  const longNamed = rcarBoard.sensors.findIndex(({ name }) => name.length > 15);
  add(sensor.SENSOR_DESCRIPTION_GET, { index: vector }, "of a vector");
  add(sensor.SENSOR_DESCRIPTION_GET, { index: scalar }, "of a scalar");
  add(sensor.SENSOR_TRIP_POINT_NOTIFY, { sensorId: scalar, eventControl: OFF });
  const eventControl = { direction: 0, tripPointId: 1 };
  add(sensor.SENSOR_TRIP_POINT_CONFIG, { sensorId: scalar, eventControl, value: 85_000n });
  add(sensor.SENSOR_READING_GET, { sensorId: scalar, flags: SYNC }, "of a scalar");
  add(sensor.SENSOR_AXIS_DESCRIPTION_GET, { sensorId: vector, index: 0 });
  add(sensor.SENSOR_LIST_UPDATE_INTERVALS, { sensorId: scalar, index: 0 });
  add(sensor.SENSOR_CONFIG_GET, { sensorId: scalar });
  const config = { intervalMantissa: 0, intervalExponent: 0, rounding: 0, timestamps: false, enabled: true };
  add(sensor.SENSOR_CONFIG_SET, { sensorId: vector, config });
  add(sensor.SENSOR_READING_GET, { sensorId: vector, flags: SYNC }, "of a vector");
  add(sensor.SENSOR_CONTINUOUS_UPDATE_NOTIFY, { sensorId: scalar, notifyEnable: OFF });
  add(sensor.SENSOR_NAME_GET, { sensorId: longNamed });
}

function addReset(add: Add): void {
  const domainId = idOf(rcarBoard.resetDomains, "etheravb");
  add(reset.RESET_DOMAIN_ATTRIBUTES, { domainId });
  const flags = { autonomous: true, assert: false, async: false };
  add(reset.RESET, { domainId, flags, resetState: { isOwn: false, id: 0 } });
  add(reset.RESET_NOTIFY, { domainId, notifyEnable: OFF });
}

function addVoltage(add: Add): void {
  const domainId = idOf(rcarBoard.voltageDomains, "sd0-vccq");
  const { rail } = rcarBoard.voltageDomains[domainId]!;
  const { startUv, startsOn } = rcarBoard.power.rails.find(({ name }) => name === rail)!.regulator!;
  const modeId = startsOn ? voltage.ARCHITECTURAL_MODE.on : voltage.ARCHITECTURAL_MODE.off;
  add(voltage.VOLTAGE_DOMAIN_ATTRIBUTES, { domainId });
  add(voltage.VOLTAGE_DESCRIBE_LEVELS, { domainId, levelIndex: 0 });
  add(voltage.VOLTAGE_CONFIG_SET, { domainId, config: { isOwnMode: false, modeId } });
  add(voltage.VOLTAGE_CONFIG_GET, { domainId });
  add(voltage.VOLTAGE_LEVEL_SET, { domainId, flags: SYNC, levelUv: startUv });
  add(voltage.VOLTAGE_LEVEL_GET, { domainId });
}

function addPowercap(add: Add): void {
  const domainId = idOf(rcarBoard.powercapDomains, "cpu-big");
  const { cap, bootAveragingUs } = rcarBoard.powercapDomains[domainId]!;
  add(powercap.POWERCAP_DOMAIN_ATTRIBUTES, { domainId });
  add(powercap.POWERCAP_CAP_GET, { domainId });
  const flags = { ignoresDelayed: false, async: false };
  add(powercap.POWERCAP_CAP_SET, { domainId, flags, powerCap: cap.max });
  add(powercap.POWERCAP_PAI_GET, { domainId });
  add(powercap.POWERCAP_PAI_SET, { domainId, flags: {}, averagingUs: bootAveragingUs });
  add(powercap.POWERCAP_MEASUREMENTS_GET, { domainId });
  add(powercap.POWERCAP_CAP_NOTIFY, { domainId, notifyEnable: OFF });
  add(powercap.POWERCAP_MEASUREMENTS_NOTIFY, { domainId, notifyEnable: OFF, powerLow: 0, powerHigh: 1 });
}

function addPins(add: Add): void {
  const [pin, group, pinFunction] = [0, 1, 2];
  const identifier = idOf(rcarBoard.pinGroups, "scif2_data_a");
  const functionId = idOf(rcarBoard.pinFunctions, "scif2");
  const ofPin = { identifier: 0, flags: { selector: pin } };
  add(pins.PINCTRL_ATTRIBUTES, ofPin, "of a pin");
  add(pins.PINCTRL_ATTRIBUTES, { identifier, flags: { selector: group } }, "of a group");
  const flags = { selector: pinFunction };
  add(pins.PINCTRL_LIST_ASSOCIATIONS, { identifier: functionId, flags, index: 0 });
  const get = { mode: pins.SETTINGS.allConfigs, selector: pin, skip: 0, typeCode: 0 };
  add(pins.PINCTRL_SETTINGS_GET, { identifier: 0, attributes: get });
  const attributes = { setsFunction: true, configCount: 0, selector: group };
  add(pins.PINCTRL_SETTINGS_CONFIGURE, { identifier, functionId, attributes, configs: [] });
  add(pins.PINCTRL_REQUEST, ofPin);
  add(pins.PINCTRL_RELEASE, ofPin);
}

function idOf(parts: readonly { readonly name: string }[], name: string): number {
  const id = parts.findIndex((each) => each.name === name);
  if (id < 0) throw new Error(`rcar has no ${name}`);
  return id;
}
