// Pin control protocol: who has which pins, what ends that, and permissions for single pins, groups and functions.
import { assertEquals } from "@std/assert";
import {
  BASE_RESET_AGENT_CONFIGURATION,
  BASE_SET_DEVICE_PERMISSIONS,
} from "../../protocols/base/messages.ts";
import { PROTOCOL_MESSAGE_ATTRIBUTES } from "../../protocols/every_protocol.ts";
import * as pin from "../../protocols/pin_control/messages.ts";
import { pinControlProtocol } from "../../protocols/pin_control/handlers.ts";
import { baseProtocol } from "../../protocols/base/handlers.ts";
import type { ProtocolDefinition } from "../../protocols/protocol.ts";
import { PLAIN_MEDIATION as mediation } from "../../boards/mediation.ts";
import { NO_HARDWARE } from "../../scp/model/hardware.ts";
import { Machine } from "../../scp/server/machine.ts";
import { callStatus, connectAgent } from "../support/platform.ts";
import {
  createPins,
  FUNCTION,
  GROUP,
  PIN,
  PIN_CONTROL,
  PinAgent,
  pinPlatform,
  viewOfPins,
} from "../support/pins.ts";

const BASE = 0x10;
const DATA = 0;
const FLOW = 1;
const MIDDLE = 2;
const WIDE = 4;
const UART = 0;
const I2C = 1;
const VM1 = 2;

/** The pins with OSPM, which is trusted, and VM1, which is not. */
function setup() {
  const { control, machine } = pinPlatform({
    devices: [
      { name: "p1 alone", resources: { pin: ["p1"] } },
      { name: "group and function", resources: { pinGroup: ["flow"], pinFunction: ["i2c"] } },
    ],
  });
  return { control, machine, ospm: new PinAgent(machine), vm1: new PinAgent(machine, "VM1") };
}

function permitDevice(agent: PinAgent, deviceId: number, allow: boolean): Promise<string> {
  const params = { agentId: VM1, deviceId, flags: { allow } };
  return callStatus(agent.agent, BASE, BASE_SET_DEVICE_PERMISSIONS, params);
}

Deno.test("PINCTRL_REQUEST gives a pin to one agent; others get IN_USE for all that would change it", async () => {
  const { ospm, vm1 } = setup();
  assertEquals(await vm1.request(PIN, 1), "SUCCESS");
  assertEquals(await vm1.request(PIN, 1), "SUCCESS", "it has it already");
  assertEquals(await ospm.request(PIN, 1), "IN_USE");
  assertEquals(await ospm.release(PIN, 1), "IN_USE");
  assertEquals(await ospm.configure(PIN, 1, [4, 1]), "IN_USE");
  assertEquals(await ospm.select(GROUP, DATA, UART), "IN_USE", "the group has the pin");
  assertEquals(await ospm.configure(GROUP, MIDDLE, [4, 1]), "IN_USE");
  assertEquals(await ospm.request(GROUP, MIDDLE), "IN_USE");
  assertEquals(await ospm.request(PIN, 0), "SUCCESS");
  assertEquals(await ospm.valueOf(PIN, 1, 4), 0, "reading is free");
  assertEquals(await vm1.configure(PIN, 1, [4, 1]), "SUCCESS");
  assertEquals(await vm1.release(PIN, 1), "SUCCESS");
  assertEquals(await ospm.request(PIN, 1), "SUCCESS");
});

Deno.test("PINCTRL_REQUEST of a group gives all of its pins", async () => {
  const { ospm, vm1 } = setup();
  assertEquals(await vm1.request(GROUP, DATA), "SUCCESS");
  assertEquals([await ospm.request(PIN, 0), await ospm.request(PIN, 1)], ["IN_USE", "IN_USE"]);
  assertEquals(await ospm.request(PIN, 2), "SUCCESS");
  assertEquals(await ospm.request(GROUP, MIDDLE), "IN_USE");
  assertEquals(await vm1.request(GROUP, MIDDLE), "IN_USE", "p2 is taken");
  assertEquals(await vm1.select(GROUP, DATA, I2C), "SUCCESS");
  assertEquals(await vm1.configure(PIN, 0, [4, 1]), "SUCCESS");
});

Deno.test("PINCTRL_RELEASE gives back, and a pin of a group with the group only", async () => {
  const { ospm, vm1 } = setup();
  assertEquals(await ospm.release(PIN, 0), "SUCCESS", "it is free already");
  assertEquals(await ospm.release(GROUP, DATA), "SUCCESS");
  await vm1.request(GROUP, DATA);
  assertEquals(await vm1.release(PIN, 0), "DENIED");
  assertEquals(await ospm.release(GROUP, DATA), "IN_USE");
  assertEquals(await ospm.release(GROUP, MIDDLE), "IN_USE", "one of its pins is another's");
  assertEquals(await vm1.release(GROUP, DATA), "SUCCESS");
  assertEquals(await ospm.request(GROUP, DATA), "SUCCESS");
});

Deno.test("PINCTRL_RELEASE leaves function and configuration as they are", async () => {
  const { ospm, vm1 } = setup();
  await vm1.request(GROUP, MIDDLE);
  await vm1.selectAndConfigure(GROUP, MIDDLE, I2C, [10, 6]);
  await vm1.release(GROUP, MIDDLE);
  assertEquals([await ospm.functionOf(GROUP, MIDDLE), await ospm.valueOf(GROUP, MIDDLE, 10)], [I2C, 6]);
});

Deno.test("pins that an agent took are free again when its channel is reset or closed", async () => {
  const { ospm, vm1, control } = setup();
  for (const end of ["reset", "close"] as const) {
    await vm1.request(GROUP, DATA);
    await vm1.request(PIN, 3);
    await vm1.configure(PIN, 3, [4, 1]);
    vm1.agent.channel[end]();
    assertEquals(control.pins.map(({ ownerId }) => ownerId).filter((id) => id !== 0), []);
    assertEquals(await ospm.request(GROUP, DATA), "SUCCESS");
    assertEquals(await ospm.valueOf(PIN, 3, 4), 1, "what was set stays");
    await ospm.release(GROUP, DATA);
  }
});

Deno.test("pins that an agent took over two channels are free when both have ended, or one gives them back", async () => {
  const { machine, ospm, vm1 } = setup();
  const second = new PinAgent(machine, "VM1");
  await vm1.request(PIN, 0);
  assertEquals(await second.request(PIN, 0), "SUCCESS");
  vm1.agent.channel.reset();
  assertEquals(await ospm.request(PIN, 0), "IN_USE");
  second.agent.channel.reset();
  assertEquals(await ospm.request(PIN, 0), "SUCCESS");
  await vm1.request(PIN, 1);
  await second.request(PIN, 1);
  assertEquals(await second.release(PIN, 1), "SUCCESS");
  assertEquals(await ospm.request(PIN, 1), "SUCCESS");
  vm1.agent.channel.reset();
  assertEquals(await vm1.request(PIN, 1), "IN_USE", "what it no longer had is not given back");
});

Deno.test("BASE_RESET_AGENT_CONFIGURATION gives back the pins of the agent", async () => {
  const { ospm, vm1 } = setup();
  await vm1.request(GROUP, DATA);
  const params = { agentId: VM1, flags: { resetPermissions: false } };
  assertEquals(await callStatus(ospm.agent, BASE, BASE_RESET_AGENT_CONFIGURATION, params), "SUCCESS");
  assertEquals(await ospm.request(GROUP, DATA), "SUCCESS");
});

Deno.test("PINCTRL_SET_PERMISSIONS denies another agent a pin, and with it the groups it belongs to", async () => {
  const { ospm, vm1 } = setup();
  assertEquals(await ospm.permit(VM1, PIN, 1, false), "SUCCESS");
  const attributes = { identifier: 1, flags: { selector: PIN } };
  assertEquals(await callStatus(vm1.agent, PIN_CONTROL, pin.PINCTRL_ATTRIBUTES, attributes), "DENIED");
  assertEquals(await vm1.request(PIN, 1), "DENIED");
  assertEquals(await vm1.valueOf(PIN, 1, 4), "DENIED");
  assertEquals(await vm1.request(GROUP, DATA), "DENIED");
  assertEquals(await vm1.release(GROUP, DATA), "DENIED");
  assertEquals(await vm1.select(GROUP, DATA, UART), "DENIED");
  assertEquals(await vm1.configure(GROUP, MIDDLE), "DENIED", "before it is looked at what is to be set");
  assertEquals(await vm1.functionOf(GROUP, DATA), UART, "groups can be looked at");
  assertEquals(await vm1.request(GROUP, FLOW), "SUCCESS");
  assertEquals(await ospm.request(PIN, 1), "SUCCESS", "only VM1 is denied it");
  await ospm.release(PIN, 1);
  assertEquals(await ospm.permit(VM1, PIN, 1, true), "SUCCESS");
  assertEquals(await vm1.request(GROUP, DATA), "SUCCESS");
});

Deno.test("PINCTRL_SET_PERMISSIONS denies groups and functions", async () => {
  const { ospm, vm1 } = setup();
  assertEquals(await ospm.permit(VM1, GROUP, DATA, false), "SUCCESS");
  assertEquals(await vm1.request(GROUP, DATA), "DENIED");
  assertEquals(await vm1.request(PIN, 0), "SUCCESS", "its pins are another matter");
  assertEquals(await ospm.permit(VM1, FUNCTION, I2C, false), "SUCCESS");
  assertEquals(await vm1.select(GROUP, MIDDLE, I2C), "DENIED");
  assertEquals(await vm1.configure(GROUP, MIDDLE, [4, 1]), "SUCCESS");
  assertEquals(await vm1.select(GROUP, FLOW, UART), "SUCCESS");
});

Deno.test("PINCTRL_SET_PERMISSIONS takes away what the agent has of it, and nothing else", async () => {
  const { ospm, vm1 } = setup();
  await vm1.request(GROUP, DATA);
  await vm1.request(PIN, 3);
  await ospm.permit(VM1, PIN, 1, false);
  assertEquals(await ospm.request(PIN, 0), "SUCCESS", "the group is lost with its pin");
  assertEquals(await ospm.request(PIN, 3), "IN_USE");
  await ospm.permit(VM1, PIN, 3, false);
  assertEquals(await ospm.request(PIN, 3), "SUCCESS");
  await ospm.release(PIN, 3);
  await vm1.request(GROUP, WIDE);
  await ospm.permit(VM1, GROUP, WIDE, false);
  assertEquals(await ospm.request(GROUP, WIDE), "SUCCESS");
  await ospm.permit(VM1, PIN, 3, true);
  assertEquals(await vm1.request(PIN, 3), "SUCCESS");
});

Deno.test("PINCTRL_SET_PERMISSIONS is for trusted agents, and not against other trusted ones", async () => {
  const view = { ...NO_HARDWARE, ...viewOfPins(createPins()) };
  const machine = new Machine({
    vendor: "test",
    subVendor: "sub",
    implementationVersion: 1,
    protocols: [baseProtocol, pinControlProtocol].map((definition) => ({
      definition: definition as unknown as ProtocolDefinition,
      versionMax: definition.releases["3.2"]!,
    })),
    devices: [],
    agents: [
      { name: "OSPM", isTrusted: true, mediation, view },
      {
        name: "VM1",
        isTrusted: false,
        mediation,
        view: { ...view, pin: view.pin!.slice(0, 4).toReversed(), pinGroup: [] },
      },
      { name: "BMC", isTrusted: true, mediation, view },
    ],
  });
  const [ospm, vm1] = [new PinAgent(machine), new PinAgent(machine, "VM1")];
  assertEquals(await ospm.permit(3, PIN, 0, false), "DENIED");
  assertEquals(await ospm.permit(0, PIN, 0, false), "NOT_FOUND", "the platform itself");
  assertEquals(await ospm.permit(4, PIN, 0, false), "NOT_FOUND");
  assertEquals(await ospm.permit(VM1, PIN, 5, false), "NOT_FOUND", "VM1 does not see it");
  assertEquals(await ospm.permit(VM1, GROUP, 0, false), "NOT_FOUND");
  assertEquals(await vm1.permit(VM1, PIN, 0, false), "NOT_SUPPORTED");
  const asked = { messageId: pin.PINCTRL_SET_PERMISSIONS.id };
  assertEquals(await callStatus(vm1.agent, PIN_CONTROL, PROTOCOL_MESSAGE_ATTRIBUTES, asked), "NOT_FOUND");
  // Pin 0 of OSPM is pin 3 of VM1.
  assertEquals(await ospm.permit(VM1, PIN, 0, false), "SUCCESS");
  assertEquals([await vm1.request(PIN, 0), await vm1.request(PIN, 3)], ["SUCCESS", "DENIED"]);
  assertEquals(await ospm.permit(1, PIN, 1, false), "SUCCESS", "itself");
  assertEquals(await ospm.request(PIN, 1), "DENIED");
  assertEquals(await ospm.permit(VM1, PIN, 1, false), "DENIED", "who is denied a pin has no say in it");
});

Deno.test("permissions of Base reach pins, groups and functions, and are not lifted one by one", async () => {
  const { ospm, vm1 } = setup();
  await vm1.request(GROUP, DATA);
  assertEquals(await permitDevice(ospm, 0, false), "SUCCESS");
  assertEquals([await vm1.request(PIN, 1), await vm1.request(GROUP, DATA)], ["DENIED", "DENIED"]);
  assertEquals(await ospm.request(GROUP, DATA), "SUCCESS", "VM1 has lost it");
  assertEquals(await ospm.permit(VM1, PIN, 1, true), "SUCCESS");
  assertEquals(await vm1.request(PIN, 1), "DENIED", "its device is denied still");
  assertEquals(await permitDevice(ospm, 0, true), "SUCCESS");
  assertEquals(await vm1.request(PIN, 1), "IN_USE");
  assertEquals(await permitDevice(ospm, 1, false), "SUCCESS");
  assertEquals([await vm1.request(GROUP, FLOW), await vm1.select(GROUP, MIDDLE, I2C)], ["DENIED", "DENIED"]);
});

Deno.test("BASE_RESET_AGENT_CONFIGURATION restores permissions for single pins when it is asked to", async () => {
  const { ospm, vm1 } = setup();
  await ospm.permit(VM1, PIN, 3, false);
  const reset = (resetPermissions: boolean) =>
    callStatus(ospm.agent, BASE, BASE_RESET_AGENT_CONFIGURATION, {
      agentId: VM1,
      flags: { resetPermissions },
    });
  assertEquals(await reset(false), "SUCCESS");
  assertEquals(await vm1.request(PIN, 3), "DENIED");
  assertEquals(await reset(true), "SUCCESS");
  assertEquals(await vm1.request(PIN, 3), "SUCCESS");
});

Deno.test("pin control as a whole is denied with the last of its pins", async () => {
  const { machine, ospm, vm1 } = setup();
  const count = machine.agents.find("VM1")!.plan.view.pin.length;
  for (let id = 0; id < count; id++) assertEquals(await ospm.permit(VM1, PIN, id, false), "SUCCESS");
  const denied = connectAgent(machine, "VM1");
  assertEquals(await callStatus(denied, PIN_CONTROL, pin.PINCTRL_PROTOCOL_ATTRIBUTES, {}), "DENIED");
  assertEquals(await ospm.permit(VM1, PIN, 0, true), "SUCCESS");
  assertEquals(await vm1.request(PIN, 0), "SUCCESS");
});

Deno.test("agents that see some pins of a group only are told of those", async () => {
  const control = createPins();
  const view = { ...viewOfPins(control), pin: control.pins.slice(1, 3) };
  const { machine } = pinPlatform({ view });
  const { agent } = new PinAgent(machine);
  const params = { identifier: DATA, flags: { selector: GROUP }, index: 0 };
  const listed = await agent.client.call(PIN_CONTROL, pin.PINCTRL_LIST_ASSOCIATIONS, params);
  assertEquals(listed, { ok: true, values: { counts: { returned: 1, remaining: 0 }, identifiers: [0] } });
  const unseen = { identifier: 3, flags: { selector: GROUP }, index: 0 };
  assertEquals(
    await callStatus(agent, PIN_CONTROL, pin.PINCTRL_LIST_ASSOCIATIONS, unseen),
    "INVALID_PARAMETERS",
  );
});

Deno.test("agents that do not see a function are told that a group has none", async () => {
  const { pinFunction: _unseen, ...view } = viewOfPins(createPins());
  const { machine } = pinPlatform({ view });
  assertEquals(await new PinAgent(machine).functionOf(GROUP, DATA), pin.NO_FUNCTION);
});
