// The routes that move the world around the platform: /api/inputs, and levels that GPIO lines are made to
// show. No logic; shapes are in views_steering.ts.
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { CoreClient } from "./control_calls.ts";
import { HARDWARE_PATHS } from "./hardware_views.ts";
import { body, json, refusals, valueOf } from "./http_answers.ts";
import { hardwareSchemas } from "./views_hardware.ts";
import { inputBody, inputsView, inputView, levelBody } from "./views_steering.ts";

const named = (what: string) => ({
  params: z.object({ name: z.string().openapi({ description: `name of the ${what}` }) }),
});

const LINE_PATH = `/api/hardware/${HARDWARE_PATHS.gpioLines}/{name}/override`;

const routes = {
  inputs: createRoute({
    method: "get",
    path: "/api/inputs",
    responses: { 200: json(inputsView, "what can be set in the world around the platform"), ...refusals },
  }),
  setInput: createRoute({
    method: "put",
    path: "/api/inputs/{name}",
    request: { ...named("input"), body: body(inputBody) },
    responses: {
      200: json(inputView, "the input, which has this value until it is given back"),
      ...refusals,
    },
  }),
  giveBackInput: createRoute({
    method: "delete",
    path: "/api/inputs/{name}",
    request: named("input"),
    responses: { 200: json(inputView, "the input, which the board has again"), ...refusals },
  }),
  overrideLine: createRoute({
    method: "put",
    path: LINE_PATH,
    request: { ...named("line"), body: body(levelBody) },
    responses: {
      200: json(hardwareSchemas.gpioLines, "the line, which shows this level until released"),
      ...refusals,
    },
  }),
  releaseLine: createRoute({
    method: "delete",
    path: LINE_PATH,
    request: named("line"),
    responses: {
      200: json(hardwareSchemas.gpioLines, "the line, which follows its source again"),
      ...refusals,
    },
  }),
};

/** Adds the routes to an app. */
export function addSteeringRoutes(app: OpenAPIHono, core: CoreClient): void {
  app.openapi(
    routes.inputs,
    async (context) => context.json([...valueOf(await core.call("inputs", null))], 200),
  );
  app.openapi(routes.setInput, async (context) => {
    const { name } = context.req.valid("param");
    const { value } = context.req.valid("json");
    return context.json(valueOf(await core.call("setInput", { name, value })), 200);
  });
  app.openapi(routes.giveBackInput, async (context) => {
    const { name } = context.req.valid("param");
    return context.json(valueOf(await core.call("setInput", { name, value: null })), 200);
  });
  app.openapi(routes.overrideLine, async (context) => {
    const { name } = context.req.valid("param");
    const { level } = context.req.valid("json");
    return context.json(valueOf(await core.call("overrideLine", { name, level })), 200);
  });
  app.openapi(routes.releaseLine, async (context) => {
    const { name } = context.req.valid("param");
    return context.json(valueOf(await core.call("overrideLine", { name, level: null })), 200);
  });
}
