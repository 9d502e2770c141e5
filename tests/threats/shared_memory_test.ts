// An attacker that shares memory with the platform: it writes what it likes where no message is looked at, and reads what stands
// there. FastChannels, statistics and the telemetry of a draft of SCMI 4.0.
import { assert, assertEquals } from "@std/assert";
import type { AgentInput } from "../../boards/agent.ts";
import type { Board } from "../../boards/board.ts";
import * as performance from "../../protocols/performance/messages.ts";
import type { Release } from "../../protocols/protocol.ts";
import * as telemetry from "../../protocols/telemetry/messages.ts";
import { encodeCommand } from "../../scp/agent/agent.ts";
import { MESSAGE_TYPE } from "../../scp/core/header.ts";
import { createPrng } from "../../scp/core/prng.ts";
import { byKind } from "../../scp/core/schema.ts";
import { statusName } from "../../scp/core/status.ts";
import { MemoryFile, openMemoryFile } from "../../transports/memory/memory_file.ts";
import { type ShmemAgent, ShmemSite } from "../contract/shmem.ts";
import { hardwareState } from "../server/reference_views.ts";
import { statusOf as statusNumberOf, typeOf } from "../support/messages.ts";
import {
  AGENT_IDS,
  attackedBoard,
  commandBytes,
  commandsOf,
  openScene,
  type Scene,
  statusOf,
  survey,
} from "./attacked_board.ts";
import { nameOf } from "./threats.ts";

const [PERFORMANCE, TELEMETRY] = [0x13, 0x1b];
/** Behind the two areas of its channel: the agent says that it has written FastChannels. */
const FAST_RING = 2;

/** The attacker in a file of its own, beside the loopback channels of the scene. */
interface SharedScene extends Scene {
  readonly agent: ShmemAgent;
  /** All that is there beside messages. */
  readonly words: Int32Array;
  /** Sends a command and returns what came, the response first. */
  send(message: Uint8Array): Uint8Array[];
  end(): void;
}

function openShared(board: Board, release: Release): SharedScene {
  const scene = openScene(board, release);
  const site = new ShmemSite(() => scene.machine.openChannel("attacker")!);
  const agent = site.connect();
  const file = openMemoryFile(site.path);
  assert(file instanceof MemoryFile);
  const [window] = file.windows([site.places.fastChannels]) as { words: Int32Array }[];
  return {
    ...scene,
    agent,
    words: window!.words,
    send(message) {
      agent.send(message);
      return agent.take();
    },
    end() {
      agent.disconnect();
      file.close();
      site.close();
    },
  };
}

/** What an agent may mean: levels, limits, caps, and nonsense. */
const VALUES = [0, 1, 2, 3, 50, 100, 150, 1000, 0x7fff_ffff, 0xffff_ffff];

/** Writes the whole of the memory, and each word of it by itself, and lets the platform look each time. */
function scribble({ agent, words, machine }: SharedScene): void {
  const rand = createPrng(6);
  const look = () => {
    agent.ring(FAST_RING);
    agent.settle();
    machine.step(machine.nowUs() + 10_000);
  };
  for (const value of VALUES) {
    words.fill(value);
    look();
  }
  for (let round = 0; round < 50; round++) {
    for (let at = 0; at < words.length; at++) words[at] = VALUES[rand.nextInteger(0, VALUES.length - 1)]!;
    look();
  }
  // Nothing is beyond the first pages but what the platform writes itself.
  for (let at = 0; at < Math.min(words.length, 512); at++) {
    words[at] = VALUES[at % VALUES.length]!;
    if (at % 4 === 3) look();
  }
}

/** A board on which the attacker has nothing but what has FastChannels, with one right for all of it. */
function boardOf(right: "control" | "read", mediation: NonNullable<AgentInput["mediation"]> = {}): Board {
  const view = {
    performanceDomain: { indexed: right },
    powercapDomain: { a_power_capping_domain_with_a_long_name: right },
  } as const;
  const resources = byKind((kind) => Object.keys((view as Partial<Record<string, object>>)[kind] ?? {}));
  return attackedBoard({ view, mediation }, { devices: [{ name: "attackers", resources }] });
}

/** What stands in the attacker's memory after a while in which the victim sets its levels, or does not. */
function memoryBeside(isVictimBusy: boolean): { words: Int32Array; ownSet: Int32Array } {
  const scene = openShared(attackedBoard(), "3.2");
  const setLevel = (level: number) =>
    encodeCommand(PERFORMANCE, performance.PERFORMANCE_LEVEL_SET, { domainId: 0, level }, 1);
  const look = () => {
    scene.machine.step(scene.machine.nowUs() + 250_000);
    scene.agent.ring(FAST_RING);
    scene.agent.settle();
    return scene.words.slice();
  };
  look();
  for (const level of [50, 150]) {
    if (isVictimBusy) assertEquals(statusOf(scene.victim, setLevel(level)), "SUCCESS");
    look();
  }
  const words = look();
  // Its own level, which it may count by index.
  assertEquals(statusName(statusNumberOf(scene.send(setLevel(2))[0])), "SUCCESS");
  const ownSet = look();
  scene.end();
  return { words, ownSet };
}

Deno.test(nameOf("fastChannels"), () => {
  for (const [right, isDenied] of [["control", false], ["control", true], ["read", false]] as const) {
    const board = boardOf(right);
    const scene = openShared(board, "3.2");
    const quiet = openScene(board);
    const { machine, model, victim } = scene;
    if (isDenied) {
      const deny = commandsOf().find(({ schema }) => schema.name === "BASE_SET_DEVICE_PERMISSIONS")!;
      const words = { agentId: AGENT_IDS.attacker, deviceId: 0, flags: 0 };
      assertEquals(statusOf(scene.host, commandBytes(deny, words)), "SUCCESS");
    }
    const statuses: string[] = [];
    machine.trace.listen(({ kind, value: status }) => {
      if (kind === "fastChannelWrite") statuses.push(statusName(status));
    });
    const before = hardwareState(model);
    scribble(scene);
    const mayChange = right === "control" && !isDenied;
    assertEquals(statuses.includes("SUCCESS"), mayChange, `${right}, ${isDenied}`);
    assert(statuses.length > 80, `${statuses.length} writes were judged`);
    const after = hardwareState(model);
    const changed = [...after.keys()].filter((name) => after.get(name) !== before.get(name));
    assertEquals(changed, mayChange ? ["performanceDomain/indexed"] : []);
    quiet.machine.step(machine.nowUs());
    assertEquals(survey(victim), survey(quiet.victim));
    assertEquals(victim.heard, []);
    scene.end();
  }
  // Words count as messages do.
  const limit = { messagesPerS: 10, burst: 5 };
  const scene = openShared(boardOf("control", limit), "3.2");
  scribble(scene);
  const most = scene.machine.nowUs() / 1e6 * limit.messagesPerS + limit.burst + 16;
  const count = scene.machine.trace.count("fastChannelWrite");
  assert(count > limit.burst && count <= most, `${count} words were judged, ${most} may be`);
  scene.end();
  const [busy, idle] = [memoryBeside(true), memoryBeside(false)];
  assertEquals(busy, idle, "what others do is not to be read");
  assert(idle.words.join() !== idle.ownSet.join(), "what it does itself is");
});

/** Each data event, group and selector that there may be, of the attacker or of others; and none. */
const IDENTIFIERS = [0, 1, 2, 0x100, 0x101, 0x200, 0x300, telemetry.NONE];
const { COLLECTION, EVENT_MODE, SELECTOR } = telemetry;
const EVERY_100_MS = { rateMantissa: 1, rateExponent: -1 } as const;

function configSet(mode: number, groupId = 0, selector: number = SELECTOR.all): Uint8Array {
  const control = { enable: true, mode, selector };
  return encodeCommand(TELEMETRY, telemetry.TELEMETRY_CONFIG_SET, {
    groupId,
    control,
    samplingRate: EVERY_100_MS,
  }, 3);
}

function configure(identifier: number, isGroup: boolean, mode: number): Uint8Array {
  const flags = { mode, disablesAll: false, isGroup };
  return encodeCommand(TELEMETRY, telemetry.TELEMETRY_DE_CONFIGURE, { identifier, flags }, 4);
}

/** The victim has both of its sensors collected. */
function collectAsVictim({ victim }: Scene): void {
  for (const event of [0, 0x100]) {
    assertEquals(statusOf(victim, configure(event, false, EVENT_MODE.on)), "SUCCESS");
  }
  assertEquals(statusOf(victim, configSet(COLLECTION.updates)), "SUCCESS");
}

/** All that the attacker sends: what tells, and what collects, in each way under each id. */
function collecting(): Uint8Array[] {
  const asking = commandsOf("4.0-draft").filter(({ protocolId }) => protocolId === TELEMETRY)
    .flatMap((command) =>
      IDENTIFIERS.flatMap((id) =>
        [0, 1, 2].map((flags) => commandBytes(command, { index: id, groupId: id, identifier: id, flags }))
      )
    );
  const switching = IDENTIFIERS.flatMap((id) =>
    [false, true].map((isGroup) => configure(id, isGroup, EVENT_MODE.withTimestamp))
  );
  const all = Object.values(COLLECTION).flatMap((mode) => [
    ...switching,
    configSet(mode),
    ...IDENTIFIERS.flatMap((id) =>
      [SELECTOR.ungrouped, SELECTOR.group].map((selector) => configSet(mode, id, selector))
    ),
  ]);
  return [...asking, ...all];
}

/** What both get in a world. */
function telemetryWorld(isVictimBusy: boolean, isAttackerBusy: boolean) {
  const scene = openShared(attackedBoard(), "4.0-draft");
  const { machine, model, victim } = scene;
  const lines: string[] = [];
  const timers = machine.timeline.size;
  let updateCount = 0;
  if (isVictimBusy) collectAsVictim(scene);
  for (const [i, message] of collecting().entries()) {
    if (isVictimBusy) model.override(0, [20 + i % 50]);
    if (isAttackerBusy) lines.push(...scene.send(message).map((each) => each.toHex()));
    if (i % 4 !== 0) continue;
    machine.step((i + 1) * 50_000);
    scene.agent.ring(FAST_RING);
    const came = scene.agent.take();
    updateCount += came.filter((each) => typeOf(each) === MESSAGE_TYPE.notification).length;
    lines.push(
      ...came.map((each) => each.toHex()),
      new Uint8Array(scene.words.slice(0, 1024).buffer).toHex(),
    );
  }
  const heard = victim.heard.map((each) => each.toHex());
  scene.end();
  scene.attacker.channel.close();
  machine.step(machine.nowUs() + 1_000_000);
  return { lines, heard, updateCount, timersLeft: machine.timeline.size - timers };
}

Deno.test(nameOf("telemetry"), () => {
  const alone = telemetryWorld(false, true);
  const both = telemetryWorld(true, true);
  const victims = telemetryWorld(true, false);
  assertEquals(both.lines, alone.lines, "the attacker gets the same, whatever the victim collects");
  assertEquals(both.heard, victims.heard, "the victim gets the same, whatever the attacker collects");
  assert(
    alone.updateCount > 10 && victims.heard.length > 100,
    `${alone.updateCount}, ${victims.heard.length}`,
  );
  assertEquals(both.timersLeft, victims.timersLeft, "nothing goes on for an agent that is gone");
});
