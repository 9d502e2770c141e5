// What events tell that are not about messages: of agents that come, go and are held, of beliefs, of the
// power of the system; and how the log says it.
import { assertEquals } from "@std/assert";
import type { Board } from "../../boards/board.ts";
import { rcarBoard } from "../../boards/rcar.ts";
import { completeSystemPolicy } from "../../boards/system_policy.ts";
import { BASE_MESSAGES } from "../../protocols/base/messages.ts";
import { PROTOCOL_VERSION } from "../../protocols/every_protocol.ts";
import { CLOCK_CONFIG_SET, CLOCK_MESSAGES } from "../../protocols/clock/messages.ts";
import { SYSTEM_POWER_MESSAGES, SYSTEM_POWER_STATE_SET } from "../../protocols/system_power/messages.ts";
import { EventHub } from "../../scp/control/event_hub.ts";
import { eventText } from "../../scp/control/log.ts";
import { eventView } from "../../scp/control/views.ts";
import type { Platform } from "../../scp/control/platform.ts";
import { callStatus, connectAgent } from "../support/platform.ts";
import { createLocalCore } from "./local_core.ts";

const SHARED = rcarBoard.clocks.find(({ name, hasGate }) => name.startsWith("scif") && hasGate)!;

const BOARD: Board = {
  ...rcarBoard,
  arbitration: { clock: { "scif*": {} } },
  systemPower: { ...rcarBoard.systemPower!, policy: completeSystemPolicy({ voters: ["OSPM", "VMM"] }) },
};

/** What listeners are told of what the body does with a platform, but for messages and channels. */
async function eventsOf(body: (platform: Platform) => void | Promise<void>) {
  const core = createLocalCore({ board: BOARD });
  const hub = new EventHub(core.client);
  const queue = (await hub.listen())!;
  await body(core.platform);
  const { events } = (await queue.next())!;
  hub.leave(queue);
  return events.map((event) => eventView.parse(event))
    .filter(({ kind, message }) => message === null && kind !== "p2aAttached" && kind !== "channelReset")
    .map((event) => ({ ...event, text: eventText(event) }));
}

Deno.test("an event of a belief tells the resource, and whether the difference began or ended", async () => {
  const events = await eventsOf(async ({ machine }) => {
    const [ospm, vmm] = ["OSPM", "VMM"].map((name) => connectAgent(machine, name));
    for (const [agent, state] of [[ospm, 1], [vmm, 1], [vmm, 0], [ospm, 0]] as const) {
      const values = { clockId: SHARED.id, attributes: { state, extendedType: 0 }, extendedValue: 0 };
      await callStatus(agent!, CLOCK_MESSAGES.id, CLOCK_CONFIG_SET, values);
    }
  });
  const told = events.filter(({ kind }) => kind === "beliefDiffers");
  const resource = { kind: "clock", name: SHARED.name } as const;
  assertEquals(told.map(({ agentId, change, resource }) => ({ agentId, change, resource })), [
    { agentId: 3, change: "began", resource },
    { agentId: 3, change: "ended", resource },
  ]);
  assertEquals(told.map(({ text }) => text), [
    `clock ${SHARED.name} is not as it believes`,
    `clock ${SHARED.name} is again as it believes`,
  ]);
});

Deno.test("an event of an agent tells whether it came, left, was held or let go", async () => {
  const events = await eventsOf(async ({ machine }) => {
    const agent = connectAgent(machine, "VM1");
    await callStatus(agent, BASE_MESSAGES.id, PROTOCOL_VERSION, {});
    machine.tellHeld(4, true);
    machine.tellHeld(4, false);
    agent.loopback.close();
    machine.tellPresence(4, "votesDropped");
  });
  assertEquals(events.map(({ agentId, change, text }) => [agentId, change, text]), [
    [4, "came", "came"],
    [4, "held", "held, as it sends more than it may"],
    [4, "released", "no longer held"],
    [4, "left", "left"],
    [4, "votesDropped", "what it had asked for is taken back"],
  ]);
});

Deno.test("an event of the system's power tells what was asked for and what became of it", async () => {
  const events = await eventsOf(async ({ machine }) => {
    for (const agent of ["OSPM", "VMM"].map((name) => connectAgent(machine, name))) {
      await callStatus(agent, SYSTEM_POWER_MESSAGES.id, SYSTEM_POWER_STATE_SET, {
        flags: { graceful: false },
        systemState: 0,
      });
    }
  });
  const told = events.filter(({ kind }) => kind === "systemDecision");
  assertEquals(told.map(({ decision }) => decision), [
    { transition: "shutdown", verdict: "waiting" },
    { transition: "shutdown", verdict: "carriedOut" },
  ]);
  assertEquals(told.map(({ text }) => text), [
    "shutdown of the system: waiting",
    "shutdown of the system: carriedOut",
  ]);
});
