// The board of the synthetic platform: however odd, it is one that users could write.
import { assertEquals, assertGreater } from "@std/assert";
import { validateBoard } from "../../boards/validator.ts";
import { PROTOCOLS } from "../../protocols/registry.ts";
import { SYNTHETIC_BOARD } from "../../scp/fuzz/synthetic_board.ts";
import * as clock from "../../protocols/clock/messages.ts";
import { AgentClient } from "../../scp/agent/agent.ts";
import { LoopbackChannel } from "../../transports/loopback.ts";
import { createSyntheticPlatform } from "../../scp/fuzz/synthetic_platform.ts";

Deno.test("the synthetic platform's board is one that the validator accepts", () => {
  const result = validateBoard(structuredClone(SYNTHETIC_BOARD));
  assertEquals("errors" in result ? result.errors : [], []);
});

Deno.test("the synthetic platform has hardware of every kind that protocols name", () => {
  const { machine } = createSyntheticPlatform(1, "3.2");
  const { view } = machine.plan.agents[0]!;
  for (const { resource, otherResources } of PROTOCOLS) {
    if (resource === null) continue;
    for (const kind of [resource, ...otherResources ?? []]) assertGreater(view[kind].length, 0, kind);
  }
});

Deno.test("the synthetic platform takes back what an agent asked for that is gone, as its board says", async () => {
  const { machine } = createSyntheticPlatform(1, "3.2");
  const channel = new LoopbackChannel(machine.openChannel("BMC")!);
  const [crystal] = machine.plan.agents[2]!.view.clock;
  const attributes = { state: clock.CLOCK_STATE.disable, extendedType: 0 };
  await new AgentClient(channel).call(clock.CLOCK_MESSAGES.id, clock.CLOCK_CONFIG_SET, {
    clockId: 0,
    attributes,
    extendedValue: 0,
  });
  assertEquals(crystal!.isEnabled, false);
  channel.close();
  assertEquals(crystal!.isEnabled, true);
});

Deno.test("the synthetic platform shows the physics behind its sensors, where there is any", () => {
  const { hardware } = createSyntheticPlatform(1, "3.2");
  const known = hardware.sensors.filter((_sensor, id) => hardware.truth!(id).length > 0);
  assertEquals(known.map(({ name }) => name), ["chip"]);
});
