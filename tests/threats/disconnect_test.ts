// An attacker goes away at the worst moment, again and again: after each command of a session, and at each byte of it.
import { assert, assertEquals } from "@std/assert";
import { frameOf } from "../../transports/message/frame.ts";
import { MessageSite } from "../contract/message.ts";
import { connectAgent } from "../support/platform.ts";
import { hardwareState } from "../server/reference_views.ts";
import { attempts, commandsOf, openScene, type Scene, survey } from "./attacked_board.ts";
import { nameOf } from "./threats.ts";
import { openCountBelow } from "../support/open_files.ts";

/** A session that takes hold of what its agent has: it looks around, listens, switches, asks for what comes later. */
function session(): Uint8Array[] {
  // What heats the chip, or has rails, reaches sensors of others as it does on real hardware.
  const couples = new Set(["performance", "voltage", "powercap", "sensor_supply"]);
  return commandsOf().filter(({ protocol }) => !couples.has(protocol)).flatMap((command) =>
    attempts(command, [0])
  );
}

/** What is there of an agent. */
function traces({ machine, model }: Scene) {
  const { channels, presence } = machine.agents.find("attacker")!;
  return {
    channelCount: channels.length,
    isThere: presence.isThere,
    hardware: [...hardwareState(model)].filter(([name]) => !name.startsWith("pin/")),
  };
}

const STEP_US = 50_000;

Deno.test(nameOf("midSession"), () => {
  const commands = session();
  assert(commands.length > 100, `${commands.length} commands`);
  const scene = openScene();
  const quiet = openScene();
  for (const one of [scene, quiet]) one.attacker.channel.close();
  const untouched = traces(quiet);
  let timers = 0;
  for (let length = 1; length <= commands.length; length++) {
    const attacker = connectAgent(scene.machine, "attacker");
    for (const bytes of commands.slice(0, length)) attacker.loopback.exchange(bytes);
    attacker.channel.close();
    for (const one of [scene, quiet]) one.machine.step(length * STEP_US);
    assertEquals(traces(scene), untouched, `after ${length} commands`);
    if (length % 8 === 0) {
      assertEquals(survey(scene.victim), survey(quiet.victim), `after ${length} commands`);
    }
    if (length === 1) timers = scene.machine.timeline.size;
  }
  assert(
    scene.machine.timeline.size <= timers + 8,
    `${scene.machine.timeline.size} timers, at first ${timers}`,
  );
  assertEquals(survey(scene.victim), survey(quiet.victim));
  assertEquals(scene.victim.heard, quiet.victim.heard);
  assertEquals(
    survey(connectAgent(scene.machine, "attacker")),
    survey(connectAgent(quiet.machine, "attacker")),
  );
});

Deno.test(nameOf("midFrame"), () => {
  const frames = session().filter((_, i) => i % 8 === 0).map((bytes) => frameOf(bytes));
  const stream = Uint8Array.from(frames.flatMap((frame) => [...frame]));
  const scene = openScene();
  const quiet = openScene();
  for (const one of [scene, quiet]) one.attacker.channel.close();
  const untouched = traces(quiet);
  const site = new MessageSite(() => scene.machine.openChannel("attacker")!);
  const before = openCountBelow(site.path);
  for (let cut = 1; cut <= stream.length; cut++) {
    const attacker = site.connect();
    attacker.sendBytes(stream.slice(0, cut));
    // Every other one reads what it is answered.
    if (cut % 2 === 0) attacker.take();
    attacker.disconnect();
    if (cut % 16 !== 0 && cut !== stream.length) continue;
    for (const one of [scene, quiet]) one.machine.step(cut * STEP_US);
    assertEquals(traces(scene), untouched, `after ${cut} bytes`);
    assertEquals(survey(scene.victim, 2), survey(quiet.victim, 2), `after ${cut} bytes`);
  }
  assertEquals(openCountBelow(site.path), before);
  assert(scene.machine.timeline.size <= quiet.machine.timeline.size + 8);
  assertEquals(scene.victim.heard, []);
  site.close();
});
