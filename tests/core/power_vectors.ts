// Bytes of every message of Power domain and System power in each of its layouts. SCMI 4.3 and 4.4.
import * as power from "../../protocols/power/messages.ts";
import * as system from "../../protocols/system_power/messages.ts";
import { type Vector, vector } from "./vector.ts";

/** Of both protocols. */
export const POWER_VECTORS: readonly Vector[] = [
  vector(
    power.POWER_PROTOCOL_ATTRIBUTES,
    "returns",
    {
      attributes: { domainCount: 0x0116 },
      statisticsAddressLow: 0x8765_4320,
      statisticsAddressHigh: 2,
      statisticsSize: 0x400,
    },
    `16 01 00 00  domains, reserved
     20 43 65 87  address of the statistics, low
     02 00 00 00  and high
     00 04 00 00  their size`,
  ),
  vector(power.POWER_DOMAIN_ATTRIBUTES, "params", { domainId: 21 }, "15 00 00 00  domain"),
  vector(
    power.POWER_DOMAIN_ATTRIBUTES,
    "returns",
    {
      attributes: {
        notifiesChanges: true,
        supportsAsync: false,
        supportsSync: true,
        notifiesRequests: false,
        hasExtendedName: true,
      },
      name: "always-on",
    },
    `00 00 00 a8              notifications, synchronous set, extended name
     61 6c 77 61 79 73 2d 6f  always-on
     6e 00 00 00 00 00 00 00`,
  ),
  vector(
    power.POWER_DOMAIN_ATTRIBUTES,
    "returns",
    {
      attributes: {
        notifiesChanges: false,
        supportsAsync: true,
        supportsSync: false,
        notifiesRequests: true,
        hasExtendedName: false,
      },
      name: "CLUS0CORE0",
    },
    `00 00 00 50              asynchronous set, notifications of requests
     43 4c 55 53 30 43 4f 52  CLUS0CORE0
     45 30 00 00 00 00 00 00`,
  ),
  vector(
    power.POWER_STATE_SET,
    "params",
    { flags: { async: true }, domainId: 3, powerState: { isContextLost: true, stateId: 0 } },
    `01 00 00 00  asynchronous
     03 00 00 00  domain
     00 00 00 40  off`,
  ),
  vector(
    power.POWER_STATE_SET,
    "params",
    { flags: { async: false }, domainId: 0x10, powerState: { isContextLost: false, stateId: 0xfff_fffe } },
    `00 00 00 00  synchronous
     10 00 00 00  domain
     fe ff ff 0f  a state of the board, context preserved`,
  ),
  vector(power.POWER_STATE_GET, "params", { domainId: 5 }, "05 00 00 00  domain"),
  vector(
    power.POWER_STATE_GET,
    "returns",
    { powerState: { isContextLost: true, stateId: 1 } },
    "01 00 00 40  state 1, context lost",
  ),
  ...[power.POWER_STATE_NOTIFY, power.POWER_STATE_CHANGE_REQUESTED_NOTIFY].map((message) =>
    vector(
      message,
      "params",
      { domainId: 10, notifyEnable: { enable: true } },
      `0a 00 00 00  domain
       01 00 00 00  on`,
    )
  ),
  vector(power.POWER_DOMAIN_NAME_GET, "params", { domainId: 1 }, "01 00 00 00  domain"),
  vector(
    power.POWER_DOMAIN_NAME_GET,
    "returns",
    { flags: 0, name: "a power domain with a long name" },
    `00 00 00 00              flags
     61 20 70 6f 77 65 72 20  a power domain with a long name
     64 6f 6d 61 69 6e 20 77
     69 74 68 20 61 20 6c 6f
     6e 67 20 6e 61 6d 65 00
     00 00 00 00 00 00 00 00
     00 00 00 00 00 00 00 00
     00 00 00 00 00 00 00 00
     00 00 00 00 00 00 00 00`,
  ),
  ...[power.POWER_STATE_CHANGED, power.POWER_STATE_CHANGE_REQUESTED].map((message) =>
    vector(
      message,
      "payload",
      { agentId: 2, domainId: 8, powerState: { isContextLost: true, stateId: 0 } },
      `02 00 00 00  agent
       08 00 00 00  domain
       00 00 00 40  off`,
    )
  ),
  vector(system.SYSTEM_POWER_PROTOCOL_ATTRIBUTES, "returns", { attributes: 0 }, "00 00 00 00  attributes"),
  vector(
    system.SYSTEM_POWER_STATE_SET,
    "params",
    { flags: { graceful: true }, systemState: 1 },
    `01 00 00 00  graceful
     01 00 00 00  cold reset`,
  ),
  vector(system.SYSTEM_POWER_STATE_GET, "returns", { systemState: 0x8000_0001 }, "01 00 00 80  a state"),
  vector(
    system.SYSTEM_POWER_STATE_NOTIFY,
    "params",
    { notifyEnable: { enable: true } },
    "01 00 00 00  on",
  ),
  vector(
    system.SYSTEM_POWER_STATE_NOTIFIER_V1,
    "payload",
    { agentId: 2, flags: { graceful: true }, systemState: 0 },
    `02 00 00 00  agent
     01 00 00 00  graceful
     00 00 00 00  shutdown`,
  ),
  vector(
    system.SYSTEM_POWER_STATE_NOTIFIER,
    "payload",
    { agentId: 0, flags: { graceful: false }, systemState: 4, timeoutMs: 10_000 },
    `00 00 00 00  platform
     00 00 00 00  forceful
     04 00 00 00  suspend
     10 27 00 00  forced after 10 s`,
  ),
];
