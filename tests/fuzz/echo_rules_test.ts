// What has been set is read back: the judge sees when a platform of ours accepts a setting and does not make it.
import { assertEquals } from "@std/assert";
import { rcarBoard } from "../../boards/rcar.ts";
import { createPlatform } from "../../scp/control/platform.ts";
import { InProcessTarget } from "../../scp/fuzz/in_process_target.ts";
import { hardwareOf } from "../../scp/fuzz/platforms.ts";
import type { PerformanceLevel } from "../../scp/model/performance_domain.ts";
import { runProgram } from "../../scp/fuzz/run_program.ts";
import type { Target } from "../../scp/fuzz/target.ts";
import { messageIdOf, protocolIdOf } from "../../scp/core/header.ts";
import { FaultyTarget } from "./faulty_target.ts";
import { judge, programOf } from "./judge_steps.ts";

const ASYNC_PENDING_MAX = 16;

/** Writes a word behind the status of the responses to a command. */
function tells(protocolId: number, messageId: number, word: number, place = 0): (target: Target) => Target {
  return (target) =>
    new FaultyTarget(target, {
      reply: ({ reply }, request) => {
        const header = new DataView(request.buffer).getUint32(0, true);
        if (protocolIdOf(header) !== protocolId || messageIdOf(header) !== messageId) return;
        new DataView(reply!.buffer).setUint32(8 + 4 * place, word, true);
      },
    });
}

Deno.test("an echo of a performance level is exactly that level", async () => {
  const steps = ["OSPM performance PERFORMANCE_LEVEL_SET domainId=0 level=150"];
  assertEquals(await judge(steps), []);
  assertEquals(await judge(steps, tells(0x13, 0x8, 100)), [
    "echo: PERFORMANCE_LEVEL_GET: level is 100, it was set to 150",
  ]);
  // By the index in the newest version, by the value before.
  const indexed = ["OSPM performance PERFORMANCE_LEVEL_SET domainId=2 level=256"];
  const old = ["OSPM performance NEGOTIATE_PROTOCOL_VERSION version=0x30000", ...indexed];
  for (const each of [indexed, old]) assertEquals(await judge(each), []);
});

Deno.test("an echo of a performance level is the ceiling that the platform holds it at", async () => {
  const { machine, model } = createPlatform(rcarBoard);
  const domain = model.view.performanceDomain[0]!;
  const [{ value }, second, third] = domain.levels as [PerformanceLevel, PerformanceLevel, PerformanceLevel];
  domain.imposeCeiling("a test", 0);
  const program = programOf(
    `OSPM performance PERFORMANCE_LEVEL_SET domainId=0 level=${third.value}`,
    `OSPM performance PERFORMANCE_LIMITS_SET domainId=0 rangeMax=${third.value} rangeMin=${second.value}`,
  );
  const target = new InProcessTarget({ machine, hardware: hardwareOf(model) }, program.channels);
  const lines: string[] = [];
  const { findings } = await runProgram(program, target, (line) => lines.push(line));
  assertEquals(findings, []);
  const told = lines.filter((line) => /LEVEL_GET.*SUCCESS|LIMITS_GET.*SUCCESS/.test(line));
  assertEquals(told.map((line) => line.includes(`${value}`)), [true, true, true], lines.join("\n"));
});

Deno.test("an echo of performance limits is both of them, unless one was left as it was", async () => {
  const both = ["OSPM performance PERFORMANCE_LIMITS_SET domainId=0 rangeMax=150 rangeMin=100"];
  const one = ["OSPM performance PERFORMANCE_LIMITS_SET domainId=0 rangeMax=150 rangeMin=0"];
  for (const each of [both, one]) assertEquals(await judge(each), []);
  assertEquals(await judge(one, tells(0x13, 0x6, 200)), [
    "echo: PERFORMANCE_LIMITS_GET: rangeMax is 200, it was set to 150",
  ]);
  assertEquals(await judge(both, tells(0x13, 0x6, 50, 1)), [
    "echo: PERFORMANCE_LIMITS_GET: rangeMin is 50, it was set to 100",
  ]);
  assertEquals(await judge(one, tells(0x13, 0x6, 100, 1)), []);
});

Deno.test("an echo of a clock that is switched off is that it is off, unless another agent wants it", async () => {
  const off = ["OSPM clock CLOCK_CONFIG_SET clockId=10 attributes.state=0"];
  assertEquals(await judge(off), []);
  assertEquals(await judge(off, tells(0x14, 0x3, 1)), [
    "echo: CLOCK_ATTRIBUTES: isEnabled is true, it was set to false",
  ]);
  // The other agent has the clocks in the other order.
  const wanted = ["VM1 clock CLOCK_CONFIG_SET clockId=0 attributes.state=1", ...off];
  assertEquals(await judge(wanted), []);
});

Deno.test("an echo of a rate is 0 of a clock that hides its rate only", async () => {
  const set = (clockId: number) => [`OSPM clock CLOCK_RATE_SET clockId=${clockId} rateHz=20000000`];
  for (const clockId of [6, 8]) assertEquals(await judge(set(clockId)), []);
  assertEquals(await judge(set(8), tells(0x14, 0x6, 0)), [
    "echo: CLOCK_RATE_GET: clock 8 has 0 Hz, it was set to 20000000, rounded down",
  ]);
  assertEquals(await judge(set(6), tells(0x14, 0x6, 1000)), [
    "echo: CLOCK_RATE_GET: clock 6 has 1000 Hz, it was set to 20000000, rounded down",
  ]);
});

Deno.test("delayed responses beyond what one protocol may have pending are found", async () => {
  const steps = Array.from(
    { length: ASYNC_PENDING_MAX + 1 },
    (_, token) => `OSPM sensor SENSOR_READING_GET token=${token} sensorId=7 flags.async=1`,
  );
  assertEquals(await judge(steps), []);
  const isGreedy = (target: Target) =>
    new FaultyTarget(target, {
      // BUSY is told as SUCCESS.
      reply: ({ reply }) => {
        const view = new DataView(reply!.buffer);
        if (view.getInt32(4, true) === -6) view.setInt32(4, 0, true);
      },
    });
  assertEquals(await judge(steps, isGreedy), ["delayed: 17 delayed responses of sensor are pending"]);
});
