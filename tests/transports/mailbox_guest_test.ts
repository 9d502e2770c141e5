// A guest that goes and comes again while its memory stays: what the one before has left in the mailbox is not the next one's.
import { assert, assertEquals } from "@std/assert";
import { encodeCommand } from "../../scp/agent/agent.ts";
import { SENSOR_CONTINUOUS_UPDATE_NOTIFY } from "../../protocols/sensor/messages.ts";
import { InterruptGpioLine } from "../../transports/gpio/interrupt_gpio_line.ts";
import { CHANNEL_FREE, STATUS_WORD } from "../../transports/smt/layout.ts";
import { MailboxSite } from "../contract/mailbox.ts";
import { createMachine } from "../support/platform.ts";

const SENSOR = 0x15;
const NOTIFY = encodeCommand(SENSOR, SENSOR_CONTINUOUS_UPDATE_NOTIFY, {
  sensorId: 0,
  notifyEnable: { enable: true },
}, 1);
/** Several updates of the tests' temperature sensor. */
const UPDATES_US = 1_000_000;

for (const version of [1, 2, 3] as const) {
  Deno.test(`mailbox (MHUv${version}) begins anew with the guest behind its interrupt line`, () => {
    const machine = createMachine();
    const line = new InterruptGpioLine("mailbox");
    const site = new MailboxSite(() => machine.openChannel("OSPM")!, version, {
      interrupts: version === 1 ? [line, line] : [line],
    });
    const agent = site.connect();
    agent.send(NOTIFY);
    assertEquals(agent.take().length, 1);
    // It dies with a message unread, its interrupt unheard, more of them waiting, and a command that was rung for.
    machine.step(UPDATES_US);
    const status = () => agent.areas.map(({ words }) => words[STATUS_WORD]);
    assert(agent.write(0, NOTIFY));
    agent.ring();
    assertEquals([status(), agent.status(agent.notificationSlot), line.read()], [[0, 0], 1, 1]);

    line.guestLost();
    assertEquals([status(), agent.status(agent.notificationSlot), line.read()], [
      [CHANNEL_FREE, CHANNEL_FREE],
      0,
      0,
    ]);
    agent.settle();
    assertEquals(machine.trace.count("command"), 1, "nobody is there whose command could be served");
    assert(agent.response(0) !== null, "its place is free");
    machine.step(2 * UPDATES_US);
    assertEquals(agent.take(), [], "the next guest has asked for nothing");
    agent.send(NOTIFY);
    agent.take();
    machine.step(3 * UPDATES_US);
    assert(agent.take().length > 1, "and hears of what it asks for");
    agent.disconnect();
    line.guestLost();
    site.close();
  });
}

for (const version of [1, 2, 3] as const) {
  Deno.test(`mailbox (MHUv${version}) has what a lost guest had asked for dropped after its time, unless another one comes`, () => {
    const machine = createMachine({
      agents: [{ name: "OSPM", isTrusted: true, onVanish: { dropAfterMs: 10 } }],
    });
    const events: string[] = [];
    machine.presence.add(({ event }) => events.push(event));
    const told = () => events.splice(0).join(" ");
    const line = new InterruptGpioLine("mailbox");
    const site = new MailboxSite(() => machine.openChannel("OSPM")!, version, {
      interrupts: version === 1 ? [line, line] : [line],
    });
    const agent = site.connect();
    agent.settle();
    assertEquals(told(), "", "a mailbox that is served is no agent");
    agent.begin();
    agent.send(NOTIFY);
    assertEquals([agent.take().length, told()], [1, "came"]);
    line.guestLost();
    machine.step(9_000);
    agent.begin();
    agent.settle();
    machine.step(30_000);
    assertEquals(told(), "left came");
    line.guestLost();
    machine.step(39_000);
    assertEquals(told(), "left");
    machine.step(40_000);
    assertEquals(told(), "votesDropped");
    agent.send(NOTIFY);
    assertEquals([agent.take().length, told()], [1, "came"]);
    agent.disconnect();
    site.close();
  });
}
