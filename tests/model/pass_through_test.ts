// A device that is one agent's alone: up before the agent starts, and out of reach for all others, directly and from above.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type Board, type BoardInput, defineBoard } from "../../boards/board.ts";
import { validateBoard } from "../../boards/validator.ts";
import { WHOLE_BOARD } from "../../boards/view.ts";
import { createPlatform } from "../../scp/control/platform.ts";
import { Timeline } from "../../scp/core/timeline.ts";
import { checkInvariants } from "../../scp/model/invariants.ts";
import { createModel } from "../../scp/model/model.ts";
import * as clock from "../../protocols/clock/messages.ts";
import * as power from "../../protocols/power/messages.ts";
import * as reset from "../../protocols/reset/messages.ts";
import { EVERY_HARDWARE } from "../support/every_hardware.ts";
import { anyRequest, ask } from "../support/hardware_requests.ts";
import fc from "../support/property.ts";
import { callStatus, connectAgent } from "../support/platform.ts";

const OWNER = 1;
const OTHER = 2;
const CLOCK = { root: 0, bus: 1, side: 2, uart: 3, timer: 4 } as const;
const DIVIDERS = { kind: "dividers", dividers: [1, 2, 4, 8], divider: 8 } as const;

const INPUT: BoardInput = {
  name: "pass-through",
  title: "A serial line that is one agent's alone",
  identity: { vendor: "test", subVendor: "pass", implementationVersion: 1 },
  agents: [
    { name: "owner", kind: "OSPM", view: WHOLE_BOARD, passThrough: ["UART"] },
    { name: "other", kind: "OSPM", view: WHOLE_BOARD },
  ],
  devices: [{
    name: "UART",
    resources: { clock: ["uart"], powerDomain: ["serial"], resetDomain: ["uart"] },
  }],
  clocks: [
    { id: CLOCK.root, name: "root", rateHz: 800 },
    { id: CLOCK.bus, name: "bus", parents: ["root", "side"], ratio: DIVIDERS, hasGate: true },
    { id: CLOCK.side, name: "side", rateHz: 400 },
    { id: CLOCK.uart, name: "uart", parents: ["bus"], hasGate: true, powerDomain: "serial" },
    { id: CLOCK.timer, name: "timer", parents: ["root"], ratio: DIVIDERS, hasGate: true },
  ],
  powerDomains: [
    { id: 0, name: "serial", kind: "device", parent: "peripherals", bootState: "off" },
    { id: 1, name: "peripherals", kind: "device", bootState: "off" },
  ],
  resetDomains: [{ id: 0, name: "uart", startsAsserted: true }],
  sensors: [],
};

function create(board: Board = defineBoard(INPUT)) {
  const { machine, model } = createPlatform(board);
  const other = connectAgent(machine, "other");
  const owner = connectAgent(machine, "owner");
  const uart = model.clockTree.clocks[CLOCK.uart]!;
  const state = () => [
    uart.isRunning,
    uart.outputHz,
    model.powerTree.find("serial")!.isOn,
    model.resetDomains[0]!.isInReset,
  ];
  return { machine, model, other, owner, uart, state };
}

const UP = [true, 100, true, false];

Deno.test("a set that is passed through is up before its agent has said a word", () => {
  const { model } = createPlatform(defineBoard(INPUT));
  const uart = model.clockTree.clocks[CLOCK.uart]!;
  assertEquals([uart.isRunning, model.powerTree.find("serial")!.isOn, model.resetDomains[0]!.isInReset], [
    true,
    true,
    false,
  ]);
  assertEquals(checkInvariants(model), []);
});

Deno.test("others are refused what they ask of a set directly, though their view would allow it", async () => {
  const { other, state } = create();
  const asks = [
    callStatus(other, clock.CLOCK_MESSAGES.id, clock.CLOCK_CONFIG_SET, {
      clockId: CLOCK.uart,
      attributes: { state: 0, extendedType: 0 },
      extendedValue: 0,
    }),
    callStatus(other, clock.CLOCK_MESSAGES.id, clock.CLOCK_RATE_SET, {
      flags: { async: false, ignoresDelayed: false, roundsUp: false, roundsToNearest: false },
      clockId: CLOCK.uart,
      rateHz: 100n,
    }),
    callStatus(other, power.POWER_MESSAGES.id, power.POWER_STATE_SET, {
      flags: { async: false },
      domainId: 0,
      powerState: { isContextLost: true, stateId: 0 },
    }),
    callStatus(other, reset.RESET_MESSAGES.id, reset.RESET, {
      domainId: 0,
      flags: { autonomous: true, assert: false, async: false },
      resetState: { isOwn: false, id: 0 },
    }),
  ];
  assertEquals(await Promise.all(asks), ["DENIED", "DENIED", "DENIED", "DENIED"]);
  assertEquals(state(), UP);
});

Deno.test("others are refused what would disturb a set from above, and nothing beside it", () => {
  const { model, state } = create();
  const clocks = model.hardwareOf(OTHER).clock;
  const stop = { isEnabled: false, setting: null };
  assertEquals(clocks[CLOCK.bus]!.configure(OTHER, stop), "SUCCESS", "the owner's vote keeps it on");
  assertEquals(clocks[CLOCK.bus]!.setRate(OTHER, 400, "nearest"), "DENIED");
  assertEquals(clocks[CLOCK.bus]!.setRate(OTHER, 100, "nearest"), "SUCCESS", "it has that rate");
  assertEquals(clocks[CLOCK.bus]!.setParent(OTHER, clocks[CLOCK.side]!), "DENIED");
  assertEquals(clocks[CLOCK.timer]!.setRate(OTHER, 400, "nearest"), "SUCCESS");
  const above = model.hardwareOf(OTHER).powerDomain[1]!;
  assertEquals(above.request(above.states.at(-1)!, false, OTHER), "DENIED");
  assertEquals(state(), UP);
});

Deno.test("others are refused to take the power from the clocks of a set, and from those above them", () => {
  const [root, bus, ...below] = INPUT.clocks!;
  const board = defineBoard({
    ...INPUT,
    // The set does not name the domain of its clock, nor those of the clocks above it.
    devices: [{ name: "UART", resources: { clock: ["uart"] } }],
    clocks: [root!, { ...bus!, powerDomain: "backbone" }, ...below],
    powerDomains: [...INPUT.powerDomains!, { id: 2, name: "backbone", kind: "device", bootState: "off" }],
  });
  const { model, uart } = create(board);
  assertEquals(uart.isRunning, true, "up before its agent has said a word");
  const ask = (agentId: number, id: number, state: "on" | "off", isAsync = false) => {
    const domain = model.hardwareOf(agentId).powerDomain[id]!;
    return domain.request(domain.states.at(state === "on" ? 0 : -1)!, isAsync, agentId);
  };
  for (const id of [0, 2]) {
    assertEquals([ask(OTHER, id, "off"), ask(OTHER, id, "off", true)], ["DENIED", "DENIED"]);
    assertEquals(ask(OTHER, id, "on"), "SUCCESS");
  }
  model.dropVotes(OTHER);
  assertEquals(uart.isRunning, true, "though the other was the last to ask");
  assertEquals(checkInvariants(model), []);
  assertEquals([ask(OWNER, 2, "off"), uart.isRunning], ["SUCCESS", false]);
  assertEquals(ask(OTHER, 2, "off"), "SUCCESS", "there is nothing to disturb");
});

Deno.test("whatever others ask of whatever hardware, and when they vanish, the clocks of a set run as they did", () => {
  const place = EVERY_HARDWARE.clocks.length - 1;
  const { name } = EVERY_HARDWARE.clocks[place]!;
  const gates = ["main", "a_power_domain_with_a_long_name", "part"];
  const input = {
    ...EVERY_HARDWARE,
    devices: [{ name: "device", resources: { clock: [name] } }],
    agents: EVERY_HARDWARE.agents.map((agent, i) => ({ ...agent, passThrough: i === 0 ? ["device"] : [] })),
    clocks: EVERY_HARDWARE.clocks.map((clock, i) => ({
      ...clock,
      powerDomain: gates[i]!,
      rateLatencyUs: 70,
    })),
  };
  const step = fc.tuple(fc.constantFrom("ask", "ask", "ask", "pass", "vanish"), anyRequest, fc.nat(300));
  for (const arbitration of [{}, { clock: { "*": {} }, powerDomain: { "*": "vote" as const } }]) {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const timeline = new Timeline();
        const model = createModel({ ...input, arbitration }, { seed: 1, scheduler: timeline });
        const own = model.clockTree.clocks[place]!;
        const before = [true, own.outputHz, own.parentChoice?.name, own.settingOf("phase")?.value];
        for (const [what, request, us] of steps) {
          if (what === "ask") ask(model, OTHER, request);
          else if (what === "pass") timeline.advanceTo(timeline.nowUs() + us);
          else model.dropVotes(OTHER);
          const now = [own.isRunning, own.outputHz, own.parentChoice?.name, own.settingOf("phase")?.value];
          assertEquals(now, before);
          assertEquals(checkInvariants(model), []);
        }
      }),
      { numRuns: 120 },
    );
  }
});

Deno.test("the owner of a set does with it what it wants", () => {
  const { model, uart, state } = create();
  const clocks = model.hardwareOf(OWNER).clock;
  assertEquals(clocks[CLOCK.bus]!.setRate(OWNER, 400, "nearest"), "SUCCESS");
  assertEquals(uart.outputHz, 400);
  assertEquals(clocks[CLOCK.uart]!.configure(OWNER, { isEnabled: false, setting: null }), "SUCCESS");
  assertEquals(state()[0], false);
});

Deno.test("a set is up again when its agent comes back, and after a reset of the system", () => {
  const board = defineBoard({ ...INPUT, systemPower: { restartUs: 1000 } });
  const { model, machine, owner, state } = create(board);
  const uart = model.hardwareOf(OWNER).clock[CLOCK.uart]!;
  assertEquals(uart.configure(OWNER, { isEnabled: false, setting: null }), "SUCCESS");
  assertEquals(state()[0], false);
  model.dropVotes(OWNER);
  assertEquals(state(), UP, "as at boot, before the agent had spoken");
  assertEquals(uart.configure(OWNER, { isEnabled: false, setting: null }), "SUCCESS");
  owner.channel.reset();
  owner.channel.attach({ send: () => "sent" });
  assertEquals(state()[0], true);
  model.systemPower!.request("coldReset", false, OWNER);
  assertEquals(model.systemPower!.condition, "up", "an OSPM agent that is not trusted cannot");
  const psci = createPlatform(defineBoard({
    ...INPUT,
    agents: [INPUT.agents[0]!, { name: "other", kind: "PSCI", view: WHOLE_BOARD }],
    systemPower: { restartUs: 1000 },
  }));
  assertEquals(psci.model.systemPower!.request("coldReset", false, OTHER), "SUCCESS");
  assertEquals(psci.model.clockTree.clocks[CLOCK.uart]!.isRunning, false);
  psci.machine.step(2000);
  assertEquals(psci.model.clockTree.clocks[CLOCK.uart]!.isRunning, true);
  assertEquals(psci.model.resetDomains[0]!.isInReset, false);
  assertEquals(machine.nowUs(), 0);
});

Deno.test("a set that is on its way down when its agent comes back is up when that is over", () => {
  const [serial, ...others] = INPUT.powerDomains!;
  const powerDomains = [{ ...serial!, offLatencyUs: 500 }, ...others];
  const { model, machine, state } = create(defineBoard({ ...INPUT, powerDomains }));
  const domain = model.hardwareOf(OWNER).powerDomain[0]!;
  assertEquals(domain.request(domain.states.at(-1)!, true, OWNER), "SUCCESS");
  const pulse = model.resetDomains[0]!.beginPulse(OWNER, { isOwn: false, id: 0 });
  assert(typeof pulse !== "string");
  model.bringUp(OWNER);
  assertEquals(model.passThrough.failures.map(({ kind, result }) => [kind, result]), [
    ["powerDomain", "BUSY"],
    ["resetDomain", "BUSY"],
  ]);
  machine.step(499);
  assertEquals(checkInvariants(model), []);
  machine.step(10_000);
  assertEquals(state(), UP);
  assertEquals([model.passThrough.failures, checkInvariants(model)], [[], []]);
});

Deno.test("a part of a set that does not come up is told, and tried again when hardware has changed", () => {
  const powerDomains = [...INPUT.powerDomains!, { id: 2, name: "spare", kind: "device" as const }];
  const { model, machine, state } = create(defineBoard({ ...INPUT, powerDomains }));
  const [domain] = model.resetDomains;
  domain!.hold(OWNER, { isOwn: false, id: 0 });
  domain!.setBroken(true);
  model.bringUp(OWNER);
  model.bringUp(OWNER);
  assertEquals(machine.trace.count("passThroughDown"), 2);
  assertEquals(model.passThrough.failures, [
    { timeUs: 0, agentId: OWNER, kind: "resetDomain", name: "uart", result: "HARDWARE_ERROR" },
  ]);
  assertEquals(checkInvariants(model), [], "a fault is none of ours");
  const spare = model.powerTree.find("spare")!;
  const change = () => {
    for (const place of [-1, 0]) spare.request(spare.states.at(place)!, false, OTHER);
    machine.step(machine.nowUs() + 1);
  };
  change();
  assertEquals(machine.trace.count("passThroughDown"), 2, "nothing new");
  domain!.setBroken(false);
  change();
  assertEquals([state(), model.passThrough.failures], [UP, []]);
});

Deno.test("a set that its agent may not bring up is found out", () => {
  const clocks = INPUT.clocks!.map((clock) => ({
    ...clock,
    ...(clock.name === "uart" ? { startsEnabled: false, rights: { owner: { state: false } } } : {}),
  }));
  const { model, machine } = create(defineBoard({ ...INPUT, clocks }));
  assertEquals(machine.trace.count("passThroughDown"), 2, "at start, and when its agent came");
  assertEquals(model.passThrough.failures.map(({ name, result }) => [name, result]), [["uart", "DENIED"]]);
  assertEquals(checkInvariants(model), ["clock uart, passed through to agent 1, is not up"]);
});

Deno.test("a board file may pass a device through to one agent only", () => {
  const agents = INPUT.agents.map((agent) => ({ ...agent, passThrough: ["UART"] }));
  const twice = validateBoard({ ...INPUT, agents });
  assertStringIncludes("errors" in twice ? twice.errors.join("\n") : "", "agents[1].passThrough[0]");
  const unknown = validateBoard({ ...INPUT, agents: [{ ...INPUT.agents[0]!, passThrough: ["SPI"] }] });
  assertStringIncludes("errors" in unknown ? unknown.errors.join("\n") : "", "No device SPI");
});
