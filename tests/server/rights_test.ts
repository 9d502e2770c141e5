// What a view lets an agent do, on the wire: commands that take control are denied where it may only read, what it is told is
// true for it, and permissions never give more than the view.
import { assertEquals } from "@std/assert";
import type { AgentInput } from "../../boards/agent.ts";
import { defineBoard } from "../../boards/board.ts";
import type { ForeignAnswer, ViewInput } from "../../boards/view.ts";
import * as base from "../../protocols/base/messages.ts";
import * as clock from "../../protocols/clock/messages.ts";
import { NEGOTIATE_PROTOCOL_VERSION, PROTOCOL_MESSAGE_ATTRIBUTES } from "../../protocols/every_protocol.ts";
import * as performance from "../../protocols/performance/messages.ts";
import * as pin from "../../protocols/pin_control/messages.ts";
import * as power from "../../protocols/power/messages.ts";
import * as powercap from "../../protocols/powercap/messages.ts";
import * as powercapV3 from "../../protocols/powercap/messages_v3.ts";
import { PROTOCOL_MESSAGES, PROTOCOLS } from "../../protocols/registry.ts";
import type { Release } from "../../protocols/protocol.ts";
import * as reset from "../../protocols/reset/messages.ts";
import * as sensor from "../../protocols/sensor/messages.ts";
import * as system from "../../protocols/system_power/messages.ts";
import { createPlatform } from "../../scp/control/platform.ts";
import { packHeader } from "../../scp/core/header.ts";
import { type CommandSchema, fixedSizeOf } from "../../scp/core/schema.ts";
import { statusName } from "../../scp/core/status.ts";
import { callOk, callStatus, connectAgent, statusOfBytes, type TestAgent } from "../support/platform.ts";
import { VIEWED_BOARD } from "../support/viewed_board.ts";

const [BASE, POWER, SYSTEM, PERFORMANCE, CLOCK, SENSOR, RESET, POWERCAP, PIN] = [
  0x10,
  0x11,
  0x12,
  0x13,
  0x14,
  0x15,
  0x16,
  0x18,
  0x19,
] as const;

interface Setup {
  readonly release?: Release;
  readonly foreignIds?: ForeignAnswer;
  /** Further agents than the one with the view; they see everything. */
  readonly others?: readonly AgentInput[];
  readonly isTrusted?: boolean;
}

/** An agent `A` with this view, on the board with some of everything, and agents beside it. */
function setup(
  view: ViewInput,
  { release = "3.2", foreignIds = "NOT_FOUND", others = [], isTrusted = false }: Setup = {},
) {
  const board = defineBoard({
    ...VIEWED_BOARD,
    foreignIds,
    agents: [{ name: "A", kind: "OSPM", isTrusted, view }, ...others],
    devices: [
      { name: "clocks", resources: { clock: ["crystal", "bus"] } },
      { name: "pins", resources: { pin: ["p0"] } },
      { name: "reset", resources: { resetDomain: ["slow"] } },
    ],
  });
  const platform = createPlatform(board, { release });
  return {
    ...platform,
    agent: connectAgent(platform.machine, "A"),
    of: (name: string) => connectAgent(platform.machine, name),
  };
}

const MANAGER: AgentInput = { name: "M", kind: "OSPM", isTrusted: true, view: { "*": "control" } };

/** A command of zeros: the first resource of each kind, nothing else. Returns its status. */
function statusOfZeros(agent: TestAgent, protocolId: number, schema: CommandSchema): string {
  const bytes = new Uint8Array(4 + fixedSizeOf(schema.params));
  new DataView(bytes.buffer).setUint32(0, packHeader(protocolId, schema.id, 0, 0), true);
  return statusName(statusOfBytes(agent, bytes)!)!;
}

/** Every command that a release has, of protocols about hardware that views name, and of Base. */
function commandsOf(release: Release): [number, CommandSchema][] {
  return PROTOCOLS.flatMap(({ id, releases, resource }) => {
    if (resource === null && id !== BASE) return [];
    const version = releases[release];
    const { commands } = PROTOCOL_MESSAGES.find((each) => each.id === id)!;
    return commands.filter(({ since, until }) => version !== null && since <= version && version <= until)
      .map((schema): [number, CommandSchema] => [id, schema]);
  });
}

/** What an agent may set is what these tell. */
const TELLS_RIGHTS: ReadonlySet<string> = new Set(["CLOCK_GET_PERMISSIONS", "POWERCAP_CPC_ATTRIBUTES"]);

for (const release of ["1.0", "3.2", "4.0-draft"] as const) {
  Deno.test(`commands of release ${release} that take control are denied to who may read; others are answered alike`, () => {
    const controls: string[] = [];
    for (const [protocolId, schema] of commandsOf(release)) {
      if (TELLS_RIGHTS.has(schema.name)) continue;
      // Each on fresh hardware, so that no command has an influence on another.
      const status = (view: ViewInput) => statusOfZeros(setup(view, { release }).agent, protocolId, schema);
      const whenRead = status({ "*": "read" });
      if (schema.access === "control") {
        controls.push(schema.name);
        assertEquals(whenRead, "DENIED", schema.name);
        // Nothing is exclusive to anybody else: the right is that of control.
        assertEquals(status({ "*": "exclusive" }), status({ "*": "control" }), schema.name);
      } else assertEquals(whenRead, status({ "*": "control" }), schema.name);
    }
    assertEquals(controls.length, { "1.0": 6, "3.2": 15, "4.0-draft": 16 }[release]);
  });
}

Deno.test("a command for what may only be read is judged in the order of all commands", () => {
  const { agent } = setup({ clock: { bus: "read" } });
  const judge = (words: readonly number[]) => {
    const bytes = new Uint8Array(4 + 4 * words.length);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, packHeader(CLOCK, clock.CLOCK_RATE_SET.id, 0, 0), true);
    words.forEach((word, i) => view.setUint32(4 + 4 * i, word, true));
    return statusName(statusOfBytes(agent, bytes)!);
  };
  assertEquals(judge([0, 0, 1000]), "PROTOCOL_ERROR");
  assertEquals(judge([0, 1, 1000, 0]), "NOT_FOUND");
  assertEquals(judge([0xffff_ffff, 0, 1000, 0]), "DENIED");
});

Deno.test("a parent that may only be read can be chosen by who controls the clock", async () => {
  const { agent } = setup({ clock: { a_clock_with_a_long_name: "control", bus: "read", crystal: "read" } });
  assertEquals(
    await callStatus(agent, CLOCK, clock.CLOCK_PARENT_SET, { clockId: 0, parentId: 1 }),
    "SUCCESS",
  );
  assertEquals(await callStatus(agent, CLOCK, clock.CLOCK_PARENT_SET, { clockId: 1, parentId: 0 }), "DENIED");
  assertEquals((await callOk(agent, CLOCK, clock.CLOCK_PARENT_GET, { clockId: 0 })).parentId, 1);
});

Deno.test("a parent that the agent does not see is told as none", async () => {
  const { agent } = setup({ clock: { a_clock_with_a_long_name: "control", bus: "read" } });
  const list = await callOk(agent, CLOCK, clock.CLOCK_POSSIBLE_PARENTS_GET, { clockId: 0, skip: 0 });
  assertEquals(list.parents, [{ clockId: 1 }]);
  assertEquals(await callStatus(agent, CLOCK, clock.CLOCK_PARENT_GET, { clockId: 0 }), "DENIED");
  const alone = setup({ clock: { a_clock_with_a_long_name: "control" } }).agent;
  assertEquals(
    await callStatus(alone, CLOCK, clock.CLOCK_POSSIBLE_PARENTS_GET, { clockId: 0, skip: 0 }),
    "NOT_SUPPORTED",
  );
  assertEquals(await callStatus(alone, CLOCK, clock.CLOCK_PARENT_GET, { clockId: 0 }), "NOT_SUPPORTED");
  const { attributes } = await callOk(alone, CLOCK, clock.CLOCK_ATTRIBUTES, { clockId: 0 });
  assertEquals(attributes.hasParents, false);
});

Deno.test("ids beyond a view do not exist, or are denied as far as the board has such resources", async () => {
  const view = { clock: { bus: "control" } } as const;
  const status = (foreignIds: ForeignAnswer, clockId: number) =>
    callStatus(setup(view, { foreignIds }).agent, CLOCK, clock.CLOCK_RATE_GET, { clockId });
  assertEquals(await Promise.all([0, 1, 2, 3].map((id) => status("NOT_FOUND", id))), [
    "SUCCESS",
    "NOT_FOUND",
    "NOT_FOUND",
    "NOT_FOUND",
  ]);
  assertEquals(await Promise.all([0, 1, 2, 3].map((id) => status("DENIED", id))), [
    "SUCCESS",
    "DENIED",
    "DENIED",
    "NOT_FOUND",
  ]);
  const { agent } = setup(view, { foreignIds: "DENIED" });
  const { attributes } = await callOk(agent, CLOCK, clock.CLOCK_PROTOCOL_ATTRIBUTES, {});
  assertEquals(attributes.clockCount, 1);
});

Deno.test("commands that a view does not leave to an agent are denied, and told as not there", async () => {
  const { agent } = setup({ "*": "control", commands: { clock: ["CLOCK_*_GET", "CLOCK_ATTRIBUTES"] } });
  assertEquals(await callStatus(agent, CLOCK, clock.CLOCK_RATE_GET, { clockId: 0 }), "SUCCESS");
  assertEquals(statusOfZeros(agent, CLOCK, clock.CLOCK_RATE_SET), "DENIED");
  assertEquals(statusOfZeros(agent, CLOCK, clock.CLOCK_DESCRIBE_RATES), "DENIED");
  const attributes = (messageId: number) =>
    callStatus(agent, CLOCK, PROTOCOL_MESSAGE_ATTRIBUTES, { messageId });
  assertEquals(await attributes(clock.CLOCK_RATE_GET.id), "SUCCESS");
  assertEquals(await attributes(clock.CLOCK_RATE_SET.id), "NOT_FOUND");
  // What tells what there is stays, and so do other protocols.
  assertEquals(await callStatus(agent, CLOCK, clock.CLOCK_PROTOCOL_ATTRIBUTES, {}), "SUCCESS");
  assertEquals(await callStatus(agent, CLOCK, NEGOTIATE_PROTOCOL_VERSION, { version: 0x20000 }), "SUCCESS");
  assertEquals(await callStatus(agent, POWER, power.POWER_STATE_GET, { domainId: 0 }), "SUCCESS");
  // A message of another size is none, whoever may send it.
  assertEquals(statusOfBytes(agent, Uint8Array.of(5, 0x50, 0, 0)), -10);
});

Deno.test("PSCI of rcar may describe performance levels, and nothing else of performance", async () => {
  const { agent } = setup({
    performanceDomain: "read",
    commands: { performance: ["PERFORMANCE_DESCRIBE_LEVELS"] },
  });
  assertEquals(
    await callStatus(agent, PERFORMANCE, performance.PERFORMANCE_DESCRIBE_LEVELS, { domainId: 0, skip: 0 }),
    "SUCCESS",
  );
  assertEquals(statusOfZeros(agent, PERFORMANCE, performance.PERFORMANCE_LEVEL_GET), "DENIED");
  assertEquals(
    await callStatus(agent, SENSOR, sensor.SENSOR_READING_GET, { sensorId: 0, flags: { async: false } }),
    "NOT_SUPPORTED",
  );
});

/** What the attributes of the first resource of each kind say that an agent may set. */
async function settable(agent: TestAgent) {
  const of = async (protocolId: number, schema: CommandSchema, params: object) => {
    const told: object = await callOk(agent, protocolId, schema, params as never);
    return (told as { attributes: Record<string, unknown> }).attributes;
  };
  const [clocks, powers, levels, caps, transitions] = await Promise.all([
    of(CLOCK, clock.CLOCK_ATTRIBUTES, { clockId: 0 }),
    of(POWER, power.POWER_DOMAIN_ATTRIBUTES, { domainId: 0 }),
    of(PERFORMANCE, performance.PERFORMANCE_DOMAIN_ATTRIBUTES, { domainId: 0 }),
    of(POWERCAP, powercap.POWERCAP_DOMAIN_ATTRIBUTES, { domainId: 0 }),
    callOk(agent, SYSTEM, PROTOCOL_MESSAGE_ATTRIBUTES, { messageId: system.SYSTEM_POWER_STATE_SET.id }),
  ]);
  return {
    isRestricted: clocks.isRestricted,
    power: [powers.supportsSync, powers.supportsAsync],
    performance: [levels.maySetLevel, levels.maySetLimits],
    powercap: [caps.isCapConfigurable, caps.isAveragingConfigurable],
    system: transitions.attributes,
  };
}

Deno.test("attributes tell what the agent may set, by its view", async () => {
  assertEquals(await settable(setup({ "*": "control" }, { isTrusted: true }).agent), {
    isRestricted: false,
    power: [true, true],
    performance: [true, true],
    powercap: [true, true],
    system: 0x8000_0000,
  });
  assertEquals(await settable(setup({ "*": "read" }, { isTrusted: true }).agent), {
    isRestricted: true,
    power: [false, false],
    performance: [false, false],
    powercap: [false, false],
    system: 0,
  });
});

Deno.test("CLOCK_GET_PERMISSIONS joins the view, its commands and the rights of the board", async () => {
  const permissions = async (view: ViewInput) => {
    const { agent } = setup(view);
    const result = await agent.client.call(CLOCK, clock.CLOCK_GET_PERMISSIONS, { clockId: 0 });
    return result.ok ? result.values.permissions : result.status;
  };
  assertEquals(await permissions({ clock: "control" }), "NOT_SUPPORTED");
  assertEquals(await permissions({ clock: "read" }), { state: false, rate: false, parent: false });
  assertEquals(
    await permissions({ clock: "control", commands: { clock: ["CLOCK_CONFIG_SET", "CLOCK_GET*"] } }),
    {
      state: true,
      rate: false,
      parent: false,
    },
  );
});

Deno.test("a power cap that may only be read tells no range, as Linux wants of one that cannot be set", async () => {
  const { agent } = setup({ powercapDomain: "read" });
  const told = await callOk(agent, POWERCAP, powercap.POWERCAP_DOMAIN_ATTRIBUTES, { domainId: 0 });
  assertEquals([told.powerCapMin, told.powerCapMax, told.powerCapStep], [4000, 4000, 0]);
  assertEquals(told.averagingMinUs, told.averagingMaxUs);
  const draft = setup({ powercapDomain: "read" }, { release: "4.0-draft" }).agent;
  const { attributes } = await callOk(draft, POWERCAP, powercapV3.POWERCAP_DOMAIN_ATTRIBUTES_V3, {
    domainId: 0,
  });
  assertEquals([attributes.limitCount, attributes.isMeasuringConfigurable], [0, false]);
});

Deno.test("trip points, notifications and the configuration of sensors are the agent's own: reading suffices", async () => {
  const { agent } = setup({ sensor: "read", powerDomain: "read" });
  const sensorId = 0;
  const eventControl = { tripPointId: 0, direction: 1 };
  assertEquals(
    await callStatus(agent, SENSOR, sensor.SENSOR_TRIP_POINT_CONFIG, { sensorId, eventControl, value: 5n }),
    "SUCCESS",
  );
  assertEquals(
    await callStatus(agent, SENSOR, sensor.SENSOR_CONTINUOUS_UPDATE_NOTIFY, {
      sensorId,
      notifyEnable: { enable: true },
    }),
    "SUCCESS",
  );
  assertEquals(
    await callStatus(agent, POWER, power.POWER_STATE_NOTIFY, { domainId: 0, notifyEnable: { enable: true } }),
    "SUCCESS",
  );
});

Deno.test("a group of pins is out of hand where one of its pins is", async () => {
  const request = (agent: TestAgent) =>
    callStatus(agent, PIN, pin.PINCTRL_REQUEST, { identifier: 0, flags: { selector: 1 } });
  // The validator complains of such boards; whoever uses one all the same gets no more than it says.
  assertEquals(
    await request(setup({ pinGroup: { g01: "control" }, pin: { p0: "control", p1: "read" } }).agent),
    "DENIED",
  );
  assertEquals(
    await request(setup({ pinGroup: { g01: "control" }, pin: { p0: "control" } }).agent),
    "DENIED",
  );
  assertEquals(
    await request(setup({ pinGroup: { g01: "control" }, pin: { p0: "control", p1: "control" } }).agent),
    "SUCCESS",
  );
});

const DEVICE = { clocks: 0, pins: 1, reset: 2 } as const;

function permit(agent: TestAgent, agentId: number, deviceId: number, allow: boolean): Promise<string> {
  return callStatus(agent, BASE, base.BASE_SET_DEVICE_PERMISSIONS, { agentId, deviceId, flags: { allow } });
}

Deno.test("permissions take away from a view and give back, never more", async () => {
  const { agent, of } = setup({ clock: { bus: "read", crystal: "control" } }, { others: [MANAGER] });
  const manager = of("M");
  const statuses = async () => [
    await callStatus(agent, CLOCK, clock.CLOCK_RATE_GET, { clockId: 0 }),
    statusOfZeros(agent, CLOCK, clock.CLOCK_RATE_SET),
    await callStatus(agent, CLOCK, clock.CLOCK_CONFIG_GET, { clockId: 1, flags: { extendedType: 0 } }),
    await callStatus(agent, CLOCK, clock.CLOCK_RATE_GET, { clockId: 2 }),
  ];
  const atFirst = ["SUCCESS", "DENIED", "SUCCESS", "NOT_FOUND"];
  assertEquals(await statuses(), atFirst);
  assertEquals(await permit(manager, 1, DEVICE.clocks, true), "SUCCESS");
  assertEquals(await statuses(), atFirst);
  assertEquals(await permit(manager, 1, DEVICE.clocks, false), "SUCCESS");
  // Everything of the protocol is denied, and with it the protocol.
  assertEquals(await statuses(), ["DENIED", "DENIED", "DENIED", "DENIED"]);
  assertEquals(await permit(manager, 1, DEVICE.clocks, true), "SUCCESS");
  assertEquals(await statuses(), atFirst);
  assertEquals(await permit(manager, 1, DEVICE.clocks, false), "SUCCESS");
  const reset = { agentId: 1, flags: { resetPermissions: true } };
  assertEquals(await callStatus(manager, BASE, base.BASE_RESET_AGENT_CONFIGURATION, reset), "SUCCESS");
  assertEquals(await statuses(), atFirst);
});

Deno.test("no permission shows an agent a device of which its view has nothing", async () => {
  const { agent, of } = setup({ clock: "read" }, { others: [MANAGER] });
  const manager = of("M");
  assertEquals(await permit(manager, 1, DEVICE.reset, true), "NOT_FOUND");
  assertEquals(await permit(manager, 1, DEVICE.pins, true), "NOT_FOUND");
  assertEquals(statusOfZeros(agent, RESET, reset.RESET), "NOT_SUPPORTED");
  const onePin = { agentId: 1, identifier: 0, flags: { selector: 0, allow: true } };
  assertEquals(await callStatus(manager, PIN, pin.PINCTRL_SET_PERMISSIONS, onePin), "NOT_FOUND");
});

Deno.test("an agent raises its rights neither by its own permissions nor by a reset of itself", async () => {
  for (const isTrusted of [true, false]) {
    const { agent } = setup({ clock: "read", pin: "read" }, { isTrusted, others: [MANAGER] });
    const own = await permit(agent, 1, DEVICE.clocks, true);
    assertEquals(own, isTrusted ? "SUCCESS" : "NOT_SUPPORTED");
    const flags = { resetPermissions: true };
    assertEquals(
      await callStatus(agent, BASE, base.BASE_RESET_AGENT_CONFIGURATION, { agentId: 1, flags }),
      "SUCCESS",
    );
    const pinOne = { agentId: 1, identifier: 0, flags: { selector: 0, allow: true } };
    await callStatus(agent, PIN, pin.PINCTRL_SET_PERMISSIONS, pinOne);
    assertEquals(statusOfZeros(agent, CLOCK, clock.CLOCK_RATE_SET), "DENIED");
    assertEquals(statusOfZeros(agent, PIN, pin.PINCTRL_REQUEST), "DENIED");
    // Nor those of others, or it would be as much as having theirs.
    assertEquals(await permit(agent, 2, DEVICE.clocks, false), isTrusted ? "DENIED" : "NOT_SUPPORTED");
  }
});

Deno.test("attributes tell no more of setting what was denied and given back", async () => {
  const { agent, of } = setup({ "*": "control", clock: "read" }, { others: [MANAGER] });
  const before = await settable(agent);
  for (const allow of [false, true]) assertEquals(await permit(of("M"), 1, DEVICE.clocks, allow), "SUCCESS");
  assertEquals(await settable(agent), before);
});
