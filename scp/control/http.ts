// The HTTP interface: routes from paths to calls of the core, no logic. Shapes are in views.ts, the routes of
// the hardware that agents set in http_hardware.ts, those that move the world around in http_steering.ts. The
// app object can be used without a port; http_server.ts gives it one.
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { bodyLimit } from "hono/body-limit";
import { HTTPException } from "hono/http-exception";
import { streamSSE } from "hono/streaming";
import type { ViewReport } from "./agent_view.ts";
import { AGENT_PAGE, type CoreClient, SENSOR_PAGE, VIEW_PAGE } from "./control_calls.ts";
import { EventHub } from "./event_hub.ts";
import { allPages, body, json, mistakeBody, Refusal, refusals, valueOf } from "./http_answers.ts";
import { addHardwareRoutes } from "./http_hardware.ts";
import { addSystemRoutes } from "./http_system.ts";
import { addSteeringRoutes } from "./http_steering.ts";
import * as views from "./views.ts";

const BODY_SIZE_MAX = 64 * 1024;

const named = { params: z.object({ name: z.string().openapi({ description: "name of the sensor" }) }) };

const routes = {
  health: createRoute({
    method: "get",
    path: "/health",
    responses: { 200: json(views.healthView, "the platform serves"), ...refusals },
  }),
  board: createRoute({
    method: "get",
    path: "/api/board",
    responses: { 200: json(views.platformView, "board, agents, protocols, endpoints"), ...refusals },
  }),
  sensors: createRoute({
    method: "get",
    path: "/api/sensors",
    responses: {
      200: json(views.sensorsView, "all sensors, in the order of their ids"),
      ...refusals,
    },
  }),
  sensor: createRoute({
    method: "get",
    path: "/api/sensors/{name}",
    request: named,
    responses: { 200: json(views.sensorView, "the sensor"), ...refusals },
  }),
  override: createRoute({
    method: "put",
    path: "/api/sensors/{name}/override",
    request: { ...named, body: body(views.overrideBody) },
    responses: {
      200: json(views.sensorView, "the sensor, which reads these values until released"),
      ...refusals,
    },
  }),
  release: createRoute({
    method: "delete",
    path: "/api/sensors/{name}/override",
    request: named,
    responses: { 200: json(views.sensorView, "the sensor, which measures again"), ...refusals },
  }),
  agents: createRoute({
    method: "get",
    path: "/api/agents",
    responses: {
      200: json(views.agentsView, "agents, channels, message counters"),
      ...refusals,
    },
  }),
  agentView: createRoute({
    method: "get",
    path: "/api/agents/{name}/view",
    request: { params: z.object({ name: z.string().openapi({ description: "name of the agent" }) }) },
    responses: {
      200: json(views.agentViewReport, "what the agent sees: ids, names and rights"),
      ...refusals,
    },
  }),
  trace: createRoute({
    method: "get",
    path: "/api/trace",
    responses: { 200: json(views.traceView, "counters of all kinds of events"), ...refusals },
  }),
  step: createRoute({
    method: "post",
    path: "/api/time/step",
    request: { body: body(views.stepBody) },
    responses: { 200: json(views.stepView, "virtual time after the step"), ...refusals },
  }),
  events: createRoute({
    method: "get",
    path: "/api/events",
    responses: {
      200: {
        description:
          "server-sent events: `ready`, then one per event, named by its kind; `dropped` counts lost ones",
        content: { "text/event-stream": { schema: views.eventView } },
      },
      ...refusals,
    },
  }),
};

/** What the framework refuses by itself, said so that one knows what to do. */
const ADVICE: Readonly<Record<number, string>> = {
  400: "the body is no JSON: check its brackets and quotes",
  415: "the body is not taken: send JSON with the header content-type: application/json",
};

/** Makes the app that speaks to a core. */
export function createHttpApp(core: CoreClient): OpenAPIHono {
  const app = new OpenAPIHono({
    defaultHook: (result, context) => {
      if (result.success) return;
      return context.json({ error: complaintOf(result.error) }, 422);
    },
  });
  const hub = new EventHub(core);
  const tooLarge = { error: `a body has at most ${BODY_SIZE_MAX} bytes` };
  app.use(bodyLimit({ maxSize: BODY_SIZE_MAX, onError: (context) => context.json(tooLarge, 413) }));
  app.onError((error, context) => {
    if (error instanceof HTTPException) {
      return context.json({ error: ADVICE[error.status] ?? error.message }, error.status);
    }
    return context.json(mistakeBody(error), 500);
  });
  app.notFound((context) =>
    context.json({
      error: `no route ${context.req.method} ${context.req.path}: GET /openapi.json lists them`,
    }, 404)
  );
  app.doc31("/openapi.json", {
    openapi: "3.1.0",
    info: {
      title: "SCMI simulator",
      version: "0.1.0",
      description: "Watches and steers a simulated platform.",
    },
  });

  app.openapi(routes.health, async (context) => {
    const { name, nowUs } = valueOf(await core.call("platform", null));
    return context.json({ status: "ok" as const, board: name, nowUs }, 200);
  });
  app.openapi(routes.board, async (context) => context.json(valueOf(await core.call("platform", null)), 200));
  app.openapi(routes.sensors, async (context) => {
    const all = await allPages(SENSOR_PAGE, (from) => core.call("sensors", { from }));
    return context.json(all, 200);
  });
  app.openapi(
    routes.sensor,
    async (context) => context.json(valueOf(await core.call("sensor", context.req.valid("param"))), 200),
  );
  app.openapi(routes.override, async (context) => {
    const { name } = context.req.valid("param");
    const { values } = context.req.valid("json");
    return context.json(valueOf(await core.call("override", { name, values })), 200);
  });
  app.openapi(
    routes.release,
    async (context) => context.json(valueOf(await core.call("release", context.req.valid("param"))), 200),
  );
  addHardwareRoutes(app, core);
  addSystemRoutes(app, core);
  addSteeringRoutes(app, core);
  app.openapi(routes.agents, async (context) => {
    const all = await allPages(AGENT_PAGE, (from) => core.call("agents", { from }));
    return context.json(all, 200);
  });
  app.openapi(routes.agentView, async (context) => {
    const { name } = context.req.valid("param");
    return context.json(await wholeView(core, name), 200);
  });
  app.openapi(routes.trace, async (context) => context.json(valueOf(await core.call("trace", null)), 200));
  app.openapi(
    routes.step,
    async (context) => context.json(valueOf(await core.call("step", context.req.valid("json"))), 200),
  );
  app.openapi(routes.events, async (context) => {
    // The framework lets GET answer HEAD and drops the body, whose end nobody would hear of.
    if (context.req.method === "HEAD") {
      return context.body(null, 200, { "content-type": "text/event-stream" });
    }
    const queue = await hub.listen();
    if (queue === null) throw new Refusal(503, { message: "too many listeners to events: end one" });
    return streamSSE(context, async (stream) => {
      stream.onAbort(() => hub.leave(queue));
      try {
        await stream.writeSSE({ event: "ready", data: "{}" });
        for (let part = await queue.next(); part !== null; part = await queue.next()) {
          for (const event of part.events) {
            await stream.writeSSE({ event: event.kind, data: JSON.stringify(event) });
          }
          const { droppedCount } = part;
          if (droppedCount > 0) {
            await stream.writeSSE({ event: "dropped", data: JSON.stringify({ droppedCount }) });
          }
          if (part.events.length === 0) await stream.write(": still here\n\n");
        }
      } finally {
        hub.leave(queue);
      }
    });
  });
  return app;
}

async function wholeView(core: CoreClient, name: string): Promise<ViewReport> {
  const resources: ViewReport["resources"][number][] = [];
  for (;;) {
    const page = valueOf(await core.call("agentView", { name, from: resources.length }));
    resources.push(...page.resources);
    if (page.resources.length < VIEW_PAGE) return { ...page, resources };
  }
}

/** All that is wrong with a request, on one line. */
function complaintOf(
  error: { readonly issues: readonly { path: PropertyKey[]; message: string }[] },
): string {
  return error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join(".")}: ${message}`
  ).join("; ");
}
