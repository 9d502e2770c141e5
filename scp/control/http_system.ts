// The route of the power of the system as a whole. No logic; its shape is in views_system.ts.
import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import type { CoreClient } from "./control_calls.ts";
import { json, refusals, valueOf } from "./http_answers.ts";
import { systemView } from "./views_system.ts";

/** Adds the route to an app. */
export function addSystemRoutes(app: OpenAPIHono, core: CoreClient): void {
  const route = createRoute({
    method: "get",
    path: "/api/system",
    responses: { 200: json(systemView, "the system, and what was decided over its power"), ...refusals },
  });
  app.openapi(route, async (context) => context.json(valueOf(await core.call("system", null)), 200));
}
