// GET /api/system, by calling the app: what the system is to each agent that believes it is its own, and why.
import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Board } from "../../boards/board.ts";
import { minimalBoard } from "../../boards/minimal.ts";
import { rcarBoard } from "../../boards/rcar.ts";
import { completeSystemPolicy } from "../../boards/system_policy.ts";
import { createHttpApp } from "../../scp/control/http.ts";
import { traceView } from "../../scp/control/views.ts";
import { systemView } from "../../scp/control/views_system.ts";
import { SYSTEM_POWER_MESSAGES, SYSTEM_POWER_STATE_SET } from "../../protocols/system_power/messages.ts";
import { callStatus, connectAgent } from "../support/platform.ts";
import { createLocalCore } from "./local_core.ts";

const BOARD: Board = {
  ...rcarBoard,
  systemPower: {
    ...rcarBoard.systemPower!,
    policy: completeSystemPolicy({ voters: ["OSPM", "VMM"] }),
  },
};
const SHUTDOWN = 0;

Deno.test("GET /api/system shows a system of which one guest has had enough, and why it runs on", async () => {
  const core = createLocalCore({ board: BOARD });
  const app = createHttpApp(core.client);
  const view = async () => systemView.parse(await (await app.request("/api/system")).json());
  const agents = ["OSPM", "VMM"].map((name) => connectAgent(core.platform.machine, name));
  const shutDown = (agent: typeof agents[number]) =>
    callStatus(agent, SYSTEM_POWER_MESSAGES.id, SYSTEM_POWER_STATE_SET, {
      flags: { graceful: false },
      systemState: SHUTDOWN,
    });
  assertEquals(await shutDown(agents[0]!), "SUCCESS");
  const first = await view();
  assertEquals(first.condition, "up");
  assertEquals(first.agents.filter(({ isThere }) => isThere).map(({ name, finds }) => [name, finds]), [
    ["OSPM", "down"],
    ["VMM", "up"],
  ]);
  assertEquals(first.decisions.map(({ agent, verdict }) => [agent, verdict]), [["OSPM", "waiting"]]);
  assertStringIncludes(first.decisions[0]!.reason, "VMM");
  assertEquals(await shutDown(agents[1]!), "SUCCESS");
  assertEquals((await view()).condition, "down");
  const trace = traceView.parse(await (await app.request("/api/trace")).json());
  assertEquals(trace.counts.systemDecision, 2);
});

Deno.test("GET /api/system says when the board leaves the power of the system to nobody", async () => {
  const app = createHttpApp(createLocalCore({ board: minimalBoard }).client);
  const response = await app.request("/api/system");
  assertEquals(response.status, 404);
  assertStringIncludes((await response.json() as { error: string }).error, "systemPower");
});
