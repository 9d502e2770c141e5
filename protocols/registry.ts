// The list of protocols: to serve them (`PROTOCOLS`) and to speak or print them (`PROTOCOL_MESSAGES`).
import type { CommandSchema, MessageSchema, NotificationSchema } from "../scp/core/schema.ts";
import { MESSAGE_TYPE, messageIdOf, messageTypeOf, protocolIdOf } from "../scp/core/header.ts";
import { baseProtocol } from "./base/handlers.ts";
import { BASE_MESSAGES } from "./base/messages.ts";
import {
  NEGOTIATE_PROTOCOL_VERSION,
  PROTOCOL_MESSAGE_ATTRIBUTES,
  PROTOCOL_VERSION,
} from "./every_protocol.ts";
import { clockProtocol } from "./clock/handlers.ts";
import { CLOCK_MESSAGES } from "./clock/messages.ts";
import { performanceProtocol } from "./performance/handlers.ts";
import { PERFORMANCE_MESSAGES } from "./performance/messages.ts";
import { pinControlProtocol } from "./pin_control/handlers.ts";
import { PIN_CONTROL_MESSAGES } from "./pin_control/messages.ts";
import { powerProtocol } from "./power/handlers.ts";
import { POWER_MESSAGES } from "./power/messages.ts";
import { powercapProtocol } from "./powercap/handlers.ts";
import { POWERCAP_MESSAGES } from "./powercap/messages.ts";
import { DEFAULT_RELEASE, type ProtocolDefinition, type ProtocolMessages } from "./protocol.ts";
import { sensorSupplyProtocol } from "./sensor_supply/handlers.ts";
import { SENSOR_SUPPLY_MESSAGES } from "./sensor_supply/messages.ts";
import { resetProtocol } from "./reset/handlers.ts";
import { RESET_MESSAGES } from "./reset/messages.ts";
import { sensorProtocol } from "./sensor/handlers.ts";
import { SENSOR_MESSAGES } from "./sensor/messages.ts";
import { systemPowerProtocol } from "./system_power/handlers.ts";
import { SYSTEM_POWER_MESSAGES } from "./system_power/messages.ts";
import { telemetryProtocol } from "./telemetry/handlers.ts";
import { TELEMETRY_MESSAGES } from "./telemetry/messages.ts";
import { voltageProtocol } from "./voltage/handlers.ts";
import { VOLTAGE_MESSAGES } from "./voltage/messages.ts";

/** All protocols the platform can serve, by id. */
export const PROTOCOLS: readonly ProtocolDefinition[] = [
  baseProtocol,
  powerProtocol,
  systemPowerProtocol,
  performanceProtocol,
  clockProtocol,
  sensorProtocol,
  resetProtocol,
  voltageProtocol,
  powercapProtocol,
  pinControlProtocol,
  telemetryProtocol,
  sensorSupplyProtocol,
].map((definition) => definition as unknown as ProtocolDefinition);

const VENDOR_ID_MIN = 0x80;

/** Whether a protocol id is one that vendors give, so that other platforms may mean something else by it. */
export function isVendorProtocol(id: number): boolean {
  return id >= VENDOR_ID_MIN;
}

const NEWEST_VERSION = 0xffff_fffe;

const EVERY = [PROTOCOL_VERSION, PROTOCOL_MESSAGE_ATTRIBUTES, NEGOTIATE_PROTOCOL_VERSION];

/** The declarations of all protocols, those that every protocol has included. */
export const PROTOCOL_MESSAGES: readonly ProtocolMessages[] = [
  BASE_MESSAGES,
  POWER_MESSAGES,
  SYSTEM_POWER_MESSAGES,
  PERFORMANCE_MESSAGES,
  CLOCK_MESSAGES,
  SENSOR_MESSAGES,
  RESET_MESSAGES,
  VOLTAGE_MESSAGES,
  POWERCAP_MESSAGES,
  PIN_CONTROL_MESSAGES,
  TELEMETRY_MESSAGES,
  SENSOR_SUPPLY_MESSAGES,
].map((
  protocol,
) => ({
  ...protocol,
  commands: [...EVERY, ...protocol.commands].sort((a, b) => a.id - b.id) as readonly CommandSchema[],
  notifications: protocol.notifications as readonly NotificationSchema[],
}));

/**
 * Finds the declaration that a header means in a protocol version. Unless given, that is the newest one that is no draft; what
 * only a draft has is found there.
 */
export function findMessage(header: number, version?: number): MessageSchema | undefined {
  const protocol = PROTOCOL_MESSAGES.find(({ id }) => id === protocolIdOf(header));
  if (protocol === undefined) return undefined;
  const isNotification = messageTypeOf(header) === MESSAGE_TYPE.notification;
  const all: readonly MessageSchema[] = isNotification ? protocol.notifications : protocol.commands;
  const findIn = (inForce: number) =>
    all.find(({ id, since, until }) => id === messageIdOf(header) && since <= inForce && inForce <= until);
  if (version !== undefined) return findIn(version);
  const settled = PROTOCOLS.find(({ id }) => id === protocol.id)?.releases[DEFAULT_RELEASE] ?? NEWEST_VERSION;
  return findIn(settled) ?? findIn(NEWEST_VERSION);
}

/** The name of a header's message for people, also of one that nobody knows. */
export function messageName(header: number): string {
  const protocol = PROTOCOL_MESSAGES.find(({ id }) => id === protocolIdOf(header));
  const name = findMessage(header)?.name ?? `message 0x${messageIdOf(header).toString(16)}`;
  return protocol === undefined ? `protocol 0x${protocolIdOf(header).toString(16)} ${name}` : name;
}
