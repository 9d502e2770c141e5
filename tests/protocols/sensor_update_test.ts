// Sensor protocol: when sensors are looked at for updates and trip points, and when that is left out.
import { assertEquals } from "@std/assert";
import * as sensor from "../../protocols/sensor/messages.ts";
import { SettableSensor } from "../support/constant_sensors.ts";
import { callOk, connectAgent, createMachine, type TestAgent } from "../support/platform.ts";

const SENSOR = 0x15;

/** Has an agent told of every reading of its first sensor. */
async function hearUpdates(agent: TestAgent): Promise<void> {
  const params = { sensorId: 0, notifyEnable: { enable: true } };
  await callOk(agent, SENSOR, sensor.SENSOR_CONTINUOUS_UPDATE_NOTIFY, params);
}

Deno.test("SENSOR_UPDATE comes at whole microseconds where the interval is none, and goes on for ever", async () => {
  // The seventh multiple of 150.15 us, divided by that, is less than 7.
  const interval = { mantissa: 15_015, exponent: -8 };
  const settable = new SettableSensor("fast", {
    intervals: { kind: "list", list: [interval] },
    defaultInterval: interval,
  });
  const machine = createMachine({ sensors: [settable] });
  const agent = connectAgent(machine);
  await hearUpdates(agent);
  machine.step(150 * 20);
  assertEquals([agent.heard.length, machine.nextUs], [20, 150 * 21]);
});
