// An attacker tries to get more rights than its view has: by itself, and by a trusted agent that is on its side.
import { assert, assertEquals } from "@std/assert";
import { hardwareState } from "../server/reference_views.ts";
import {
  AGENT_IDS,
  attackedBoard,
  attempts,
  commandBytes,
  commandsOf,
  openScene,
  statusOf,
  survey,
} from "./attacked_board.ts";
import { nameOf } from "./threats.ts";

/** Commands that change permissions. */
const PERMITTING = commandsOf().filter(({ schema }) => /SET_\w*PERMISSIONS|RESET_AGENT/.test(schema.name));
const RESET = "BASE_RESET_AGENT_CONFIGURATION";
const PROTOCOL_IDS = [...new Set(commandsOf().map(({ protocolId }) => protocolId))];

/** The attacker may only read its clock, and may not reset anything, whatever it sees. */
const READER = {
  view: {
    clock: { a_clock_with_a_long_name: "read" },
    sensor: { volt: "read" },
    resetDomain: { slow: "control" },
    pin: { p0: "read" },
    commands: { reset: ["RESET_DOMAIN_ATTRIBUTES"] },
  },
} as const;

Deno.test(nameOf("escalation"), () => {
  assertEquals(PERMITTING.length, 4);
  const { attacker, host, model } = openScene(attackedBoard(READER));
  const before = hardwareState(model);
  const learned = survey(attacker);
  // By every agent that there is, for the attacker, with every device, protocol, resource and flag.
  for (const command of PERMITTING) {
    for (const speaker of [attacker, host]) {
      for (const id of [0, 1, 2]) {
        for (const protocolId of PROTOCOL_IDS) {
          for (const flags of [1, 4, 5, 6]) {
            const words = {
              agentId: AGENT_IDS.attacker,
              deviceId: id,
              identifier: id,
              commandId: protocolId,
            };
            const status = statusOf(speaker, commandBytes(command, { ...words, flags }));
            if (speaker === attacker && command.schema.name !== RESET) {
              assert(status !== "SUCCESS", `${command.schema.name} by the attacker itself`);
            }
          }
        }
      }
    }
  }
  assertEquals(survey(attacker), learned);
  const changing = commandsOf().filter(({ schema }) => schema.access === "control");
  assert(changing.length >= 15);
  for (const command of changing) {
    for (const bytes of attempts(command, [0, 1, 2])) {
      assert(statusOf(attacker, bytes) !== "SUCCESS", `${command.schema.name} is served`);
    }
  }
  assertEquals(hardwareState(model), before);
  // What the view has is taken away and given back, by who is trusted; the attacker takes back nothing of that itself.
  const permitting = (name: string) => PERMITTING.find(({ schema }) => schema.name === name)!;
  const agentId = AGENT_IDS.attacker;
  const reset = (flags: number) => commandBytes(permitting(RESET), { agentId, flags });
  const takings = [
    { command: permitting("BASE_SET_DEVICE_PERMISSIONS"), words: { agentId, deviceId: 1 }, allow: 1 },
    // The pin that the host counts as 0; the selector stands below.
    { command: permitting("PINCTRL_SET_PERMISSIONS"), words: { agentId, identifier: 0 }, allow: 4 },
  ];
  for (const { command, words, allow } of takings) {
    assertEquals(statusOf(host, commandBytes(command, { ...words, flags: 0 })), "SUCCESS");
    const without = survey(attacker);
    assert(without.join() !== learned.join(), command.schema.name);
    for (const flags of [0, 1]) assertEquals(statusOf(attacker, reset(flags)), "SUCCESS");
    assertEquals(survey(attacker), without, command.schema.name);
    assertEquals(statusOf(host, commandBytes(command, { ...words, flags: allow })), "SUCCESS");
    assertEquals(survey(attacker), learned);
  }
});
