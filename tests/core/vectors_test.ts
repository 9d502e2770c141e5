// Every message of every protocol against hand-written bytes, in both directions and with both codecs.
import { assertEquals } from "@std/assert";
import type { CommandSchema, Fields, NotificationSchema } from "../../scp/core/schema.ts";
import { PROTOCOL_MESSAGES } from "../../protocols/registry.ts";
import { BASE_VECTORS } from "./base_vectors.ts";
import { CLOCK_VECTORS } from "./clock_vectors.ts";
import { RESET_VECTORS } from "./reset_vectors.ts";
import { PERFORMANCE_VECTORS } from "./performance_vectors.ts";
import { PIN_CONTROL_VECTORS } from "./pin_control_vectors.ts";
import { POWERCAP_V3_VECTORS } from "./powercap_v3_vectors.ts";
import { POWERCAP_VECTORS } from "./powercap_vectors.ts";
import { POWER_VECTORS } from "./power_vectors.ts";
import { SENSOR_SUPPLY_VECTORS } from "./sensor_supply_vectors.ts";
import { SENSOR_VECTORS } from "./sensor_vectors.ts";
import { TELEMETRY_VECTORS } from "./telemetry_vectors.ts";
import { VOLTAGE_VECTORS } from "./voltage_vectors.ts";
import { checkVector, type Part } from "./vector.ts";

const VECTORS = [
  ...BASE_VECTORS,
  ...POWER_VECTORS,
  ...CLOCK_VECTORS,
  ...SENSOR_VECTORS,
  ...RESET_VECTORS,
  ...PERFORMANCE_VECTORS,
  ...VOLTAGE_VECTORS,
  ...POWERCAP_VECTORS,
  ...POWERCAP_V3_VECTORS,
  ...PIN_CONTROL_VECTORS,
  ...TELEMETRY_VECTORS,
  ...SENSOR_SUPPLY_VECTORS,
];

VECTORS.forEach((each, i) => {
  const { message, part } = each;
  Deno.test(`vector ${i} ${message.name} since ${message.since.toString(16)} ${part}`, () =>
    checkVector(each));
});

function partsOf(message: CommandSchema | NotificationSchema): [Part, Fields][] {
  const parts: [Part, Fields | null][] = message.kind === "notification"
    ? [["payload", message.payload]]
    : [["params", message.params], ["returns", message.returns], ["delayed", message.delayed]];
  return parts.filter((part): part is [Part, Fields] => part[1] !== null && Object.keys(part[1]).length > 0);
}

Deno.test("vectors exist for every structure of every message", () => {
  const missing = PROTOCOL_MESSAGES.flatMap((protocol) =>
    [...protocol.commands, ...protocol.notifications].flatMap((message) =>
      partsOf(message)
        .filter(([part, fields]) => !VECTORS.some((each) => each.part === part && each.fields === fields))
        .map(([part]) => `${protocol.name} ${message.name} ${part}`)
    )
  );
  assertEquals(missing, []);
});
