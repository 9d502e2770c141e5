// The board of the threats: an attacker and a victim that share no resource, and a host that is trusted and sees all. And what
// an attacker can send: every command, with ids and other parameters of its choice.
import { type Board, defineBoard } from "../../boards/board.ts";
import type { AgentInput } from "../../boards/agent.ts";
import type { ViewInput } from "../../boards/view.ts";
import { PROTOCOL_MESSAGES, PROTOCOLS } from "../../protocols/registry.ts";
import type { Release } from "../../protocols/protocol.ts";
import { MESSAGE_TYPE, packHeader } from "../../scp/core/header.ts";
import { type CommandSchema, type Field, fixedSizeOf, sizeOfField } from "../../scp/core/schema.ts";
import { statusName } from "../../scp/core/status.ts";
import { createPlatform, type Platform } from "../../scp/control/platform.ts";
import { connectAgent, type TestAgent } from "../support/platform.ts";
import { VIEWED_BOARD } from "../support/viewed_board.ts";

/** What the attacker has: the last of each kind, as the board counts. */
const ATTACKER: ViewInput = {
  sensor: { volt: "control" },
  clock: { a_clock_with_a_long_name: "control" },
  powerDomain: { part: "control" },
  performanceDomain: { indexed: "control" },
  resetDomain: { slow: "control" },
  voltageDomain: { a_voltage_domain_with_a_long_name: "control" },
  powercapDomain: { a_power_capping_domain_with_a_long_name: "control" },
  pin: { a_pin_with_a_long_name: "control" },
  pinFunction: { gpio: "control" },
};

const VICTIM: ViewInput = {
  sensor: { temp: "control", power_of_everything_there_is: "control" },
  clock: { crystal: "control", bus: "control" },
  powerDomain: { main: "control" },
  systemPower: "control",
  performanceDomain: { cpu: "control" },
  resetDomain: { plain: "control" },
  voltageDomain: { core: "control" },
  powercapDomain: { chip: "control" },
  pin: { p0: "control", p1: "control" },
  pinGroup: { g01: "control" },
  pinFunction: { uart: "control" },
};

/** The agents, by rising ids from 1. */
export const AGENT_IDS = { host: 1, victim: 2, attacker: 3 } as const;

/** Makes the board; the attacker may differ, and what the victim has. */
export function attackedBoard(
  attacker: Partial<AgentInput> = {},
  more: Partial<Board> = {},
  victim: ViewInput = VICTIM,
): Board {
  return defineBoard({
    ...VIEWED_BOARD,
    agents: [
      { name: "host", kind: "OSPM", isTrusted: true, view: { "*": "control" } },
      { name: "victim", kind: "OSPM", view: victim, mediation: { serviceClass: "safety" } },
      { name: "attacker", kind: "OSPM", view: ATTACKER, onVanish: "reset", ...attacker },
    ],
    devices: [
      { name: "victims", resources: { clock: ["bus"], sensor: ["temp"], resetDomain: ["plain"] } },
      { name: "attackers", resources: { clock: ["a_clock_with_a_long_name"], sensor: ["volt"] } },
    ],
    ...more,
  });
}

/**
 * A board on which nothing that the victim has hangs together with what the attacker has: no sensors, rails or loads. The
 * attacker supplies a sensor beside all that it has else, and all is shared by votes, so that something is left of none.
 */
export function uncoupledBoard(): Board {
  const supplied = {
    ...VIEWED_BOARD.sensors[0]!,
    id: 3,
    name: "given",
    signal: null,
    suppliedBy: "attacker",
  };
  const {
    sensor: _sensor,
    performanceDomain: _performance,
    voltageDomain: _voltage,
    powercapDomain: _cap,
    ...victim
  } = VICTIM;
  const arbitration = {
    clock: { "*": { rate: "highest" } },
    powerDomain: { "*": "vote" },
    performanceDomain: { "*": {} },
    voltageDomain: { "*": "highest" },
    powercapDomain: { "*": "lowest" },
  } as const;
  return attackedBoard({}, { sensors: [...VIEWED_BOARD.sensors, supplied], arbitration }, victim);
}

/** The platform with its agents connected. */
export interface Scene extends Platform {
  readonly attacker: TestAgent;
  readonly victim: TestAgent;
  readonly host: TestAgent;
}

/** Builds a platform of the board. */
export function openScene(board: Board = attackedBoard(), release: Release = "3.2"): Scene {
  const platform = createPlatform(board, { release });
  const [host, victim, attacker] = ["host", "victim", "attacker"].map((name) =>
    connectAgent(platform.machine, name)
  ) as [TestAgent, TestAgent, TestAgent];
  return { ...platform, host, victim, attacker };
}

/** A command of a protocol. */
export interface NamedCommand {
  readonly protocolId: number;
  readonly protocol: string;
  readonly schema: CommandSchema;
}

/** Every command that a release has. */
export function commandsOf(release: Release = "3.2"): NamedCommand[] {
  return PROTOCOLS.flatMap(({ id, name, releases }) => {
    const version = releases[release];
    const { commands } = PROTOCOL_MESSAGES.find((each) => each.id === id)!;
    return commands.filter(({ since, until }) => version !== null && since <= version && version <= until)
      .map((schema) => ({ protocolId: id, protocol: name, schema }));
  });
}

/** The bytes of a command whose fields have these words, low word first; those not named are 0. */
export function commandBytes(
  { protocolId, schema }: NamedCommand,
  words: Readonly<Record<string, number>> = {},
  token = 0,
): Uint8Array {
  const bytes = new Uint8Array(4 + fixedSizeOf(schema.params));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, packHeader(protocolId, schema.id, MESSAGE_TYPE.command, token), true);
  let at = 4;
  for (const [name, field] of Object.entries(schema.params)) {
    const size = sizeOfField(field);
    if (size > 0) view.setUint32(at, words[name] ?? 0, true);
    at += size;
  }
  return bytes;
}

/** Words for a field: zero, and each of its parts alone with its least value that is not zero. */
function wordsFor(field: Field): number[] {
  if (field.kind !== "bits32") return [0, 1];
  return [0, ...Object.values(field.parts).map(({ low }) => 2 ** low)];
}

/** Many ways to send a command: with each id, and with each of its other fields, one at a time, other than zero. */
export function attempts(command: NamedCommand, ids: readonly number[]): Uint8Array[] {
  const fields = Object.entries(command.schema.params);
  const idFields = fields.filter(([, field]) => isId(field)).map(([name]) => name);
  return (idFields.length === 0 ? [0] : ids).flatMap((id) => {
    const base = Object.fromEntries(idFields.map((name) => [name, id]));
    return fields.filter(([name, field]) => !idFields.includes(name) && sizeOfField(field) > 0).reduce(
      (all, [name, field]) => [
        ...all,
        ...wordsFor(field).slice(1).map((word) => commandBytes(command, { ...base, [name]: word })),
      ],
      [commandBytes(command, base)],
    );
  });
}

/** Whether a field is the id of a resource. */
export function isId(field: Field): boolean {
  return field.kind === "u32" && (field.resource !== null || field.selector !== null);
}

/** Sends bytes and returns the name of the status. */
export function statusOf(agent: TestAgent, message: Uint8Array): string {
  const reply = agent.loopback.exchange(message)!;
  return statusName(new DataView(reply.buffer).getInt32(4, true));
}

/** Commands that only tell. */
const TELLING = /VERSION|ATTRIBUTES|DISCOVER|DESCRIBE|DESCRIPTION|LIST|_GET|GET_PERMISSIONS/;

/** All that an agent can learn without changing anything, as text, line by line. */
export function survey(agent: TestAgent, idCount = 3): string[] {
  const ids = Array.from({ length: idCount }, (_, id) => id);
  return commandsOf().filter(({ schema }) => TELLING.test(schema.name) && schema.delayed === null).flatMap(
    (command) =>
      ids.map((id) => {
        const fields = Object.entries(command.schema.params);
        const words = Object.fromEntries(
          fields.filter(([, field]) => isId(field)).map(([name]) => [name, id]),
        );
        return `${command.schema.name} ${id}: ${
          agent.loopback.exchange(commandBytes(command, words))?.toHex()
        }`;
      }),
  );
}
