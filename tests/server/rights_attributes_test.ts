// What attributes of resources tell an agent whose view leaves it no command for it: nothing that it could not ask for.
import { assertEquals } from "@std/assert";
import { defineBoard } from "../../boards/board.ts";
import type { ViewInput } from "../../boards/view.ts";
import * as clock from "../../protocols/clock/messages.ts";
import * as performance from "../../protocols/performance/messages.ts";
import * as power from "../../protocols/power/messages.ts";
import * as powercap from "../../protocols/powercap/messages.ts";
import * as powercapV3 from "../../protocols/powercap/messages_v3.ts";
import type { Release } from "../../protocols/protocol.ts";
import * as reset from "../../protocols/reset/messages.ts";
import * as sensor from "../../protocols/sensor/messages.ts";
import { createPlatform } from "../../scp/control/platform.ts";
import type { CommandSchema } from "../../scp/core/schema.ts";
import { callOk, connectAgent } from "../support/platform.ts";
import { VIEWED_BOARD } from "../support/viewed_board.ts";

function connect(view: ViewInput, release: Release) {
  const board = defineBoard({
    ...VIEWED_BOARD,
    clocks: VIEWED_BOARD.clocks.map((each) => ({ ...each, notifiesRate: true, notifiesRequests: true })),
    resetDomains: VIEWED_BOARD.resetDomains.map((each) => ({ ...each, notifies: true })),
    agents: [{ name: "A", kind: "OSPM", view }],
    devices: [],
  });
  return connectAgent(createPlatform(board, { release }).machine, "A");
}

/** What commands return here. */
interface Told {
  readonly attributes: Readonly<Record<string, boolean | number>>;
  readonly descriptors: readonly { readonly attributesLow: Told["attributes"] }[];
}

/** What an agent is told of a resource of each kind that hangs on a command. */
async function toldTo(view: ViewInput, release: Release = "3.2") {
  const agent = connect(view, release);
  const of = async (protocolId: number, schema: CommandSchema, params: object) => {
    const told: unknown = await callOk(agent, protocolId, schema, params as never);
    return told as Told;
  };
  const [ofPower, ofPerformance, ofClock, ofReset, ofPowercap] = [
    (await of(0x11, power.POWER_DOMAIN_ATTRIBUTES, { domainId: 0 })).attributes,
    (await of(0x13, performance.PERFORMANCE_DOMAIN_ATTRIBUTES, { domainId: 0 })).attributes,
    (await of(0x14, clock.CLOCK_ATTRIBUTES, { clockId: 1 })).attributes,
    (await of(0x16, reset.RESET_DOMAIN_ATTRIBUTES, { domainId: 1 })).attributes,
    (await of(0x18, powercap.POWERCAP_DOMAIN_ATTRIBUTES, { domainId: 0 })).attributes,
  ];
  const { attributesLow } = (await of(0x15, sensor.SENSOR_DESCRIPTION_GET, { index: 0 })).descriptors[1]!;
  return {
    power: [ofPower.notifiesChanges, ofPower.notifiesRequests],
    performance: [ofPerformance.notifiesLimits, ofPerformance.notifiesLevel],
    clock: [ofClock.notifiesRate, ofClock.notifiesRequests],
    reset: [ofReset.notifies, ofReset.supportsAsync],
    powercap: [ofPowercap.notifiesCap, ofPowercap.notifiesPower, ofPowercap.supportsAsync],
    sensor: [
      attributesLow.supportsAsync,
      attributesLow.supportsContinuousUpdate,
      attributesLow.tripPointCount,
    ],
  };
}

const TELLING = {
  power: ["POWER_DOMAIN_ATTRIBUTES"],
  performance: ["PERFORMANCE_DOMAIN_ATTRIBUTES"],
  clock: ["CLOCK_ATTRIBUTES"],
  sensor: ["SENSOR_DESCRIPTION_GET"],
  reset: ["RESET_DOMAIN_ATTRIBUTES"],
  powercap: ["POWERCAP_DOMAIN_ATTRIBUTES"],
};

/** The commands that what is told hangs on, in the same order. */
const HANGS_ON = {
  power: ["POWER_STATE_NOTIFY", "POWER_STATE_CHANGE_REQUESTED_NOTIFY"],
  performance: ["PERFORMANCE_NOTIFY_LIMITS", "PERFORMANCE_NOTIFY_LEVEL"],
  clock: ["CLOCK_RATE_NOTIFY", "CLOCK_RATE_CHANGE_REQUESTED_NOTIFY"],
  reset: ["RESET_NOTIFY", "RESET"],
  powercap: ["POWERCAP_CAP_NOTIFY", "POWERCAP_MEASUREMENTS_NOTIFY", "POWERCAP_CAP_SET"],
  sensor: ["SENSOR_READING_GET", "SENSOR_CONTINUOUS_UPDATE_NOTIFY", "SENSOR_TRIP_POINT_CONFIG"],
} as const;

Deno.test("attributes tell of notifications and delayed responses exactly while the view leaves the command for them", async () => {
  const all = await toldTo({ "*": "control" });
  const none = await toldTo({ "*": "control", commands: TELLING });
  for (
    const [protocol, commands] of Object.entries(HANGS_ON) as [keyof typeof HANGS_ON, readonly string[]][]
  ) {
    assertEquals(none[protocol].some(Boolean), false, `${protocol}: nothing`);
    for (const [place, command] of commands.entries()) {
      const view: ViewInput = {
        "*": "control",
        commands: { ...TELLING, [protocol]: [...TELLING[protocol], command] },
      };
      const told = (await toldTo(view))[protocol];
      const expected = none[protocol].map((value, i) => i === place ? all[protocol][i] : value);
      assertEquals(told, expected, command);
    }
  }
  assertEquals(all, {
    power: [true, true],
    performance: [true, true],
    clock: [true, true],
    reset: [true, true],
    powercap: [true, true, true],
    sensor: [true, true, 2],
  });
});

Deno.test("POWERCAP_CPC_ATTRIBUTES tells of no interval that the view does not let the agent set", async () => {
  const limitsOf = async (commands: readonly string[]) => {
    const view: ViewInput = { powercapDomain: "control", commands: { powercap: commands } };
    const told = await callOk(connect(view, "4.0-draft"), 0x18, powercapV3.POWERCAP_CPC_ATTRIBUTES, {
      domainId: 0,
      index: 0,
    });
    return told.limits.map(({ averagingMinUs, averagingMaxUs }) => averagingMinUs < averagingMaxUs);
  };
  const telling = ["POWERCAP_CPC_ATTRIBUTES", "POWERCAP_CAP_SET"];
  assertEquals((await limitsOf([...telling, "POWERCAP_CAI_SET"])).includes(true), true);
  assertEquals((await limitsOf(telling)).includes(true), false);
});
