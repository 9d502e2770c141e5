// Bytes of every message of Base, and of those that every protocol has. SCMI 4.2.
import * as base from "../../protocols/base/messages.ts";
import {
  NEGOTIATE_PROTOCOL_VERSION,
  PROTOCOL_MESSAGE_ATTRIBUTES,
  PROTOCOL_VERSION,
} from "../../protocols/every_protocol.ts";
import { type Vector, vector } from "./vector.ts";

/** One vector at least for each structure that is not empty. */
export const BASE_VECTORS: readonly Vector[] = [
  vector(PROTOCOL_VERSION, "returns", { version: 0x30001 }, "01 00 03 00  minor 1, major 3"),
  vector(PROTOCOL_MESSAGE_ATTRIBUTES, "params", { messageId: 0x10 }, "10 00 00 00  message id"),
  vector(PROTOCOL_MESSAGE_ATTRIBUTES, "returns", { attributes: 0x8000_0001 }, "01 00 00 80  attributes"),
  vector(NEGOTIATE_PROTOCOL_VERSION, "params", { version: 0x20000 }, "00 00 02 00  version"),
  vector(
    base.BASE_PROTOCOL_ATTRIBUTES,
    "returns",
    { attributes: { protocolCount: 5, agentCount: 2 } },
    "05 02 00 00  protocols, agents, reserved",
  ),
  vector(
    base.BASE_DISCOVER_VENDOR,
    "returns",
    { vendor: "Renesas" },
    `52 65 6e 65 73 61 73 00  Renesas
     00 00 00 00 00 00 00 00  zero to the end`,
  ),
  vector(
    base.BASE_DISCOVER_SUB_VENDOR,
    "returns",
    { subVendor: "fifteen letters" },
    `66 69 66 74 65 65 6e 20  fifteen
     6c 65 74 74 65 72 73 00  letters: as long as can be`,
  ),
  vector(
    base.BASE_DISCOVER_IMPLEMENTATION_VERSION,
    "returns",
    { version: 0xfedcba98 },
    "98 ba dc fe  version",
  ),
  vector(base.BASE_DISCOVER_LIST_PROTOCOLS, "params", { skip: 4 }, "04 00 00 00  skip"),
  vector(
    base.BASE_DISCOVER_LIST_PROTOCOLS,
    "returns",
    { protocolCount: 4, protocols: Uint8Array.of(0x11, 0x12, 0x13, 0x14) },
    `04 00 00 00  protocols in this reply
     11 12 13 14  four to a word`,
  ),
  vector(base.BASE_DISCOVER_AGENT_V1, "params", { agentId: 1 }, "01 00 00 00  agent id"),
  vector(
    base.BASE_DISCOVER_AGENT_V1,
    "returns",
    { name: "platform" },
    `70 6c 61 74 66 6f 72 6d  platform
     00 00 00 00 00 00 00 00`,
  ),
  vector(base.BASE_DISCOVER_AGENT, "params", { agentId: 0xffff_ffff }, "ff ff ff ff  the caller itself"),
  vector(
    base.BASE_DISCOVER_AGENT,
    "returns",
    { agentId: 1, name: "OSPM" },
    `01 00 00 00              agent id
     4f 53 50 4d 00 00 00 00  OSPM
     00 00 00 00 00 00 00 00`,
  ),
  vector(base.BASE_NOTIFY_ERRORS, "params", { notifyEnable: { enable: true } }, "01 00 00 00  enable"),
  vector(
    base.BASE_SET_DEVICE_PERMISSIONS,
    "params",
    { agentId: 2, deviceId: 3, flags: { allow: true } },
    `02 00 00 00  agent id
     03 00 00 00  device id
     01 00 00 00  allow`,
  ),
  vector(
    base.BASE_SET_PROTOCOL_PERMISSIONS,
    "params",
    { agentId: 2, deviceId: 3, commandId: { protocolId: 0x15 }, flags: { allow: false } },
    `02 00 00 00  agent id
     03 00 00 00  device id
     15 00 00 00  protocol id
     00 00 00 00  deny`,
  ),
  vector(
    base.BASE_RESET_AGENT_CONFIGURATION,
    "params",
    { agentId: 2, flags: { resetPermissions: true } },
    `02 00 00 00  agent id
     01 00 00 00  permissions too`,
  ),
  vector(
    base.BASE_ERROR_EVENT,
    "payload",
    {
      agentId: 1,
      errorStatus: { fatal: false, reportCount: 2 },
      reports: [
        { messageHeader: 0x0014_5406, status: 0xffff_fff9 },
        { messageHeader: 0x0ffc_4000, status: 0xffff_fff6 },
      ],
    },
    `01 00 00 00  agent id
     02 00 00 00  two reports, not fatal
     06 54 14 00  header: sensor protocol, message 6, token 5
     f9 ff ff ff  COMMS_ERROR
     00 40 fc 0f  header: base protocol, message 0, token 1023
     f6 ff ff ff  PROTOCOL_ERROR`,
  ),
  vector(
    base.BASE_ERROR_EVENT,
    "payload",
    { agentId: 0, errorStatus: { fatal: true, reportCount: 0 }, reports: [] },
    `00 00 00 00  the platform
     00 00 00 80  fatal, without reports`,
  ),
];
