// The HTTP interface, by calling its app: no port, no worker. Answers are taken apart by the schemas that the
// OpenAPI document is made from.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { PROTOCOL_VERSION } from "../../protocols/every_protocol.ts";
import { AgentClient } from "../../scp/agent/agent.ts";
import { LISTENER_COUNT_MAX } from "../../scp/control/event_hub.ts";
import { HARDWARE_PATHS } from "../../scp/control/hardware_views.ts";
import { createHttpApp } from "../../scp/control/http.ts";
import * as views from "../../scp/control/views.ts";
import { LoopbackChannel } from "../../transports/loopback.ts";
import { createLocalCore } from "./local_core.ts";

function createApp(options: Parameters<typeof createLocalCore>[0] = {}) {
  const core = createLocalCore(options);
  const app = createHttpApp(core.client);
  const send = async (method: string, path: string, body?: unknown) => {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const withBody = body === undefined
      ? {}
      : { body: text, headers: { "content-type": "application/json" } };
    const response = await app.request(path, { method, ...withBody });
    const json: unknown = await response.json();
    return { status: response.status, json };
  };
  const refusal = async (method: string, path: string, body?: unknown) => {
    const { status, json } = await send(method, path, body);
    const { error } = views.errorView.parse(json);
    assertEquals(error.includes("\n"), false);
    return { status, error };
  };
  return { core, app, send, refusal };
}

Deno.test("GET /health says that the board serves, and its time", async () => {
  const { core, send } = createApp();
  await core.client.call("step", { us: 1234 });
  assertEquals(await send("GET", "/health"), {
    status: 200,
    json: { status: "ok", board: "rcar", nowUs: 1234 },
  });
});

Deno.test("GET /api/board tells board and agents", async () => {
  const { json } = await createApp().send("GET", "/api/board");
  const { name, agents } = views.platformView.parse(json);
  assertEquals([name, agents.map((agent) => agent.name)], ["rcar", ["OSPM", "PSCI", "VMM", "VM1", "VM2"]]);
});

Deno.test("GET /api/sensors lists all sensors by id", async () => {
  const { json } = await createApp().send("GET", "/api/sensors");
  const sensors = views.sensorsView.parse(json);
  assertEquals(sensors.map(({ id }) => id), Array.from({ length: 26 }, (_, id) => id));
  assertEquals(sensors[0]!.name, "thermal1");
});

Deno.test("GET /api/sensors/{name} shows one sensor, also one whose name has dots", async () => {
  const { send } = createApp();
  const name = "Vehicle.Powertrain.TractionBattery.StateOfCharge.Current";
  const { json } = await send("GET", `/api/sensors/${encodeURIComponent(name)}`);
  const sensor = views.sensorView.parse(json);
  assertEquals([sensor.name, sensor.unit], [name, "%"]);
});

Deno.test("PUT and DELETE override set a sensor's value and release it", async () => {
  const { core, send } = createApp();
  const put = await send("PUT", "/api/sensors/accel/override", { values: [1, -2, 9.75] });
  assertEquals(put.status, 200);
  const overridden = views.sensorView.parse(put.json);
  assertEquals(overridden.isOverridden, true);
  assertEquals(core.platform.model.sensors[8]!.sampleAt(0).values, overridden.readings);
  const { json } = await send("DELETE", "/api/sensors/accel/override");
  assertEquals(views.sensorView.parse(json).isOverridden, false);
});

Deno.test("PUT override refuses bodies that make no sense, and changes nothing", async () => {
  const { core, refusal } = createApp();
  const path = "/api/sensors/thermal1/override";
  const bodies = [
    [422, { values: ["85"] }, "values.0"],
    [422, { values: [] }, "values"],
    [422, { values: [85], until: 3 }, "until"],
    [422, { value: 85 }, "values"],
    [422, [85], "expected object"],
    [422, { values: [1, 2] }, "takes 1 value(s), not 2"],
    [422, '{"values":[1e999]}', "values.0"],
    [400, '{"values":[85', "no JSON"],
  ] as const;
  for (const [expected, body, part] of bodies) {
    const { status, error } = await refusal("PUT", path, body);
    assertEquals(status, expected);
    assertStringIncludes(error, part);
  }
  assertEquals(core.platform.model.overrideOf(0), null);
});

Deno.test("PUT override takes JSON only, and no more of it than anybody needs", async () => {
  const { app } = createApp();
  const path = "/api/sensors/thermal1/override";
  const plain = await app.request(path, { method: "PUT", body: '{"values":[85]}' });
  assertEquals(plain.status, 415);
  assertStringIncludes(views.errorView.parse(await plain.json()).error, "content-type: application/json");
  const large = await app.request(path, {
    method: "PUT",
    body: `{"values":[${"1,".repeat(50_000)}1]}`,
    headers: { "content-type": "application/json" },
  });
  assertEquals(large.status, 413);
});

Deno.test("unknown sensors and routes are answered with 404 and what to look at", async () => {
  const { refusal } = createApp();
  for (const method of ["GET", "DELETE"]) {
    const path = method === "GET" ? "/api/sensors/nope" : "/api/sensors/nope/override";
    const { status, error } = await refusal(method, path);
    assertEquals(status, 404);
    assertStringIncludes(error, 'no sensor "nope"');
  }
  const { status, error } = await refusal("GET", "/api/nothing");
  assertEquals(status, 404);
  assertStringIncludes(error, "GET /openapi.json");
});

Deno.test("POST /api/time/step moves stepped time", async () => {
  const { send, refusal } = createApp();
  assertEquals(await send("POST", "/api/time/step", { us: 250 }), { status: 200, json: { nowUs: 250 } });
  assertEquals(await send("POST", "/api/time/step", { us: 750 }), { status: 200, json: { nowUs: 1000 } });
  assertEquals((await refusal("POST", "/api/time/step", { us: -5 })).status, 422);
  assertEquals((await refusal("POST", "/api/time/step", { us: 0.5 })).status, 422);
});

Deno.test("POST /api/time/step is a conflict while time passes by itself", async () => {
  const { refusal } = createApp({ time: { kind: "host", factor: 1 } });
  const { status, error } = await refusal("POST", "/api/time/step", { us: 250 });
  assertEquals(status, 409);
  assertStringIncludes(error, "--time stepped");
});

Deno.test("GET /api/agents and /api/trace count messages", async () => {
  const { core, send } = createApp();
  const agent = new AgentClient(new LoopbackChannel(core.platform.machine.openChannel("OSPM")!));
  await agent.call(0x10, PROTOCOL_VERSION, {});
  const agents = views.agentsView.parse((await send("GET", "/api/agents")).json);
  const base = agents[0]!.protocols.find(({ protocol }) => protocol === "base")!;
  assertEquals(base.messages, [{
    id: 0,
    name: "PROTOCOL_VERSION",
    count: 1,
    refusedCount: 0,
    fastCount: 0,
    fastRefusedCount: 0,
  }]);
  const { counts } = views.traceView.parse((await send("GET", "/api/trace")).json);
  assertEquals([counts.command, counts.p2aAttached], [1, 1]);
});

Deno.test("GET /api/events streams what happens from then on", async () => {
  const { core, app } = createApp();
  const agent = new AgentClient(new LoopbackChannel(core.platform.machine.openChannel("OSPM")!));
  await agent.call(0x10, PROTOCOL_VERSION, {});
  const response = await app.request("/api/events");
  assertEquals(response.headers.get("content-type"), "text/event-stream");
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  const ready = (await reader.read()).value;
  assertStringIncludes(ready!, "event: ready");
  await agent.call(0x15, PROTOCOL_VERSION, {});
  const text = (await reader.read()).value!;
  assertStringIncludes(text, "event: command\n");
  const event = views.eventView.parse(JSON.parse(/^data: (.*)$/m.exec(text)![1]!));
  assertEquals([event.agentId, event.message, event.status, event.size], [
    1,
    "PROTOCOL_VERSION",
    "SUCCESS",
    12,
  ]);
  await reader.cancel();
});

Deno.test("HEAD /api/events answers as GET would and takes no listener's place", async () => {
  const { app } = createApp();
  for (let i = 0; i <= LISTENER_COUNT_MAX; i++) {
    const { status, headers, body } = await app.request("/api/events", { method: "HEAD" });
    assertEquals([status, headers.get("content-type"), body], [200, "text/event-stream", null]);
  }
});

Deno.test("GET /api/events makes room again for every listener that goes", async () => {
  const { app } = createApp();
  for (let i = 0; i <= LISTENER_COUNT_MAX; i++) {
    const response = await app.request("/api/events");
    assertEquals(response.status, 200);
    await response.body!.cancel();
  }
});

Deno.test("GET /openapi.json describes every route", async () => {
  const { json } = await createApp().send("GET", "/openapi.json");
  const document = json as { paths: Record<string, Record<string, unknown>> };
  const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`)
  );
  assertEquals(routes.toSorted(), [
    "delete /api/hardware/gpio-lines/{name}/override",
    "delete /api/inputs/{name}",
    "delete /api/sensors/{name}/override",
    "get /api/agents",
    "get /api/agents/{name}/view",
    "get /api/arbitration",
    "get /api/board",
    "get /api/events",
    ...Object.values(HARDWARE_PATHS).toSorted().flatMap((kind) => [
      `get /api/hardware/${kind}`,
      `get /api/hardware/${kind}/{name}`,
    ]),
    "get /api/inputs",
    "get /api/sensors",
    "get /api/sensors/{name}",
    "get /api/system",
    "get /api/trace",
    "get /health",
    "post /api/time/step",
    "put /api/hardware/gpio-lines/{name}/override",
    "put /api/inputs/{name}",
    "put /api/sensors/{name}/override",
  ]);
});

Deno.test("every answer is a 503 once the core is gone", async () => {
  const gone = { ok: false, reason: "gone", problem: "the simulator is ending" } as const;
  const app = createHttpApp({ call: () => Promise.resolve(gone) });
  for (
    const path of ["/health", "/api/sensors", "/api/agents", "/api/hardware/clocks", "/api/hardware/pins/x"]
  ) {
    const response = await app.request(path);
    assertEquals(response.status, 503);
    assert(views.errorView.parse(await response.json()).error.length > 0);
  }
});

Deno.test("GET /api/agents/{name}/view tells what an agent sees, in pages the core can bear", async () => {
  const { send, refusal } = createApp();
  const report = async (name: string) =>
    views.agentViewReport.parse((await send("GET", `/api/agents/${name}/view`)).json);
  const guest = await report("VM2");
  assertEquals(guest.resources[3], { kind: "sensor", id: 3, name: "accel", right: "read" });
  assertEquals((await report("OSPM")).resources.length, 791);
  assertEquals((await report("PSCI")).commands, { performance: ["PERFORMANCE_DESCRIBE_LEVELS"] });
  const { status, error } = await refusal("GET", "/api/agents/VM9/view");
  assertEquals(status, 404);
  assertStringIncludes(error, 'no agent "VM9" on board rcar: GET /api/agents lists them');
});
