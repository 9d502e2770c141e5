// An attacker wants to know what it does not see: it sends everything it can in two worlds that differ only in what is hidden
// from it, and must not be able to tell them apart.
import { assert, assertEquals } from "@std/assert";
import { type Board, defineBoard } from "../../boards/board.ts";
import * as sensor from "../../protocols/sensor/messages.ts";
import { readFields } from "../../scp/core/codec.ts";
import type { CommandSchema } from "../../scp/core/schema.ts";
import { encodeCommand } from "../../scp/agent/agent.ts";
import { RELEASES } from "../../protocols/protocol.ts";
import {
  attackedBoard,
  attempts,
  commandsOf,
  openScene,
  type Scene,
  statusOf,
  survey,
} from "./attacked_board.ts";
import { nameOf } from "./threats.ts";

const SENSOR = 0x15;
const HIDDEN = 0;
const HIDDEN_POWER = 2;
const SUBSCRIBING = /_NOTIFY/;

/** What the victim does with its sensor, which the board counts as 0. */
function useHidden({ victim, model, machine }: Scene): void {
  const send = (bytes: Uint8Array) => assertEquals(statusOf(victim, bytes), "SUCCESS");
  const flags = { async: false };
  const listening = { sensorId: 0, eventControl: { enable: true } };
  send(encodeCommand(SENSOR, sensor.SENSOR_TRIP_POINT_NOTIFY, listening, 1));
  const tripPoint = { sensorId: 0, eventControl: { direction: 3, tripPointId: 0 }, value: 50_000n };
  send(encodeCommand(SENSOR, sensor.SENSOR_TRIP_POINT_CONFIG, tripPoint, 2));
  model.override(HIDDEN, [90]);
  machine.step(machine.nowUs() + 20_000);
  model.override(HIDDEN, [20]);
  model.override(HIDDEN_POWER, [33]);
  for (const sensorId of [0, 1]) {
    send(encodeCommand(SENSOR, sensor.SENSOR_READING_GET, { sensorId, flags }, 3));
  }
  machine.step(machine.nowUs() + 20_000);
  // Errors of its own: a command that is none.
  victim.loopback.exchange(Uint8Array.of(0xff, 0x54, 0, 0));
}

/** All that the attacker is answered and hears, while the hidden sensor is used or is not. */
function transcript(isUsed: boolean): { lines: string[]; victimHeard: number } {
  const scene = openScene();
  const { attacker, machine, victim } = scene;
  const lines: string[] = [];
  const send = (bytes: Uint8Array) => lines.push(attacker.loopback.exchange(bytes)!.toHex());
  const commands = commandsOf();
  for (let phase = 0; phase < 3; phase++) {
    // Trip points, updates, errors, levels: with all that it can hear switched on.
    for (const command of commands.filter(({ schema }) => SUBSCRIBING.test(schema.name))) {
      attempts(command, [0, 1, 2]).forEach(send);
    }
    if (isUsed) useHidden(scene);
    else machine.step(machine.nowUs() + 40_000);
    for (const command of commands) attempts(command, [0, 1, 2, 3]).forEach(send);
    machine.step(machine.nowUs() + 50_000);
    for (const message of attacker.heard.splice(0)) lines.push(`heard ${message.toHex()}`);
    lines.push(...survey(attacker, 5));
  }
  return { lines, victimHeard: victim.heard.length };
}

Deno.test(nameOf("snooping"), () => {
  const unused = transcript(false);
  const used = transcript(true);
  assertEquals(used.lines, unused.lines);
  assert(used.lines.length > 2000, `${used.lines.length} lines`);
  assert(used.lines.some((line) => line.startsWith("heard")), "the attacker hears of its own");
  assertEquals(unused.victimHeard, 0);
  assert(used.victimHeard > 0, "there was something to hear");
});

/** The resources of each kind that an agent counts, by where it is told their number. */
function countsIn(schema: CommandSchema, reply: Uint8Array): [string, number][] {
  const view = new DataView(reply.buffer, reply.byteOffset, reply.length);
  const values = readFields(schema.returns, view, 8, reply.length) as Record<string, unknown> | null;
  return Object.entries(values ?? {}).flatMap(([field, value]): [string, number][] =>
    typeof value === "number"
      ? [[field, value]]
      : Object.entries(value as object).filter(([, part]) => typeof part === "number") as [string, number][]
  ).filter(([name]) => name.endsWith("Count"));
}

/** The board with one more of each kind, which the attacker does not see either. */
function largerBoard(): Board {
  const board = attackedBoard();
  const oneMore = <T extends { readonly id: number | null; readonly name: string }>(
    all: readonly T[],
  ): T[] => [
    ...all,
    { ...all[0]!, id: all.length, name: `one more than ${all.length}`.replaceAll(" ", "_") },
  ];
  return defineBoard({
    ...board,
    sensors: oneMore(board.sensors),
    clocks: oneMore(board.clocks),
    powerDomains: oneMore(board.powerDomains),
    performanceDomains: oneMore(board.performanceDomains),
    resetDomains: oneMore(board.resetDomains),
    voltageDomains: oneMore(board.voltageDomains),
    powercapDomains: oneMore(board.powercapDomains),
    pins: oneMore(board.pins),
    pinGroups: oneMore(board.pinGroups),
    pinFunctions: oneMore(board.pinFunctions),
  });
}

Deno.test(nameOf("hiddenNames"), () => {
  for (const release of RELEASES) {
    const { attacker, machine, model } = openScene(undefined, release);
    const larger = openScene(largerBoard(), release);
    const own = machine.agents.find("attacker")!.plan.view;
    const hidden = Object.entries(model.view).flatMap(([kind, all]) =>
      (all as readonly { name: string }[]).map(({ name }) => name).filter((name) =>
        // Of a name that many kinds have nothing can be said, and agents are told by name.
        !Object.values(own).flat().some((one) => one.name.startsWith(name.slice(0, 8))) &&
        kind !== "systemPower"
      )
    );
    assert(hidden.length > 8 && hidden.some((name) => name.length > 15), hidden.join());
    let told = "";
    const text = new TextDecoder("latin1");
    const counted = new Map<string, string[]>();
    for (const command of commandsOf(release)) {
      for (const bytes of attempts(command, [0, 1, 2])) {
        const reply = attacker.loopback.exchange(bytes)!;
        told += `${text.decode(reply)}\n`;
        const what = `${command.schema.name} of ${command.protocol} (${release})`;
        assertEquals(reply, larger.attacker.loopback.exchange(bytes), `${what}, whatever else there is`);
        if (command.schema.name !== "PROTOCOL_ATTRIBUTES" || reply.length <= 8) continue;
        const counts = countsIn(command.schema, reply);
        counted.set(command.protocol, counts.map(([name]) => name));
        // One of each kind is what the attacker has; agents are known to all, and protocols are counted.
        if (command.protocol === "base") continue;
        for (const [part, count] of counts) assert(count <= 1, `${what} tells of ${count} ${part}`);
      }
    }
    const served = machine.agents.find("attacker")!.protocols.map(({ definition }) => definition.name);
    // The power of the system is one, and is not the attacker's.
    assertEquals([...counted.keys()], served);
    for (const [protocol, parts] of counted) assert(parts.length > 0, `${protocol} counts nothing`);
    for (const name of hidden) {
      const sign = name.length < 15 ? `${name}\0` : name.slice(0, 15);
      assertEquals(told.includes(sign), false, `${name} is told in ${release}`);
    }
  }
});
