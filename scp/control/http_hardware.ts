// The routes under /api/hardware: a list and a single resource of each kind. No logic; shapes are in
// views_hardware.ts.
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { CoreClient } from "./control_calls.ts";
import { hardwareSchemas } from "./views_hardware.ts";
import { HARDWARE_PAGE, HARDWARE_PATHS, type HardwareView, type HardwareViewKind } from "./hardware_views.ts";
import { allPages, json, refusals, valueOf } from "./http_answers.ts";

const named = { params: z.object({ name: z.string().openapi({ description: "name of the resource" }) }) };

/** Adds the routes to an app. */
export function addHardwareRoutes(app: OpenAPIHono, core: CoreClient): void {
  for (const kind of Object.keys(HARDWARE_PATHS) as HardwareViewKind[]) addRoutesOf(kind, app, core);
}

function addRoutesOf(kind: HardwareViewKind, app: OpenAPIHono, core: CoreClient): void {
  const schema: z.ZodType<HardwareView> = hardwareSchemas[kind];
  const path = `/api/hardware/${HARDWARE_PATHS[kind]}`;
  const list = createRoute({
    method: "get",
    path,
    responses: { 200: json(z.array(schema), "all there are, in the order of their ids"), ...refusals },
  });
  const single = createRoute({
    method: "get",
    path: `${path}/{name}`,
    request: named,
    responses: { 200: json(schema, "the resource"), ...refusals },
  });
  app.openapi(list, async (context) => {
    const all = await allPages(HARDWARE_PAGE, (from) => core.call("hardware", { kind, from }));
    return context.json(all, 200);
  });
  app.openapi(single, async (context) => {
    const { name } = context.req.valid("param");
    return context.json(valueOf(await core.call("hardwareNamed", { kind, name })), 200);
  });
}
