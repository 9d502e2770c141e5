// An attacker goes away at the worst moment, again and again: after each command of a session, and at each byte of it.
import { assert, assertEquals } from "@std/assert";
import { frameOf } from "../../transports/message/frame.ts";
import { MessageSite } from "../contract/message.ts";
import { connectAgent } from "../support/platform.ts";
import { hardwareState } from "../server/reference_views.ts";
import {
  AGENT_IDS,
  attackedBoard,
  attempts,
  commandsOf,
  openScene,
  type Scene,
  survey,
  uncoupledBoard,
} from "./attacked_board.ts";
import { nameOf } from "./threats.ts";
import { openCountBelow } from "../support/open_files.ts";

/** What heats the chip, or has rails, reaches sensors of others as it does on real hardware. */
const COUPLES = new Set(["performance", "voltage", "powercap", "sensor_supply"]);

/** A session that takes hold of what its agent has: it looks around, listens, switches, asks for what comes later. */
function session(isCoupled: boolean): Uint8Array[] {
  return commandsOf().filter(({ protocol }) => isCoupled || !COUPLES.has(protocol)).flatMap((command) =>
    attempts(command, [0])
  );
}

/** What may be disturbed, and by what. */
const WORLDS = [
  { board: attackedBoard(), commands: session(false), voteCountMin: 0 },
  // Each kind but sensors: a clock's state and rate, a level with limits, a cap ...
  { board: uncoupledBoard(), commands: session(true), voteCountMin: 5 },
];

/** What is there of an agent. */
function traces({ machine, model }: Scene) {
  const { channels, presence } = machine.agents.find("attacker")!;
  return {
    channelCount: channels.length,
    isThere: presence.isThere,
    hardware: [...hardwareState(model)].filter(([name]) => !name.startsWith("pin/")),
    votes: model.arbitration.votes().filter(({ agentId }) => agentId === AGENT_IDS.attacker),
  };
}

/** What is left of the attacker when a long time has passed: no timer, and nothing that another one of its name hears. */
function assertForgotten(scene: Scene, quiet: Scene): void {
  const endUs = scene.machine.nowUs() + 3_600_000_000;
  for (const one of [scene, quiet]) one.machine.step(endUs);
  assertEquals(scene.machine.timeline.size, quiet.machine.timeline.size, "timers");
  const next = connectAgent(scene.machine, "attacker");
  const asNew = connectAgent(quiet.machine, "attacker");
  assertEquals(survey(next), survey(asNew));
  // The host changes all that the attacker has.
  for (const one of [scene, quiet]) {
    for (const command of commandsOf().filter(({ schema }) => schema.access === "control")) {
      for (const bytes of attempts(command, [0, 1, 2])) one.host.loopback.exchange(bytes);
      one.machine.step(one.machine.nowUs() + STEP_US);
    }
  }
  assertEquals([next.heard, asNew.heard], [[], []]);
  assertEquals(scene.host.heard, quiet.host.heard);
}

const STEP_US = 50_000;

Deno.test(nameOf("midSession"), () => {
  for (const { board, commands, voteCountMin } of WORLDS) {
    assert(commands.length > 100, `${commands.length} commands`);
    const scene = openScene(board);
    const quiet = openScene(board);
    for (const one of [scene, quiet]) one.attacker.channel.close();
    const untouched = traces(quiet);
    let timers = 0;
    let voteCount = 0;
    for (let length = 1; length <= commands.length; length++) {
      const attacker = connectAgent(scene.machine, "attacker");
      for (const bytes of commands.slice(0, length)) attacker.loopback.exchange(bytes);
      voteCount = Math.max(voteCount, traces(scene).votes.length);
      attacker.channel.close();
      for (const one of [scene, quiet]) one.machine.step(length * STEP_US);
      assertEquals(traces(scene), untouched, `after ${length} commands`);
      if (length % 8 === 0) {
        assertEquals(survey(scene.victim), survey(quiet.victim), `after ${length} commands`);
      }
      if (length === 1) timers = scene.machine.timeline.size;
    }
    assert(voteCount >= voteCountMin, `${voteCount} votes at once`);
    assert(
      scene.machine.timeline.size <= timers + 8,
      `${scene.machine.timeline.size} timers, at first ${timers}`,
    );
    assertEquals(survey(scene.victim), survey(quiet.victim));
    assertEquals(scene.victim.heard, quiet.victim.heard);
    assertForgotten(scene, quiet);
  }
});

Deno.test(nameOf("midFrame"), () => {
  for (const { board, commands } of WORLDS) {
    const frames = commands.filter((_, i) => i % 8 === 0).map((bytes) => frameOf(bytes));
    const stream = Uint8Array.from(frames.flatMap((frame) => [...frame]));
    const scene = openScene(board);
    const quiet = openScene(board);
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
    assertForgotten(scene, quiet);
    site.close();
  }
});
