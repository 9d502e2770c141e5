// What a device is that one agent has to itself: its pins with their groups, and what a board file has to say so that the agent
// can use the whole of it and nobody else a part.
import { assertEquals } from "@std/assert";
import { type BoardInput, defineBoard } from "../../boards/board.ts";
import { validateBoard } from "../../boards/validator.ts";
import { WHOLE_BOARD } from "../../boards/view.ts";
import { createPlatform } from "../../scp/control/platform.ts";
import { PIN_CONTROL_MESSAGES, PINCTRL_REQUEST } from "../../protocols/pin_control/messages.ts";
import { callStatus, connectAgent } from "../support/platform.ts";

const PIN = 0;
const GROUP = 1;

/** Pins a to d; groups ab, bc and d. */
const INPUT: BoardInput = {
  name: "passed",
  title: "Pins that are one agent's alone",
  identity: { vendor: "test", subVendor: "pass", implementationVersion: 1 },
  agents: [
    { name: "owner", kind: "OSPM", view: WHOLE_BOARD, passThrough: ["UART"] },
    { name: "other", kind: "OSPM", view: WHOLE_BOARD },
  ],
  devices: [{ name: "UART", resources: { pinGroup: ["ab"] } }, { name: "SPI", resources: { pin: ["c"] } }],
  pins: ["a", "b", "c", "d"].map((name, id) => ({ id, name })),
  pinGroups: [
    { id: 0, name: "ab", pins: ["a", "b"] },
    { id: 1, name: "bc", pins: ["b", "c"] },
    { id: 2, name: "d", pins: ["d"] },
  ],
  sensors: [],
};

/** Which pins and groups the other agent can take, of a board whose device has these resources. */
async function takenByOther(resources: NonNullable<BoardInput["devices"]>[number]["resources"]) {
  const { machine } = createPlatform(defineBoard({ ...INPUT, devices: [{ name: "UART", resources }] }));
  const taken: string[] = [];
  for (const [selector, all] of [[PIN, INPUT.pins!], [GROUP, INPUT.pinGroups!]] as const) {
    for (const { id, name } of all) {
      const other = connectAgent(machine, "other");
      const params = { identifier: id, flags: { selector } };
      const status = await callStatus(other, PIN_CONTROL_MESSAGES.id, PINCTRL_REQUEST, params);
      if (status === "SUCCESS") taken.push(`${selector === PIN ? "pin" : "group"} ${name}`);
      else assertEquals(status, "DENIED");
      other.channel.reset();
    }
  }
  return taken;
}

Deno.test("pass-through of a group of pins takes its pins from others, and groups that share one", async () => {
  assertEquals(await takenByOther({ pinGroup: ["ab"] }), ["pin c", "pin d", "group d"]);
});

Deno.test("pass-through of a pin takes the groups from others that have it", async () => {
  assertEquals(await takenByOther({ pin: ["c"] }), ["pin a", "pin b", "pin d", "group ab", "group d"]);
});

function errorsOf(input: unknown): readonly string[] {
  const result = validateBoard(input);
  return "errors" in result ? result.errors : [];
}

/** The board with other agents, their first the one that has the device. */
function withAgents(owner: object, other: object = {}): BoardInput {
  return {
    ...INPUT,
    agents: [{ ...INPUT.agents[0]!, ...owner }, { ...INPUT.agents[1]!, ...other }],
  };
}

Deno.test("pass-through of pins that two devices have by different groups is refused", () => {
  assertEquals(errorsOf(withAgents({}, { passThrough: ["SPI"] })), []);
  const shared = {
    ...withAgents({}, { passThrough: ["SPI"] }),
    devices: [
      INPUT.devices![0]!,
      { name: "SPI", resources: { pinGroup: ["bc"] } },
    ],
  };
  assertEquals(errorsOf(shared), [
    "agents[1].passThrough[0]: Its pin b is passed through to owner already",
  ]);
});

/** A device of everything, and its agent's view of it. */
const WHOLE: BoardInput = {
  ...INPUT,
  devices: [{
    name: "UART",
    resources: {
      clock: ["bus", "uart"],
      powerDomain: ["serial"],
      resetDomain: ["uart"],
      voltageDomain: ["io"],
    },
  }],
  clocks: [{ id: 0, name: "bus", rateHz: 1000, hasGate: true }, { id: 1, name: "uart", rateHz: 1000 }],
  powerDomains: [{ id: 0, name: "serial", kind: "device" }, { id: null, name: "hidden", kind: "device" }],
  resetDomains: [{ id: 0, name: "uart" }],
  power: {
    blocks: [],
    rails: [{
      name: "io",
      loadLineOhm: 0,
      regulator: {
        steps: { kind: "list", levelsUv: [1_800_000] },
        startUv: 1_800_000,
        startsOn: true,
        canSwitchOff: true,
        ownModes: [],
        slewUvPerUs: 1000,
        commandUs: 0,
      },
    }],
    phases: [],
  },
  voltageDomains: [{ id: 0, name: "io", rail: "io" }],
};

/** What is wrong with the whole device where the board is another one; the path is always the same. */
function complaintsOf(change: Partial<BoardInput>): string[] {
  const path = "agents[0].passThrough[0]: ";
  return errorsOf({ ...WHOLE, ...change }).map((line) =>
    line.startsWith(path) ? line.slice(path.length) : line
  );
}

/** Agents, of which the owner has this view. */
function ownerSees(view: object): BoardInput["agents"] {
  return [{ ...INPUT.agents[0]!, view }, INPUT.agents[1]!];
}

Deno.test("pass-through is refused of what the agent does not control in its view", () => {
  assertEquals(complaintsOf({}), []);
  assertEquals(complaintsOf({ agents: ownerSees({ "*": "control", clock: { "*": "read" } }) }), [
    "Its clock bus, uart are only read by owner: give it control",
  ]);
  assertEquals(complaintsOf({ agents: ownerSees({ "*": "control", resetDomain: { uart: "none" } }) }), [
    "Its resetDomain uart is not in the view of owner: give it control",
  ]);
  assertEquals(
    complaintsOf({ devices: [{ name: "UART", resources: { powerDomain: ["hidden"] } }] }),
    ["Its powerDomain hidden is shown to nobody: give it an id, or leave it out"],
  );
});

Deno.test("pass-through is refused of what agents of its kind may not set", () => {
  assertEquals(
    complaintsOf({ powerDomains: [{ ...WHOLE.powerDomains![0]!, setBy: ["PSCI"] }] }),
    ["Its powerDomain serial is not set by agents of kind OSPM, as owner is: let these set it"],
  );
  assertEquals(
    complaintsOf({ voltageDomains: [{ ...WHOLE.voltageDomains![0]!, setBy: ["PSCI"] }] }),
    ["Its voltageDomain io is not set by agents of kind OSPM, as owner is: let these set it"],
  );
  assertEquals(
    complaintsOf({
      clocks: [WHOLE.clocks![0]!, { ...WHOLE.clocks![1]!, rights: { owner: { state: false } } }],
    }),
    ["Its clock uart is not switched by owner: give it the right"],
  );
});

for (const strategy of ["deny", "accept-ignore", "dummy"] as const) {
  Deno.test(`pass-through is refused of clocks that the agent has by ${strategy}`, () => {
    const rest = `where owner has ${strategy}: give it vote, own or accept-clamp`;
    assertEquals(complaintsOf({ arbitration: { clock: { bus: { strategies: { owner: strategy } } } } }), [
      `Its clock bus is under arbitration.clock.bus, ${rest}`,
    ]);
    assertEquals(complaintsOf({ arbitration: { clock: { "*": { strategies: { "*": strategy } } } } }), [
      `Its clock bus, uart are under arbitration.clock.*, ${rest}`,
    ]);
    assertEquals(
      complaintsOf({ arbitration: { clock: { "*": { strategies: { "*": strategy, owner: "own" } } } } }),
      [],
    );
  });
}
