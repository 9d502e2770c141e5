// A simulator's use of the register models: doorbells between an agent and a platform whose messages are in areas of plain
// memory, every access by way of registers and interrupt lines, nothing polled.
import { assert, assertEquals } from "@std/assert";
import { encodeCommand } from "../../scp/agent/agent.ts";
import { MESSAGE_TYPE, packHeader } from "../../scp/core/header.ts";
import { MhuV1, MhuV2, MhuV3, RECEIVER_LINE } from "../../mod.ts";
import type { MhuModel } from "../../mod.ts";
import { SENSOR_CONTINUOUS_UPDATE_NOTIFY, SENSOR_READING_GET } from "../../protocols/sensor/messages.ts";
import { SmtAgentCommands, SmtAgentNotifications } from "../../transports/smt/agent_area.ts";
import { SmtNotificationArea } from "../../transports/smt/notification_area.ts";
import { SmtCommandArea } from "../../transports/smt/smt_area.ts";
import { createMachine } from "../support/platform.ts";
import { TestArea } from "../support/smt_fixture.ts";

const SENSOR = 0x15;

/** A model with the offsets of its first slot, from either side, and what its driver has to do first. */
interface Wiring {
  readonly name: string;
  readonly model: MhuModel;
  readonly set: number;
  readonly status: number;
  readonly clear: number;
  start(): void;
}

function wirings(): Wiring[] {
  const [v1, v2, v3] = [new MhuV1(), new MhuV2(), new MhuV3()];
  return [
    { name: "MhuV1", model: v1, set: 0x108, status: 0x000, clear: 0x010, start: () => {} },
    {
      name: "MhuV2",
      model: v2,
      set: 0x00c,
      status: 0x1004,
      clear: 0x1008,
      start: () => [v2.agent, v2.platform].forEach((file) => file.write32(0xf88, 1)),
    },
    {
      name: "MhuV3",
      model: v3,
      set: 0x100c,
      status: 0x11004,
      clear: 0x11008,
      start: () => [v3.agent, v3.platform].forEach((file) => file.write32(0x1101c, 1)),
    },
  ];
}

/** Doorbells of slot 0: commands and their responses on bit 0, messages of the platform on bit 1. */
const COMMAND = 1 << 0;
const NOTIFICATION = 1 << 1;

for (const { name, model, set, status, clear, start } of wirings()) {
  Deno.test(`${name} carries commands, responses and notifications between areas`, () => {
    const machine = createMachine();
    const port = machine.openChannel("OSPM")!;
    const [commandArea, notificationArea] = [new TestArea(), new TestArea()];
    const commands = new SmtCommandArea(commandArea.window, port);
    const notifications = new SmtNotificationArea(
      notificationArea.window,
      port,
      () => model.platform.write32(set, NOTIFICATION),
    );
    commands.initialise();
    notifications.initialise();
    port.attach(notifications);
    const agentCommands = new SmtAgentCommands(commandArea.window);
    const agentNotifications = new SmtAgentNotifications(notificationArea.window);
    const heard: Uint8Array[] = [];

    const served = () => {
      const rung = model.platform.read32(status);
      model.platform.write32(clear, rung);
      if ((rung & COMMAND) !== 0 && commands.serve()) model.platform.write32(set, COMMAND);
    };
    const interrupted = () => {
      const rung = model.agent.read32(status);
      model.agent.write32(clear, rung);
      const message = (rung & COMMAND) !== 0 ? agentCommands.take() : agentNotifications.take();
      assert(message !== null, "no interrupt without a message");
      heard.push(message);
    };
    model.onInterrupt = (side, line, isAsserted) => {
      if (!isAsserted || line !== RECEIVER_LINE) return;
      if (side === "platform") served();
      else interrupted();
    };
    const send = (message: Uint8Array) => {
      assert(agentCommands.send(message));
      model.agent.write32(set, COMMAND);
    };

    start();
    send(encodeCommand(SENSOR, SENSOR_READING_GET, { sensorId: 0, flags: { async: false } }, 7));
    const notifyEnable = { enable: true };
    send(encodeCommand(SENSOR, SENSOR_CONTINUOUS_UPDATE_NOTIFY, { sensorId: 0, notifyEnable }, 8));
    machine.step(150_000);
    notifications.poll();
    const headers = heard.map((message) => new DataView(message.buffer).getUint32(0, true));
    assertEquals(headers, [
      packHeader(SENSOR, SENSOR_READING_GET.id, MESSAGE_TYPE.command, 7),
      packHeader(SENSOR, SENSOR_CONTINUOUS_UPDATE_NOTIFY.id, MESSAGE_TYPE.command, 8),
      packHeader(SENSOR, 0x1, MESSAGE_TYPE.notification, 0),
    ]);
    assertEquals(["agent", "platform"].map((side) => model.isAsserted(side as "agent", RECEIVER_LINE)), [
      false,
      false,
    ]);
    assertEquals([model.agent.refusedCount, model.platform.refusedCount], [0, 0]);
  });
}
