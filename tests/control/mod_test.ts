// The public interface is enough to embed a platform and to speak to it.
import { assertEquals } from "@std/assert";
import * as scmi from "../../mod.ts";
import {
  AgentClient,
  createPlatform,
  loadBoard,
  LoopbackChannel,
  PROTOCOL_MESSAGES,
  sensor,
} from "../../mod.ts";

Deno.test("mod.ts lets a program load a board, run its platform in its own time, and read a sensor", async () => {
  const loaded = await loadBoard("minimal");
  if (!("board" in loaded)) throw new Error(loaded.errors.join());
  const { machine, model } = createPlatform(loaded.board, { seed: 3 });
  const agent = new AgentClient(new LoopbackChannel(machine.openChannel("OSPM")!));
  machine.step(10_000_000);
  const params = { sensorId: 0, flags: { async: false } };
  const answer = await agent.call(sensor.SENSOR_MESSAGES.id, sensor.SENSOR_READING_GET, params);
  const expected = model.sensors[0]!.sampleAt(10_000_000).values;
  assertEquals(answer.ok ? answer.values.readings.map(({ value }) => value) : [], [...expected]);
});

Deno.test("mod.ts has the messages of every protocol under its name", () => {
  const {
    base,
    power,
    systemPower,
    performance,
    clock,
    reset,
    voltage,
    powercap,
    pinControl,
    telemetry,
    sensorSupply,
  } = scmi;
  const all = [
    base.BASE_MESSAGES,
    power.POWER_MESSAGES,
    systemPower.SYSTEM_POWER_MESSAGES,
    performance.PERFORMANCE_MESSAGES,
    clock.CLOCK_MESSAGES,
    sensor.SENSOR_MESSAGES,
    reset.RESET_MESSAGES,
    voltage.VOLTAGE_MESSAGES,
    powercap.POWERCAP_MESSAGES,
    pinControl.PIN_CONTROL_MESSAGES,
    telemetry.TELEMETRY_MESSAGES,
    sensorSupply.SENSOR_SUPPLY_MESSAGES,
  ];
  assertEquals(all.map(({ id }) => id), PROTOCOL_MESSAGES.map(({ id }) => id));
});
