// A session of an agent that is played to platforms over every transport: what a Linux guest has asked while it booted, what
// makes the platform speak of itself, then commands with all kinds of values, damaged ones among them, and time that passes.
import fc from "fast-check";
import { encodeCommand } from "../../scp/agent/agent.ts";
import { HEADER_SIZE, MESSAGE_TYPE, messageTypeOf } from "../../scp/core/header.ts";
import { MESSAGE_SIZE_MAX } from "../../scp/core/limits.ts";
import { stepOf } from "../../scp/fuzz/grammar.ts";
import { factsOf } from "../../scp/fuzz/in_process_target.ts";
import { meaningfulValues } from "../../scp/fuzz/meaningful_values.ts";
import { encodeCommandStep, type Step } from "../../scp/fuzz/program.ts";
import { PROTOCOL_MESSAGES } from "../../protocols/registry.ts";
import { RESET } from "../../protocols/reset/messages.ts";
import { SENSOR_CONTINUOUS_UPDATE_NOTIFY, SENSOR_READING_GET } from "../../protocols/sensor/messages.ts";
import type { Machine } from "../../scp/server/machine.ts";

/** A command is sent, or virtual time passes. */
export type SessionStep = { readonly command: Uint8Array } | { readonly passUs: number };

const SENSOR = 0x15;
const RESET_PROTOCOL = 0x16;

/** Linux takes a while between its commands: enough for what has its own pace to show. */
const BOOT_STEP_US = 1000;

/** Commands that are drawn after those of the boot. */
const DRAWN_COUNT = 2500;
const SEED = 4;

/** Commands whose effect is the end of the session: the system they take down takes the channel with it. */
const ENDING: ReadonlySet<string> = new Set(["SYSTEM_POWER_STATE_SET"]);

const WEIGHTS = {
  command: 60,
  raw: 6,
  fast: 0,
  time: 10,
  reset: 0,
  p2a: 0,
  room: 0,
  override: 0,
  fault: 0,
} as const;

/** Returns the commands that Linux sent. */
export function linuxBoot(): SessionStep[] {
  const text = Deno.readTextFileSync(new URL("./linux_boot.hex", import.meta.url));
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#")).flatMap((line) => [
    { command: Uint8Array.fromHex(line) },
    { passUs: BOOT_STEP_US },
  ]);
}

/** Returns commands after which the platform speaks of itself: resets that take a while, sensors told of from time to time. */
export function unaskedMessages(machine: Machine, agentName: string): SessionStep[] {
  const { view } = machine.agents.find(agentName)!.plan;
  const resets = view.resetDomain.flatMap((_domain, domainId) => [
    {
      command: encodeCommand(RESET_PROTOCOL, RESET, {
        domainId,
        flags: { autonomous: true, assert: false, async: true },
        resetState: { isOwn: false, id: 0 },
      }, domainId),
    },
    { passUs: 10_000 },
  ]);
  const updates = view.sensor.flatMap((_sensor, sensorId) => {
    const notify = (enable: boolean) =>
      encodeCommand(
        SENSOR,
        SENSOR_CONTINUOUS_UPDATE_NOTIFY,
        { sensorId, notifyEnable: { enable } },
        sensorId,
      );
    const readLater = encodeCommand(
      SENSOR,
      SENSOR_READING_GET,
      { sensorId, flags: { async: true } },
      sensorId,
    );
    return [
      { command: notify(true) },
      { command: readLater },
      { passUs: 2_500_000 },
      { command: notify(false) },
    ];
  });
  return [...resets, ...updates];
}

/** Draws commands for an agent of a machine, the same ones each time. */
export function drawnCommands(machine: Machine, agentName: string): SessionStep[] {
  const facts = factsOf(machine);
  const agent = facts.agents.find(({ name }) => name === agentName)!;
  const liveIds = Object.fromEntries(
    Object.entries(agent.counts).map(([kind, count]) => [kind, Array.from({ length: count }, (_, id) => id)]),
  );
  const step = stepOf({
    seed: SEED,
    start: { boardName: "", release: "3.2", channels: [{ agentName, room: MESSAGE_SIZE_MAX, p2a: "all" }] },
    commands: PROTOCOL_MESSAGES.flatMap((protocol) =>
      protocol.commands.filter(({ name }) => !ENDING.has(name)).map((schema) => ({ protocol, schema }))
    ),
    weights: WEIGHTS,
    hints: { liveIds, meaningful: meaningfulValues(agent.view, liveIds) },
    sensorCount: 0,
    stepsMax: 1,
  });
  return fc.sample(step, { seed: SEED, numRuns: DRAWN_COUNT }).flatMap(sessionStep);
}

/** Returns what is played of a drawn step. What is no message at all is each transport's own matter. */
function sessionStep(step: Step): SessionStep[] {
  if (step.kind === "time") return [{ passUs: step.us }];
  const command = step.kind === "command" ? encodeCommandStep(step) : step.kind === "raw" ? step.bytes : null;
  if (command === null || command.length < HEADER_SIZE || command.length > MESSAGE_SIZE_MAX) return [];
  return [{ command }];
}

/** Counts messages that differ in more than their token. */
export function differentCount(steps: readonly SessionStep[]): number {
  const seen = new Set<string>();
  for (const step of steps) {
    if (!("command" in step)) continue;
    const bytes = step.command.slice();
    const view = new DataView(bytes.buffer);
    view.setUint32(0, view.getUint32(0, true) & 0xf003_ffff, true);
    seen.add(bytes.toHex());
  }
  return seen.size;
}

/** Tells a response from what the platform sends of itself. */
export function isResponse(message: Uint8Array): boolean {
  const type = messageTypeOf(new DataView(message.buffer, message.byteOffset).getUint32(0, true));
  return type !== MESSAGE_TYPE.notification && type !== MESSAGE_TYPE.delayedResponse;
}
