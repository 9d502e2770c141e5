// An attacker names what is not its own: resources, protocols, agents, tokens of others.
import { assert, assertEquals } from "@std/assert";
import { FOREIGN_ANSWERS } from "../../boards/view.ts";
import { type Release, RELEASES } from "../../protocols/protocol.ts";
import { PROTOCOLS } from "../../protocols/registry.ts";
import * as sensor from "../../protocols/sensor/messages.ts";
import { packHeader, tokenOf } from "../../scp/core/header.ts";
import { byKind, HARDWARE_KINDS, type HardwareKind } from "../../scp/core/schema.ts";
import { encodeCommand } from "../../scp/agent/agent.ts";
import { hardwareState } from "../server/reference_views.ts";
import {
  AGENT_IDS,
  attackedBoard,
  attempts,
  commandBytes,
  commandsOf,
  isId,
  type NamedCommand,
  openScene,
  statusOf,
  survey,
} from "./attacked_board.ts";
import { nameOf } from "./threats.ts";

const SENSOR = 0x15;

/** Only trusted agents are shown it. */
const FOR_TRUSTED = "PINCTRL_SET_PERMISSIONS";

/** The attacker has something of each but the system's power, and supplies no sensors. */
const SERVED = PROTOCOLS.map(({ name }) => name).filter((name) =>
  name !== "system_power" && name !== "sensor_supply"
);

function hasProtocol(release: Release, protocol: string): boolean {
  return PROTOCOLS.find(({ name }) => name === protocol)!.releases[release] !== null;
}

/** The ways to name a resource in a command: the field, its kind, and what the rest of the command has to be for that. */
function namings({ schema }: NamedCommand) {
  return Object.entries(schema.params).flatMap(([name, field]) => {
    if (field.kind === "list") assert(!Object.values(field.item).some(isId), `${schema.name} lists ids`);
    if (field.kind !== "u32") return [];
    const kinds = field.selector?.kinds ?? [field.resource];
    return kinds.flatMap((kind, value) => {
      if (!(HARDWARE_KINDS as readonly unknown[]).includes(kind)) return [];
      const words: Record<string, number> = {};
      if (field.selector !== null) {
        const selecting = schema.params[field.selector.field]!;
        assert(selecting.kind === "bits32");
        words[field.selector.field] = value * 2 ** selecting.parts[field.selector.part]!.low;
      }
      return [{ name, kind: kind as HardwareKind, words }];
    });
  });
}

Deno.test(nameOf("foreignResource"), () => {
  let tried = 0;
  for (const release of RELEASES) {
    for (const foreignIds of FOREIGN_ANSWERS) {
      const { attacker, model, machine } = openScene(attackedBoard({}, { foreignIds }), release);
      const own = machine.agents.find("attacker")!.plan.view;
      const boardCounts = byKind((kind) => model.view[kind].length);
      const before = hardwareState(model);
      const served = machine.agents.find("attacker")!.protocols.map(({ definition }) => definition.name);
      assertEquals(served, SERVED.filter((name) => hasProtocol(release, name)), release);
      for (const command of commandsOf(release).filter(({ protocol }) => served.includes(protocol))) {
        for (const { name, kind, words } of namings(command)) {
          for (
            const id of [own[kind].length, boardCounts[kind] - 1, boardCounts[kind], 0xffff, 0xffff_ffff]
          ) {
            const expected = command.schema.name === FOR_TRUSTED
              ? "NOT_SUPPORTED"
              : foreignIds === "DENIED" && id < boardCounts[kind]
              ? "DENIED"
              : "NOT_FOUND";
            const status = statusOf(attacker, commandBytes(command, { ...words, [name]: id }));
            assertEquals(status, expected, `${command.schema.name} (${release}), ${name} = ${id}`);
            tried++;
          }
        }
      }
      assertEquals(hardwareState(model), before);
      machine.step(1_000_000);
      assertEquals(attacker.heard, []);
    }
  }
  assert(tried > 3000, `${tried} tries`);
});

Deno.test(nameOf("foreignProtocol"), () => {
  const { attacker, model } = openScene(attackedBoard({ view: { sensor: { volt: "read" } } }));
  const before = hardwareState(model);
  const foreign = commandsOf().filter(({ protocol }) => protocol !== "base" && protocol !== "sensor");
  for (const command of foreign) {
    for (const bytes of attempts(command, [0, 1])) {
      assertEquals(statusOf(attacker, bytes), "NOT_SUPPORTED", command.schema.name);
    }
  }
  assertEquals(hardwareState(model), before);
  assert(new Set(foreign.map(({ protocol }) => protocol)).size >= 8);
});

Deno.test(nameOf("forgedAgent"), () => {
  const quiet = openScene();
  const { attacker, victim, host } = openScene();
  const allowed = openScene();
  const naming = commandsOf().filter(({ schema }) => "agentId" in schema.params);
  assertEquals(naming.map(({ schema }) => schema.name), [
    "BASE_DISCOVER_AGENT",
    "BASE_SET_DEVICE_PERMISSIONS",
    "BASE_SET_PROTOCOL_PERMISSIONS",
    "BASE_RESET_AGENT_CONFIGURATION",
    "PINCTRL_SET_PERMISSIONS",
  ]);
  // All but the first, which tells the agents' names to everybody: SCMI wants that.
  for (const command of naming.slice(1)) {
    for (const agentId of [0, AGENT_IDS.host, AGENT_IDS.victim, 4, 0xff, 0xffff_ffff]) {
      for (const deviceId of [0, 1]) {
        for (const flags of [0, 1, 5]) {
          const words = { agentId, deviceId, flags: command.protocol === "base" ? flags & 1 : flags };
          const status = statusOf(attacker, commandBytes(command, { ...words, commandId: SENSOR }));
          assert(
            ["NOT_SUPPORTED", "NOT_FOUND", "DENIED"].includes(status),
            `${command.schema.name} ${status}`,
          );
        }
      }
    }
  }
  assertEquals(survey(victim), survey(quiet.victim));
  assertEquals(survey(host), survey(quiet.host));
  // The same from an agent that may do it makes a difference that the survey shows.
  const deny = naming[1]!;
  assertEquals(statusOf(allowed.host, commandBytes(deny, { agentId: AGENT_IDS.victim })), "SUCCESS");
  assert(survey(allowed.victim).join() !== survey(quiet.victim).join());
});

Deno.test(nameOf("forgedToken"), () => {
  const { attacker, victim, host, machine } = openScene();
  const read = (sensorId: number, token: number) =>
    encodeCommand(SENSOR, sensor.SENSOR_READING_GET, { sensorId, flags: { async: true } }, token);
  // Both have commands with the same tokens pending; sensor 1 of the host is sensor 0 of the attacker.
  const hosts = [5, 6];
  const attackers = [6, 5, 7];
  for (const token of hosts) assertEquals(statusOf(host, read(1, token)), "SUCCESS");
  for (const token of attackers) assertEquals(statusOf(attacker, read(0, token)), "SUCCESS");
  machine.step(100_000);
  const tokens = (heard: readonly Uint8Array[]) =>
    heard.map((message) => tokenOf(new DataView(message.buffer, message.byteOffset).getUint32(0, true)));
  assertEquals([tokens(host.heard), tokens(attacker.heard), victim.heard], [hosts, attackers, []]);
  for (const command of commandsOf()) {
    for (const type of [1, 2, 3]) {
      const bytes = commandBytes(command);
      const header = packHeader(command.protocolId, command.schema.id, type, 5);
      new DataView(bytes.buffer).setUint32(0, header, true);
      const status = statusOf(attacker, bytes);
      assert(["PROTOCOL_ERROR", "NOT_SUPPORTED"].includes(status), `${command.schema.name}: ${status}`);
    }
  }
  machine.step(200_000);
  assertEquals([host.heard.length, attacker.heard.length, victim.heard.length], [2, 3, 0]);
});
