// The documents of this repository, and the parts of them that are generated: each stands between two markers, and comes from the
// declarations that the platform and the tests run on.
import { guestSummary, guestTable } from "./guest_table.ts";
import {
  boardTable,
  routeTable,
  threatTable,
  transportFormTable,
  transportTable,
} from "./platform_tables.ts";
import { messageTable, vendorMessageTable, versionTable } from "./protocol_tables.ts";

/** One document. */
export interface ProjectDocument {
  /** From the root of the repository. */
  readonly path: string;
  /** What makes the lines of each generated part, by its name. */
  readonly parts: Readonly<Record<string, () => string[] | Promise<string[]>>>;
}

/** All of them. */
export const DOCUMENTS: readonly ProjectDocument[] = [
  {
    path: "README.md",
    parts: { guests: guestSummary, versions: versionTable, transports: transportTable },
  },
  { path: "boards/README.md", parts: { boards: boardTable } },
  {
    path: "protocols/README.md",
    parts: { messages: messageTable, "vendor messages": vendorMessageTable },
  },
  { path: "transports/README.md", parts: { transports: transportFormTable } },
  { path: "scp/control/README.md", parts: { routes: routeTable } },
  { path: "tests/guest/README.md", parts: { guests: guestTable } },
  { path: "tests/threats/README.md", parts: { threats: threatTable } },
];

const ROOT = new URL("../../", import.meta.url);

/** Reads a document as it stands. */
export function readDocument({ path }: ProjectDocument): Promise<string> {
  return Deno.readTextFile(new URL(path, ROOT));
}

/** Writes the text of a document. */
export function writeDocument({ path }: ProjectDocument, text: string): Promise<void> {
  return Deno.writeTextFile(new URL(path, ROOT), text);
}

/** Returns the text of a document with its generated parts made anew. Throws when it has no place for one of them. */
export async function withGeneratedParts({ path, parts }: ProjectDocument, text: string): Promise<string> {
  let made = text;
  for (const [name, makeLines] of Object.entries(parts)) {
    const pattern = new RegExp(`(<!-- generated: ${name} -->\n)[\\s\\S]*?(<!-- end -->)`);
    if (!pattern.test(made)) throw new Error(`${path} has no place for the generated part ${name}`);
    const lines = await makeLines();
    made = made.replace(pattern, (_, begin, end) => `${begin}\n${lines.join("\n")}\n\n${end}`);
  }
  return await formatted(path, made);
}

/** As `deno fmt` would have it, so that the gate and this program agree. */
async function formatted(path: string, text: string): Promise<string> {
  const config = new URL("deno.json", ROOT).pathname;
  const command = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--config", config, "--ext", "md", "-"],
    stdin: "piped",
    stdout: "piped",
  });
  const child = command.spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  const { success, stdout } = await child.output();
  if (!success) throw new Error(`deno fmt refuses ${path}`);
  return new TextDecoder().decode(stdout);
}
