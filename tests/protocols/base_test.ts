// Base protocol: what each command means. Refusals that follow from the declarations alone are in refusals_test.ts.
// Test names in parentheses are those of Arm's compliance suite that check the same.
import { assert, assertEquals } from "@std/assert";
import * as base from "../../protocols/base/messages.ts";
import {
  NEGOTIATE_PROTOCOL_VERSION,
  PROTOCOL_MESSAGE_ATTRIBUTES,
  PROTOCOL_VERSION,
} from "../../protocols/every_protocol.ts";
import { readFields } from "../../scp/core/codec.ts";
import { HEADER_SIZE } from "../../scp/core/header.ts";
import * as sensor from "../../protocols/sensor/messages.ts";
import {
  callOk,
  callStatus,
  connectAgent,
  createMachine,
  defaultSensors,
  encodeCommand,
} from "../support/platform.ts";

const BASE = 0x10;
const SENSOR = 0x15;
const SELF = base.AGENT_SELF;

Deno.test("PROTOCOL_VERSION of Base follows the release of the platform", async () => {
  const versions = {
    "1.0": 0x10000,
    "2.0": 0x20000,
    "3.0": 0x20000,
    "3.1": 0x20000,
    "3.2": 0x20001,
  } as const;
  for (const [release, version] of Object.entries(versions)) {
    const agent = connectAgent(createMachine({ release: release as keyof typeof versions }));
    assertEquals(await callOk(agent, BASE, PROTOCOL_VERSION, {}), { version }, release);
  }
});

Deno.test("PROTOCOL_ATTRIBUTES of Base counts protocols without Base and agents without the platform (b002)", async () => {
  const agent = connectAgent(createMachine());
  assertEquals(await callOk(agent, BASE, base.BASE_PROTOCOL_ATTRIBUTES, {}), {
    attributes: { protocolCount: 1, agentCount: 2 },
  });
});

Deno.test("PROTOCOL_MESSAGE_ATTRIBUTES tells which commands there are (b003, b004)", async () => {
  const agent = connectAgent(createMachine());
  for (const messageId of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0xa, 0xb, 0x10]) {
    assertEquals(await callOk(agent, BASE, PROTOCOL_MESSAGE_ATTRIBUTES, { messageId }), { attributes: 0 });
  }
  for (const messageId of [0xc, 0xf, 0x11, 0xff, 0x100, 0xffff_ffff]) {
    assertEquals(await callStatus(agent, BASE, PROTOCOL_MESSAGE_ATTRIBUTES, { messageId }), "NOT_FOUND");
  }
});

Deno.test("PROTOCOL_MESSAGE_ATTRIBUTES hides permissions from untrusted agents and notifications without P2A", async () => {
  const machine = createMachine();
  const untrusted = connectAgent(machine, "VM1");
  for (const messageId of [base.BASE_SET_DEVICE_PERMISSIONS.id, base.BASE_SET_PROTOCOL_PERMISSIONS.id]) {
    assertEquals(await callStatus(untrusted, BASE, PROTOCOL_MESSAGE_ATTRIBUTES, { messageId }), "NOT_FOUND");
  }
  const deaf = connectAgent(machine, "OSPM", { hasP2a: false });
  const { id } = base.BASE_NOTIFY_ERRORS;
  assertEquals(await callStatus(deaf, BASE, PROTOCOL_MESSAGE_ATTRIBUTES, { messageId: id }), "NOT_FOUND");
});

Deno.test("discovery tells vendor, sub-vendor and implementation version (b005 to b007)", async () => {
  const agent = connectAgent(createMachine());
  assertEquals(await callOk(agent, BASE, base.BASE_DISCOVER_VENDOR, {}), { vendor: "test" });
  assertEquals(await callOk(agent, BASE, base.BASE_DISCOVER_SUB_VENDOR, {}), { subVendor: "sub" });
  assertEquals(await callOk(agent, BASE, base.BASE_DISCOVER_IMPLEMENTATION_VERSION, {}), {
    version: 0x10203,
  });
});

Deno.test("BASE_DISCOVER_LIST_PROTOCOLS lists from `skip` on and refuses one beyond the end (b008)", async () => {
  const agent = connectAgent(createMachine());
  assertEquals(await callOk(agent, BASE, base.BASE_DISCOVER_LIST_PROTOCOLS, { skip: 0 }), {
    protocolCount: 1,
    protocols: Uint8Array.of(SENSOR, 0, 0, 0),
  });
  assertEquals(await callOk(agent, BASE, base.BASE_DISCOVER_LIST_PROTOCOLS, { skip: 1 }), {
    protocolCount: 0,
    protocols: new Uint8Array(0),
  });
  assertEquals(
    await callStatus(agent, BASE, base.BASE_DISCOVER_LIST_PROTOCOLS, { skip: 2 }),
    "INVALID_PARAMETERS",
  );
});

Deno.test("BASE_DISCOVER_LIST_PROTOCOLS says so when not one id fits", async () => {
  // Header, status and the count leave no room for a word of ids; an empty list would be a lie.
  const agent = connectAgent(createMachine(), "OSPM", { room: 12 });
  assertEquals(await callStatus(agent, BASE, base.BASE_DISCOVER_LIST_PROTOCOLS, { skip: 0 }), "COMMS_ERROR");
});

Deno.test("BASE_DISCOVER_AGENT names every agent and the caller, and no other (b009)", async () => {
  const agent = connectAgent(createMachine(), "VM1");
  const names = [];
  for (const agentId of [0, 1, 2, SELF]) {
    names.push(await callOk(agent, BASE, base.BASE_DISCOVER_AGENT, { agentId }));
  }
  assertEquals(names, [
    { agentId: 0, name: "platform" },
    { agentId: 1, name: "OSPM" },
    { agentId: 2, name: "VM1" },
    { agentId: 2, name: "VM1" },
  ]);
  assertEquals(await callStatus(agent, BASE, base.BASE_DISCOVER_AGENT, { agentId: 3 }), "NOT_FOUND");
});

Deno.test("BASE_DISCOVER_AGENT of version 1.0 answers with the name only and knows no caller", async () => {
  const agent = connectAgent(createMachine({ release: "1.0" }));
  assertEquals(await callOk(agent, BASE, base.BASE_DISCOVER_AGENT_V1, { agentId: 1 }), { name: "OSPM" });
  assertEquals(await callStatus(agent, BASE, base.BASE_DISCOVER_AGENT_V1, { agentId: SELF }), "NOT_FOUND");
});

Deno.test("BASE_ERROR_EVENT reports a command whose reply did not fit, to those who asked", async () => {
  const agent = connectAgent(createMachine(), "OSPM", { room: 16 });
  const failing = encodeCommand(BASE, base.BASE_DISCOVER_VENDOR, {}, 5);
  agent.loopback.send(failing);
  assertEquals(agent.heard.length, 0);
  await callOk(agent, BASE, base.BASE_NOTIFY_ERRORS, { notifyEnable: { enable: true } });
  agent.loopback.send(failing);
  assertEquals(agent.heard.length, 1);
  const message = agent.heard[0]!;
  const view = new DataView(message.buffer, message.byteOffset, message.length);
  assertEquals(readFields(base.BASE_ERROR_EVENT.payload, view, HEADER_SIZE, message.length), {
    agentId: 1,
    errorStatus: { fatal: false, reportCount: 1 },
    reports: [{ messageHeader: new DataView(failing.buffer).getUint32(0, true), status: 0xffff_fff9 }],
  });
});

const read = (sensorId: number) => ({ sensorId, flags: { async: false } });

Deno.test("a denied device takes the protocol away with its last resource, and gives it back (b012)", async () => {
  const agent = connectAgent(createMachine());
  const permit = (allow: boolean) =>
    callOk(agent, BASE, base.BASE_SET_DEVICE_PERMISSIONS, { agentId: 1, deviceId: 0, flags: { allow } });
  await permit(false);
  assertEquals(await callStatus(agent, SENSOR, PROTOCOL_VERSION, {}), "DENIED");
  assertEquals(await callStatus(agent, SENSOR, sensor.SENSOR_READING_GET, read(0)), "DENIED");
  await permit(true);
  assertEquals(await callStatus(agent, SENSOR, PROTOCOL_VERSION, {}), "SUCCESS");
  assertEquals(await callStatus(agent, SENSOR, sensor.SENSOR_READING_GET, read(0)), "SUCCESS");
});

Deno.test("a denied device denies its own resources only, and only to the agent named", async () => {
  const devices = [
    { name: "a", resources: { sensor: ["temp"] } },
    { name: "b", resources: { sensor: ["accel", "Vehicle.Exterior.AirTemperature"] } },
  ];
  const machine = createMachine({ devices });
  const [ospm, vm1] = [connectAgent(machine), connectAgent(machine, "VM1")];
  const flags = { allow: false };
  await callOk(ospm, BASE, base.BASE_SET_DEVICE_PERMISSIONS, { agentId: 2, deviceId: 0, flags });
  assertEquals(await callStatus(vm1, SENSOR, sensor.SENSOR_READING_GET, read(0)), "DENIED");
  assertEquals(await callStatus(vm1, SENSOR, sensor.SENSOR_READING_GET, read(1)), "SUCCESS");
  assertEquals(await callStatus(vm1, SENSOR, PROTOCOL_VERSION, {}), "SUCCESS");
  assertEquals(await callStatus(ospm, SENSOR, sensor.SENSOR_READING_GET, read(0)), "SUCCESS");
});

Deno.test("BASE_SET_PROTOCOL_PERMISSIONS denies one protocol, and Base never (b013, b014)", async () => {
  const agent = connectAgent(createMachine());
  const permit = (protocolId: number, allow: boolean) =>
    callStatus(agent, BASE, base.BASE_SET_PROTOCOL_PERMISSIONS, {
      agentId: 1,
      deviceId: 0,
      commandId: { protocolId },
      flags: { allow },
    });
  assertEquals(await permit(BASE, false), "NOT_FOUND");
  assertEquals(await permit(0x14, false), "NOT_FOUND");
  assertEquals(await permit(SENSOR, false), "SUCCESS");
  assertEquals(await callStatus(agent, SENSOR, PROTOCOL_VERSION, {}), "DENIED");
  assertEquals(await permit(SENSOR, true), "SUCCESS");
  assertEquals(await callStatus(agent, SENSOR, PROTOCOL_VERSION, {}), "SUCCESS");
});

Deno.test("permissions cannot be changed by untrusted agents, nor those of the platform or of a peer", async () => {
  const agents = [{ name: "A", isTrusted: true }, { name: "B", isTrusted: true }, {
    name: "C",
    isTrusted: false,
  }];
  const machine = createMachine({ agents });
  const change = (name: string, agentId: number) =>
    callStatus(connectAgent(machine, name), BASE, base.BASE_SET_DEVICE_PERMISSIONS, {
      agentId,
      deviceId: 0,
      flags: { allow: false },
    });
  assertEquals(await change("C", 3), "NOT_SUPPORTED");
  assertEquals(await change("A", 0), "NOT_FOUND");
  assertEquals(await change("A", 2), "DENIED");
  assertEquals(await change("A", 3), "SUCCESS");
});

Deno.test("a device of which an agent sees nothing is not found", async () => {
  const machine = createMachine({ devices: [{ name: "elsewhere", resources: { sensor: ["other"] } }] });
  const status = await callStatus(connectAgent(machine), BASE, base.BASE_SET_DEVICE_PERMISSIONS, {
    agentId: 1,
    deviceId: 0,
    flags: { allow: false },
  });
  assertEquals(status, "NOT_FOUND");
});

Deno.test("BASE_RESET_AGENT_CONFIGURATION is answered, restores what was set, and permissions if asked (b016)", async () => {
  const agent = connectAgent(createMachine());
  const reset = (agentId: number, resetPermissions: boolean) =>
    callStatus(agent, BASE, base.BASE_RESET_AGENT_CONFIGURATION, { agentId, flags: { resetPermissions } });
  await callOk(agent, BASE, base.BASE_SET_DEVICE_PERMISSIONS, {
    agentId: 1,
    deviceId: 0,
    flags: { allow: false },
  });
  assertEquals(await reset(1, false), "SUCCESS");
  assertEquals(await callStatus(agent, SENSOR, PROTOCOL_VERSION, {}), "DENIED");
  assertEquals(await reset(1, true), "SUCCESS");
  assertEquals(await callStatus(agent, SENSOR, PROTOCOL_VERSION, {}), "SUCCESS");
  assertEquals(await reset(0, true), "NOT_FOUND");
});

Deno.test("BASE_RESET_AGENT_CONFIGURATION turns sensors' settings and notifications of that agent back", async () => {
  const machine = createMachine({ sensors: defaultSensors() });
  const [ospm, vm1] = [connectAgent(machine), connectAgent(machine, "VM1")];
  const config = { intervalMantissa: 10, intervalExponent: -3, rounding: 2, timestamps: true, enabled: true };
  await callOk(vm1, SENSOR, sensor.SENSOR_CONFIG_SET, { sensorId: 0, config });
  await callOk(vm1, SENSOR, sensor.SENSOR_CONTINUOUS_UPDATE_NOTIFY, {
    sensorId: 0,
    notifyEnable: { enable: true },
  });
  machine.step(25_000);
  assertEquals(vm1.heard.length, 2);
  const reset = { agentId: 2, flags: { resetPermissions: false } };
  assertEquals(await callStatus(ospm, BASE, base.BASE_RESET_AGENT_CONFIGURATION, reset), "SUCCESS");
  machine.step(200_000);
  assertEquals(vm1.heard.length, 2);
  const after = await callOk(vm1, SENSOR, sensor.SENSOR_CONFIG_GET, { sensorId: 0 });
  assertEquals(after.config, {
    intervalMantissa: 100,
    intervalExponent: -3,
    timestamps: false,
    enabled: true,
  });
});

Deno.test("an untrusted agent may reset itself and nobody else", async () => {
  const agent = connectAgent(createMachine(), "VM1");
  const reset = (agentId: number) =>
    callStatus(agent, BASE, base.BASE_RESET_AGENT_CONFIGURATION, {
      agentId,
      flags: { resetPermissions: false },
    });
  assertEquals(await reset(2), "SUCCESS");
  assertEquals(await reset(1), "DENIED");
});

Deno.test("NEGOTIATE_PROTOCOL_VERSION puts another layout in force for this channel, back and forth", async () => {
  const machine = createMachine();
  const [agent, other] = [connectAgent(machine), connectAgent(machine, "VM1")];
  const negotiate = (version: number) => callStatus(agent, BASE, NEGOTIATE_PROTOCOL_VERSION, { version });
  assertEquals(await negotiate(0x10000), "SUCCESS");
  assertEquals(await callOk(agent, BASE, base.BASE_DISCOVER_AGENT_V1, { agentId: 1 }), { name: "OSPM" });
  assertEquals((await callOk(agent, BASE, PROTOCOL_VERSION, {})).version, 0x20001);
  assertEquals((await callOk(other, BASE, base.BASE_DISCOVER_AGENT, { agentId: 1 })).agentId, 1);
  for (const version of [0x30000, 0x20002, 0, 0xffff_ffff]) {
    assertEquals(await negotiate(version), "NOT_SUPPORTED");
  }
  assertEquals(await callOk(agent, BASE, base.BASE_DISCOVER_AGENT_V1, { agentId: 1 }), { name: "OSPM" });
  assertEquals(await negotiate(0x20001), "SUCCESS");
  assertEquals((await callOk(agent, BASE, base.BASE_DISCOVER_AGENT, { agentId: 1 })).agentId, 1);
});

Deno.test("negotiation is absent from a platform of an older release", async () => {
  const agent = connectAgent(createMachine({ release: "3.1" }));
  assertEquals(await callStatus(agent, BASE, NEGOTIATE_PROTOCOL_VERSION, { version: 0x20000 }), "NOT_FOUND");
  assert((await callStatus(agent, BASE, PROTOCOL_MESSAGE_ATTRIBUTES, { messageId: 0x10 })) === "NOT_FOUND");
});
