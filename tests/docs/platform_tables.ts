// Tables of what there is around the protocols: boards, transports, threats and the routes of the HTTP interface, from the
// declarations that they are made from.
import type { Board } from "../../boards/board.ts";
import { loadBoard } from "../../boards/loader.ts";
import { BUILT_IN_BOARDS } from "../../boards/registry.ts";
import { createHttpApp } from "../../scp/control/http.ts";
import {
  TRANSPORT_SCHEMES,
  transportAbout,
  transportForm,
  type TransportScheme,
} from "../../scp/control/transport_spec.ts";
import { createLocalCore } from "../control/local_core.ts";
import { THREATS } from "../threats/threats.ts";

/** What agents are shown of a board. */
const HARDWARE_COLUMNS: readonly { heading: string; count: (board: Board) => number }[] = [
  { heading: "sensors", count: (board) => board.sensors.length },
  { heading: "clocks", count: (board) => board.clocks.length },
  { heading: "power domains", count: (board) => board.powerDomains.filter(({ id }) => id !== null).length },
  { heading: "performance domains", count: (board) => board.performanceDomains.length },
  { heading: "resets", count: (board) => board.resetDomains.length },
  { heading: "voltages", count: (board) => board.voltageDomains.length },
  { heading: "power caps", count: (board) => board.powercapDomains.length },
  { heading: "pins", count: (board) => board.pins.length },
];

/** The built-in boards, and how much of everything they have. */
export async function boardTable(): Promise<string[]> {
  const rows = [];
  for (const { name } of BUILT_IN_BOARDS) {
    const loaded = await loadBoard(name);
    if ("errors" in loaded) throw new Error(loaded.errors.join("\n"));
    const { board } = loaded;
    const counts = HARDWARE_COLUMNS.map(({ count }) => count(board));
    const agents = board.agents.map((agent) => agent.name).join(", ");
    rows.push(`| \`${name}\` | ${board.title} | ${agents} | ${counts.join(" | ")} |`);
  }
  const headings = ["board", "what it is", "agents", ...HARDWARE_COLUMNS.map(({ heading }) => heading)];
  return [`| ${headings.join(" | ")} |`, `|${" --- |".repeat(headings.length)}`, ...rows];
}

/** The schemes of transports by their bare names, for a first look. */
export function transportTable(): string[] {
  return transportRows((scheme) => scheme);
}

/** The schemes of transports, each with all its options. */
export function transportFormTable(): string[] {
  return transportRows((scheme) => transportForm(scheme).replaceAll("|", "\\|"));
}

function transportRows(write: (scheme: TransportScheme) => string): string[] {
  const rows = TRANSPORT_SCHEMES.map((scheme) => `| \`${write(scheme)}\` | ${transportAbout(scheme)} |`);
  return ["| `--transport` | what it is |", "| --- | --- |", ...rows];
}

/** What agents of one board may try against each other, and what holds. */
export function threatTable(): string[] {
  const rows = Object.values(THREATS).map(({ threat, attack, holds }) =>
    `| ${threat} | ${attack} | ${holds} |`
  );
  return ["| threat | what an agent does | what holds |", "| --- | --- | --- |", ...rows];
}

/** What is read here of the OpenAPI document. */
interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
}
interface Operation {
  readonly requestBody?: {
    readonly content: { readonly "application/json": { readonly schema: JsonSchema } };
  };
  readonly responses: { readonly 200: { readonly description: string } };
}
interface JsonSchema {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
}

/** Every route of the HTTP interface: what a request's body has, and what it is answered. */
export async function routeTable(): Promise<string[]> {
  const response = await createHttpApp(createLocalCore().client).request("/openapi.json");
  const { paths, components }: OpenApiDocument = await response.json();
  const rows = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { requestBody, responses }]) => {
      const schema = requestBody?.content["application/json"].schema;
      const named = schema?.$ref === undefined ? schema : components.schemas[schema.$ref.split("/").at(-1)!];
      const keys = Object.keys(named?.properties ?? {}).map((key) => `\`${key}\``).join(", ");
      return `| \`${method.toUpperCase()} ${path}\` | ${keys} | ${responses[200].description} |`;
    })
  );
  return ["| route | keys of its body | answer |", "| --- | --- | --- |", ...rows];
}
