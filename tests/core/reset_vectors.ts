// Bytes of every message of Reset. SCMI 4.8.
import * as reset from "../../protocols/reset/messages.ts";
import { type Vector, vector } from "./vector.ts";

/** All of them. */
export const RESET_VECTORS: readonly Vector[] = [
  vector(
    reset.RESET_PROTOCOL_ATTRIBUTES,
    "returns",
    { attributes: { domainCount: 0x0185 } },
    "85 01 00 00  domains, reserved",
  ),
  vector(reset.RESET_DOMAIN_ATTRIBUTES, "params", { domainId: 3 }, "03 00 00 00  domain id"),
  vector(
    reset.RESET_DOMAIN_ATTRIBUTES,
    "returns",
    {
      attributes: { supportsAsync: true, notifies: false, hasExtendedName: true },
      latencyUs: reset.LATENCY_UNKNOWN,
      name: "a_reset_domain_",
    },
    `00 00 00 a0              b31 asynchronous, b29 extended name
     ff ff ff ff              latency not known
     61 5f 72 65 73 65 74 5f  a_reset_
     64 6f 6d 61 69 6e 5f 00  domain_`,
  ),
  vector(
    reset.RESET_DOMAIN_ATTRIBUTES,
    "returns",
    {
      attributes: { supportsAsync: false, notifies: true, hasExtendedName: false },
      latencyUs: 31,
      name: "scif2",
    },
    `00 00 00 40              b30 notifications
     1f 00 00 00              microseconds
     73 63 69 66 32 00 00 00  scif2
     00 00 00 00 00 00 00 00`,
  ),
  vector(
    reset.RESET,
    "params",
    {
      domainId: 20,
      flags: { autonomous: true, assert: false, async: true },
      resetState: { isOwn: false, id: 0 },
    },
    `14 00 00 00  domain id
     05 00 00 00  b0 autonomous, b2 asynchronous
     00 00 00 00  architectural, cold`,
  ),
  vector(
    reset.RESET,
    "params",
    {
      domainId: 20,
      flags: { autonomous: false, assert: true, async: false },
      resetState: { isOwn: true, id: 0x7fff_fffe },
    },
    `14 00 00 00  domain id
     02 00 00 00  b1 assert
     fe ff ff ff  b31 of the implementation's own`,
  ),
  vector(reset.RESET, "delayed", { domainId: 20 }, "14 00 00 00  domain id"),
  vector(
    reset.RESET_NOTIFY,
    "params",
    { domainId: 1, notifyEnable: { enable: true } },
    `01 00 00 00  domain id
     01 00 00 00  enable`,
  ),
  vector(reset.RESET_DOMAIN_NAME_GET, "params", { domainId: 2 }, "02 00 00 00  domain id"),
  vector(
    reset.RESET_DOMAIN_NAME_GET,
    "returns",
    { flags: 0, name: "a_reset_domain_of_the_board" },
    `00 00 00 00              flags
     61 5f 72 65 73 65 74 5f  a_reset_
     64 6f 6d 61 69 6e 5f 6f  domain_o
     66 5f 74 68 65 5f 62 6f  f_the_bo
     61 72 64 00 00 00 00 00  ard
     00 00 00 00 00 00 00 00
     00 00 00 00 00 00 00 00
     00 00 00 00 00 00 00 00
     00 00 00 00 00 00 00 00`,
  ),
  vector(
    reset.RESET_ISSUED,
    "payload",
    { agentId: 4, domainId: 20, resetState: { isOwn: true, id: 1 } },
    `04 00 00 00  agent
     14 00 00 00  domain id
     01 00 00 80  the state it was reset to`,
  ),
];
