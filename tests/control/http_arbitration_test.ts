// GET /api/arbitration, by calling the app: who wants what of shared hardware, and who believes what is not
// so.
import { assert, assertEquals } from "@std/assert";
import type { Board } from "../../boards/board.ts";
import { minimalBoard } from "../../boards/minimal.ts";
import { rcarBoard } from "../../boards/rcar.ts";
import { type CallName, type ControlCalls, SHARED_PAGE } from "../../scp/control/control_calls.ts";
import { createHttpApp } from "../../scp/control/http.ts";
import { arbitrationView } from "../../scp/control/views_arbitration.ts";
import { traceView } from "../../scp/control/views.ts";
import { CLOCK_CONFIG_SET, CLOCK_MESSAGES } from "../../protocols/clock/messages.ts";
import { callStatus, connectAgent } from "../support/platform.ts";
import { createLocalCore } from "./local_core.ts";

const BOARD: Board = { ...rcarBoard, arbitration: { clock: { "scif*": {} } } };
const SHARED = rcarBoard.clocks.find(({ name, hasGate }) => name.startsWith("scif") && hasGate)!;

Deno.test("GET /api/arbitration shows votes, and what a guest believes that is not so, while it is not", async () => {
  const core = createLocalCore({ board: BOARD });
  const app = createHttpApp(core.client);
  const view = async () => arbitrationView.parse(await (await app.request("/api/arbitration")).json());
  assertEquals(await view(), { resources: [], differences: [], log: [] });
  const [ospm, vmm] = ["OSPM", "VMM"].map((name) => connectAgent(core.platform.machine, name));
  const turn = async (agent: NonNullable<typeof ospm>, state: 0 | 1) =>
    assertEquals(
      await callStatus(agent, CLOCK_MESSAGES.id, CLOCK_CONFIG_SET, {
        clockId: SHARED.id,
        attributes: { state, extendedType: 0 },
        extendedValue: 0,
      }),
      "SUCCESS",
    );
  await turn(ospm!, 1);
  await turn(vmm!, 1);
  await turn(vmm!, 0);
  const { resources, differences, log } = await view();
  const { name } = SHARED;
  assertEquals(resources, [{
    kind: "clock",
    name,
    votes: [{ agent: "OSPM", about: "state", wanted: "on" }],
  }]);
  const belief = {
    agent: "VMM",
    kind: "clock",
    name,
    about: "state",
    believed: "off",
    actual: "on",
  } as const;
  assertEquals(differences, [{ timeUs: 0, ...belief }]);
  await turn(ospm!, 0);
  const later = await view();
  assertEquals([later.resources, later.differences], [[], []]);
  assertEquals(log, [{ timeUs: 0, ...belief, differs: true }]);
  assertEquals(later.log.map(({ agent, differs }) => [agent, differs]), [["VMM", true], ["VMM", false]]);
  const trace = traceView.parse(await (await app.request("/api/trace")).json());
  assertEquals(trace.counts.beliefDiffers, 2);
});

Deno.test("GET /api/arbitration shows nothing where nothing is shared, and is described", async () => {
  const app = createHttpApp(createLocalCore({ board: minimalBoard }).client);
  assertEquals(await (await app.request("/api/arbitration")).json(), {
    resources: [],
    differences: [],
    log: [],
  });
  const description = await (await app.request("/openapi.json")).json() as {
    readonly paths: Readonly<Record<string, unknown>>;
    readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
  };
  assertEquals("/api/arbitration" in description.paths, true);
  assertEquals("Arbitration" in description.components.schemas, true);
});

Deno.test("GET /api/arbitration shows all that is shared although the core tells a page at a time", async () => {
  const board: Board = { ...rcarBoard, arbitration: { clock: { "*": {} } } };
  const core = createLocalCore({ board });
  const sizes: number[] = [];
  const app = createHttpApp({
    async call<N extends CallName>(name: N, params: ControlCalls[N]["params"]) {
      const outcome = await core.client.call(name, params);
      if (name === "shared" && outcome.ok && Array.isArray(outcome.value)) sizes.push(outcome.value.length);
      return outcome;
    },
  });
  const agent = connectAgent(core.platform.machine, "OSPM");
  const gated = rcarBoard.clocks.filter(({ hasGate }) => hasGate);
  const voted: string[] = [];
  for (const { id, name } of gated) {
    const values = { clockId: id, attributes: { state: 1, extendedType: 0 }, extendedValue: 0 } as const;
    if (await callStatus(agent, CLOCK_MESSAGES.id, CLOCK_CONFIG_SET, values) === "SUCCESS") voted.push(name);
  }
  const { resources } = arbitrationView.parse(await (await app.request("/api/arbitration")).json());
  assertEquals(resources.map(({ name }) => name), voted);
  assert(voted.length > 2 * SHARED_PAGE);
  assertEquals(Math.max(...sizes), SHARED_PAGE);
});
