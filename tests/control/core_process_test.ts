// The core in its real worker, with real sockets, a real clock and, once, a real port.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { PROTOCOL_VERSION } from "../../protocols/every_protocol.ts";
import { SENSOR_READING_GET } from "../../protocols/sensor/messages.ts";
import { AgentClient } from "../../scp/agent/agent.ts";
import type { CorePlan } from "../../scp/control/core_plan.ts";
import { createCoreWorker, type RunningCore } from "../../scp/control/core_process.ts";
import { createHttpApp } from "../../scp/control/http.ts";
import { serveHttp } from "../../scp/control/http_server.ts";
import { connectMessage } from "../../transports/message/client.ts";

/** Gives the body a folder for its sockets. */
async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "scp-core-" });
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function planOf(path: string, changes: Partial<CorePlan> = {}): CorePlan {
  return {
    board: "minimal",
    transports: [{ scheme: "message", path, agent: null }],
    seed: 1,
    release: "3.2",
    time: { kind: "host", factor: 1 },
    ...changes,
  };
}

async function startCore(plan: CorePlan): Promise<RunningCore> {
  const start = await createCoreWorker().start(plan, () => {});
  assert(start.ok, start.ok ? "" : start.problems.join());
  return start.core;
}

async function problemsOf(plan: CorePlan): Promise<readonly string[]> {
  const start = await createCoreWorker().start(plan, () => {});
  if (start.ok) await start.core.stop();
  return start.ok ? [] : start.problems;
}

async function connectAgent(path: string): Promise<AgentClient> {
  const channel = await connectMessage(path);
  assert(!("error" in channel));
  return new AgentClient(channel);
}

Deno.test("the core serves an agent and answers calls at the same time", () =>
  withFolder(async (folder) => {
    const path = `${folder}/a.sock`;
    const core = await startCore(planOf(path));
    const agent = await connectAgent(path);
    const version = await agent.call(0x15, PROTOCOL_VERSION, {});
    assertEquals(version.ok ? version.values.version : null, 0x30001);
    await core.client.call("override", { name: "temp_chip", values: [55.5] });
    const reading = await agent.call(0x15, SENSOR_READING_GET, { sensorId: 0, flags: { async: false } });
    assertEquals(reading.ok ? reading.values.readings[0]!.value : null, 55_500);
    const agents = await core.client.call("agents", { from: 0 });
    assert(agents.ok);
    assertEquals(agents.value[0]!.channels[0]!.spec, `message:${path},agent=OSPM`);
    agent.close();
    await core.stop();
  }));

Deno.test("the core's sockets are the owner's alone, and gone when it has stopped", () =>
  withFolder(async (folder) => {
    const transports = (["virtio", "message"] as const).map((scheme) =>
      ({ scheme, path: `${folder}/${scheme}.sock`, agent: null }) as const
    );
    const core = await startCore(planOf("", { transports }));
    for (const { path } of transports) assertEquals((await Deno.lstat(path)).mode! & 0o777, 0o600);
    await core.stop();
    assertEquals([...Deno.readDirSync(folder)], []);
  }));

Deno.test("the core answers many calls made at once, each its own", () =>
  withFolder(async (folder) => {
    const core = await startCore(planOf(`${folder}/a.sock`));
    const names = ["temp_chip", "volt_core", "power_chip"];
    const outcomes = await Promise.all(
      Array.from({ length: 300 }, (_, i) => core.client.call("sensor", { name: names[i % 3]! })),
    );
    assertEquals(
      outcomes.map((outcome) => outcome.ok ? outcome.value.name : ""),
      Array.from({ length: 300 }, (_, i) => names[i % 3]!),
    );
    await core.stop();
    const late = await core.client.call("platform", null);
    assertEquals(late.ok ? "" : late.reason, "gone");
  }));

Deno.test("the core steps time on request only when it is stepped", () =>
  withFolder(async (folder) => {
    const core = await startCore(planOf(`${folder}/a.sock`, { time: { kind: "stepped" } }));
    assertEquals(await core.client.call("step", { us: 5_000_000 }), {
      ok: true,
      value: { nowUs: 5_000_000 },
    });
    const { value } = await core.client.call("trace", null) as { value: { nowUs: number } };
    assertEquals(value.nowUs, 5_000_000);
    await core.stop();
  }));

Deno.test("the core lets time pass by itself, scaled", () =>
  withFolder(async (folder) => {
    const core = await startCore(planOf(`${folder}/a.sock`, { time: { kind: "host", factor: 1000 } }));
    const nowUs = async () => {
      const outcome = await core.client.call("trace", null);
      return outcome.ok ? outcome.value.nowUs : -1;
    };
    const first = await nowUs();
    // Each call takes some microseconds of the host, which are milliseconds here.
    assert(await nowUs() - first > 1000);
    await core.stop();
  }));

Deno.test("the core does not start with what cannot be, and says all that is wrong", () =>
  withFolder(async (folder) => {
    const path = `${folder}/a.sock`;
    assertStringIncludes((await problemsOf(planOf(path, { board: "nope" })))[0]!, 'Unknown board "nope"');
    const transports = ["X", "Y"].map((agent) =>
      ({ scheme: "message", path: `${folder}/${agent}`, agent }) as const
    );
    assertEquals((await problemsOf(planOf(path, { transports }))).length, 2);
    await Deno.writeTextFile(`${folder}/bad.json`, '{"name":"BAD","agents":[]}');
    const problems = await problemsOf(planOf(path, { board: `${folder}/bad.json` }));
    assert(problems.length >= 3, problems.join("\n"));
    assertStringIncludes(problems.join("\n"), "bad.json: agents");
  }));

Deno.test("the core refuses a socket in use, replaces a stale one, and leaves no socket when one fails", () =>
  withFolder(async (folder) => {
    const path = `${folder}/a.sock`;
    const first = await startCore(planOf(path));
    const other = `${folder}/b.sock`;
    const transports = [other, path].map((each) => ({ scheme: "message", path: each, agent: null }) as const);
    assertStringIncludes((await problemsOf(planOf("", { transports })))[0]!, "another process serves it");
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["a.sock"]);
    await first.stop();

    // A process that was killed leaves its socket behind.
    const listener = Deno.listen({ transport: "unix", path: `${folder}/dying.sock` });
    await Deno.rename(`${folder}/dying.sock`, path);
    listener.close();
    const second = await startCore(planOf(path));
    (await connectAgent(path)).close();
    await second.stop();
  }));

Deno.test("the HTTP interface serves a core in its worker at a real port", () =>
  withFolder(async (folder) => {
    const path = `${folder}/a.sock`;
    const core = await startCore(planOf(path));
    const app = createHttpApp(core.client);
    const server = serveHttp(app, { hostname: "127.0.0.1", port: 0 });
    assert(!("problem" in server));
    const put = await fetch(`${server.url}/api/sensors/temp_chip/override`, {
      method: "PUT",
      body: '{"values":[-5]}',
      headers: { "content-type": "application/json" },
    });
    assertEquals((await put.json()).readings, [-5000]);
    const agent = await connectAgent(path);
    const reading = await agent.call(0x15, SENSOR_READING_GET, { sensorId: 0, flags: { async: false } });
    assertEquals(reading.ok ? reading.values.readings[0]!.value : null, -5000);
    agent.close();

    const port = Number(new URL(server.url).port);
    const second = serveHttp(app, { hostname: "127.0.0.1", port });
    assertStringIncludes(
      "problem" in second ? second.problem : "",
      "it is in use; choose another with --http",
    );
    const foreign = await Deno.connect({ port });
    await foreign.write(
      new TextEncoder().encode("GET /health HTTP/1.1\r\nHost: example.org\r\nConnection: close\r\n\r\n"),
    );
    const answer = await new Response(foreign.readable).text();
    assertStringIncludes(answer, "421");
    await server.close();
    await core.stop();
  }));
