// Delayed responses about what was taken from the agent while they were under way: they say so, and nothing else.
import { assertEquals } from "@std/assert";
import * as clock from "../../protocols/clock/messages.ts";
import * as sensor from "../../protocols/sensor/messages.ts";
import type { ResourceKind } from "../../scp/core/schema.ts";
import { createPlatform } from "../../scp/control/platform.ts";
import { SettableSensor } from "../support/constant_sensors.ts";
import { EVERY_HARDWARE } from "../support/every_hardware.ts";
import { connectAgent, createMachine, type TestAgent } from "../support/platform.ts";
import { withWholeViews } from "../support/views.ts";

const SENSOR = 0x15;
const CLOCK = 0x14;
const DENIED = { ok: false, status: "DENIED" } as const;
const OTHERS: readonly (readonly string[])[] = [[], ["other"]];

/** The sizes of what an agent heard: a status takes 8 bytes. */
function sizes({ heard }: TestAgent): number[] {
  return heard.map(({ length }) => length);
}

for (const [count, others] of OTHERS.entries()) {
  Deno.test(`a reading that is under way is denied with its sensor, beside ${count} others`, async () => {
    for (const failure of [null, "HARDWARE_ERROR"] as const) {
      const temp = new SettableSensor("temp");
      const machine = createMachine({ sensors: [temp, ...others.map((name) => new SettableSensor(name))] });
      const agent = connectAgent(machine, "VM1");
      const read = () =>
        agent.client.callDelayed(SENSOR, sensor.SENSOR_READING_GET, { sensorId: 0, flags: { async: true } });
      const permit = (isAllowed: boolean) =>
        machine.agents.find("VM1")!.permitResource("sensor", "temp", isAllowed);
      const later = read();
      permit(false);
      temp.failure = failure;
      machine.step(2000);
      assertEquals([await later, sizes(agent)], [DENIED, [8]]);
      permit(true);
      temp.failure = null;
      const again = read();
      machine.step(4000);
      assertEquals((await again).ok, true, "the next one is answered");
    }
  });
}

Deno.test("a change that is under way does not tell what became of a resource that was denied", async () => {
  const clocks = EVERY_HARDWARE.clocks.map((each) => ({ ...each, rateLatencyUs: 100 }));
  const { machine } = createPlatform(withWholeViews({ ...EVERY_HARDWARE, clocks }));
  const agent = connectAgent(machine, "VM1");
  const kind: ResourceKind = "clock";
  const { name } = machine.agents.find("VM1")!.platform.view[kind][1]!;
  const later = agent.client.callDelayed(CLOCK, clock.CLOCK_RATE_SET, {
    flags: { async: true, ignoresDelayed: false, roundsUp: false, roundsToNearest: true },
    clockId: 1,
    rateHz: 12_000_000n,
  });
  machine.agents.find("VM1")!.permitResource(kind, name, false);
  machine.step(100);
  assertEquals([await later, sizes(agent)], [DENIED, [8]]);
});
