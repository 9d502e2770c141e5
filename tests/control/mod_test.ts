// The public interface is enough to embed a platform and to speak to it.
import { assertEquals } from "@std/assert";
import {
  AgentClient,
  createPlatform,
  loadBoard,
  LoopbackChannel,
  SENSOR_MESSAGES,
  SENSOR_READING_GET,
} from "../../mod.ts";

Deno.test("mod.ts lets a program load a board, run its platform in its own time, and read a sensor", async () => {
  const loaded = await loadBoard("minimal");
  if (!("board" in loaded)) throw new Error(loaded.errors.join());
  const { machine, model } = createPlatform(loaded.board, { seed: 3 });
  const agent = new AgentClient(new LoopbackChannel(machine.openChannel("OSPM")!));
  machine.step(10_000_000);
  const params = { sensorId: 0, flags: { async: false } };
  const answer = await agent.call(SENSOR_MESSAGES.id, SENSOR_READING_GET, params);
  const expected = model.sensors[0]!.sampleAt(10_000_000).values;
  assertEquals(answer.ok ? answer.values.readings.map(({ value }) => value) : [], [...expected]);
});
