// The routes that move the world around the platform, by calling the app.
import { assertEquals } from "@std/assert";
import { createHttpApp } from "../../scp/control/http.ts";
import { createLocalCore } from "./local_core.ts";

function createApp() {
  const core = createLocalCore();
  const app = createHttpApp(core.client);
  const send = async (method: string, path: string, body?: unknown) => {
    const response = await app.request(path, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    });
    return { status: response.status, json: await response.json() };
  };
  const line = async (name: string) => (await send("GET", `/api/hardware/gpio-lines/${name}`)).json;
  return { core, send, line };
}

Deno.test("PUT /api/inputs/{name} opens a door, DELETE closes it", async () => {
  const { send, line } = createApp();
  const opened = await send("PUT", "/api/inputs/vehicle.doorFrontLeft", { value: 1 });
  assertEquals(opened, { status: 200, json: { name: "vehicle.doorFrontLeft", min: 0, max: 1, value: 1 } });
  assertEquals(await line("door-front-left"), {
    id: 1,
    name: "door-front-left",
    wire: { level: 1, isOutput: false },
    truth: { follows: "switch", level: 1, riseCount: 1, isOverridden: false },
  });
  assertEquals((await line("door-front-right")).wire.level, 0);
  assertEquals((await send("DELETE", "/api/inputs/vehicle.doorFrontLeft")).status, 200);
  assertEquals((await line("door-front-left")).wire.level, 0);
});

Deno.test("PUT /api/inputs/{name} sets the physics from the present on", async () => {
  const { core, send } = createApp();
  const before = core.platform.model.truth(0)[0]!;
  assertEquals((await send("PUT", "/api/inputs/ambientC", { value: 60 })).status, 200);
  assertEquals(core.platform.model.truth(0)[0], before);
  await send("POST", "/api/time/step", { us: 600e6 });
  assertEquals(core.platform.model.truth(0)[0]! > before + 20, true);
});

Deno.test("GET /api/inputs lists what PUT takes", async () => {
  const { core, send } = createApp();
  const { status, json } = await send("GET", "/api/inputs");
  assertEquals(status, 200);
  assertEquals(
    json,
    core.platform.model.inputs.map(({ name, min, max }) => ({ name, min, max, value: null })),
  );
  for (const { name, max } of json) {
    assertEquals((await send("PUT", `/api/inputs/${name}`, { value: max })).status, 200);
  }
});

Deno.test("GET /api/inputs tells what was set, until it is given back", async () => {
  const { send } = createApp();
  const valueOf = async (name: string) =>
    (await send("GET", "/api/inputs")).json.find((each: { name: string }) => each.name === name).value;
  await send("PUT", "/api/inputs/ambientC", { value: 41.5 });
  assertEquals((await send("PUT", "/api/inputs/ambientC", { value: 1e6 })).status, 422);
  assertEquals(await valueOf("ambientC"), 41.5);
  assertEquals((await send("DELETE", "/api/inputs/ambientC")).json.value, null);
  assertEquals(await valueOf("ambientC"), null);
});

Deno.test("PUT /api/inputs/{name} refuses what there is not, and values outside the bounds", async () => {
  const { send } = createApp();
  assertEquals(await send("PUT", "/api/inputs/vehicle.sunroof", { value: 1 }), {
    status: 404,
    json: { error: 'board rcar has no input "vehicle.sunroof": GET /api/inputs lists them' },
  });
  assertEquals(await send("PUT", "/api/inputs/vehicle.doorFrontLeft", { value: 2 }), {
    status: 422,
    json: { error: "input vehicle.doorFrontLeft takes a number from 0 to 1, not 2" },
  });
  assertEquals((await send("PUT", "/api/inputs/vehicle.doorFrontLeft", {})).status, 422);
  assertEquals((await send("DELETE", "/api/inputs/vehicle.sunroof")).status, 404);
});

Deno.test("PUT /api/hardware/gpio-lines/{name}/override shows a level until it is released", async () => {
  const { send, line } = createApp();
  const path = "/api/hardware/gpio-lines/wheel-front-left/override";
  const { status, json } = await send("PUT", path, { level: 1 });
  assertEquals([status, json.wire.level, json.truth.level, json.truth.isOverridden], [200, 1, 0, true]);
  const released = await send("DELETE", path);
  assertEquals([released.status, released.json.wire.level], [200, 0]);
  assertEquals((await line("wheel-front-left")).truth.isOverridden, false);
  assertEquals((await send("PUT", path, { level: 2 })).status, 422);
  assertEquals((await send("PUT", "/api/hardware/gpio-lines/x/override", { level: 1 })).json, {
    error: 'board rcar has no GPIO line "x": GET /api/hardware/gpio-lines lists them',
  });
});

Deno.test("GET /api/hardware/gpio-lines tells the pulses of a wheel as time is stepped", async () => {
  const { send, line } = createApp();
  await send("POST", "/api/time/step", { us: 15e6 });
  const before = (await line("wheel-front-left")).truth.riseCount;
  await send("POST", "/api/time/step", { us: 5e6 });
  // 15 km/h on wheels of 1.985 m, four pulses each, in a bend to either side.
  const pulses = (await line("wheel-front-left")).truth.riseCount - before;
  assertEquals(Math.abs(pulses - 15 / 3.6 / 1.985 * 4 * 5) <= 2, true, `${pulses} pulses`);
});
