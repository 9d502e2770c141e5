// The routes of the power of the system as a whole, and of what agents share. No logic; shapes are in
// views_system.ts and views_arbitration.ts.
import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { BELIEF_PAGE, type CoreClient, SHARED_PAGE } from "./control_calls.ts";
import { allPages, json, refusals, valueOf } from "./http_answers.ts";
import { arbitrationView } from "./views_arbitration.ts";
import { systemView } from "./views_system.ts";

/** Adds the routes to an app. */
export function addSystemRoutes(app: OpenAPIHono, core: CoreClient): void {
  const route = createRoute({
    method: "get",
    path: "/api/system",
    responses: { 200: json(systemView, "the system, and what was decided over its power"), ...refusals },
  });
  app.openapi(route, async (context) => context.json(valueOf(await core.call("system", null)), 200));
  const arbitration = createRoute({
    method: "get",
    path: "/api/arbitration",
    responses: { 200: json(arbitrationView, "what agents share, and what came of it"), ...refusals },
  });
  app.openapi(arbitration, async (context) => {
    const shared = await allPages(SHARED_PAGE, (from) => core.call("shared", { from }));
    const differences = await allPages(BELIEF_PAGE, (from) => core.call("differences", { from }));
    const log = valueOf(await core.call("beliefLog", null));
    const resources = shared.filter(({ votes }) => votes.length > 0);
    return context.json({ resources, differences, log }, 200);
  });
}
