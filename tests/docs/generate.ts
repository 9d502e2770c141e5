// Writes the generated tables of README.md between their markers, or with --check tells whether they are up to date.
// Everything in them comes from the declarations the platform runs on.
import { PROTOCOLS } from "../../protocols/registry.ts";
import { type ProtocolDefinition, RELEASES } from "../../protocols/protocol.ts";
import { BUILT_IN_BOARDS } from "../../boards/registry.ts";
import { loadBoard } from "../../boards/loader.ts";

const README = new URL("../../README.md", import.meta.url);

function versionText(version: number): string {
  return `${version >>> 16}.${version & 0xffff}`;
}

function hexId(id: number): string {
  return `0x${id.toString(16).toUpperCase()}`;
}

/** The version of every protocol in every release of the specification. */
function versionTable(): string[] {
  const rows = PROTOCOLS.map((protocol) => {
    const versions = RELEASES.map((release) => protocol.releases[release]);
    return `| ${hexId(protocol.id)} ${protocol.name} | ${
      versions.map((version) => version === null ? "–" : versionText(version)).join(" | ")
    } |`;
  });
  const head = `| \`--spec\` | ${RELEASES.join(" | ")} |`;
  return [head, `| --- |${" --- |".repeat(RELEASES.length)}`, ...rows];
}

/** The messages of a protocol on one line: ids and names; `*` = also asynchronous, the version where it is not the first. */
function messagesOf(protocol: ProtocolDefinition): string {
  const commands = new Map<number, { name: string; since: number; isAsync: boolean }>();
  for (const { schema } of protocol.bindings) {
    const since = Math.min(schema.since, commands.get(schema.id)?.since ?? schema.since);
    commands.set(schema.id, { name: schema.name, since, isAsync: schema.delayed !== null });
  }
  const show = (id: number, name: string, since: number, mark: string) =>
    `${hexId(id)}\u00a0${name}${mark}${since > 0x10000 ? ` (${versionText(since)})` : ""}`;
  const shown = [...commands].sort(([a], [b]) => a - b).map(([id, { name, since, isAsync }]) =>
    show(id, name, since, isAsync ? "\\*" : "")
  );
  const notified = protocol.notifications.map(({ id, name, since }) => show(id, name, since, ""));
  return `| ${hexId(protocol.id)} ${protocol.name} | ${shown.join(", ")} | ${notified.join(", ")} |`;
}

async function boardTable(): Promise<string[]> {
  const rows = [];
  for (const { name } of BUILT_IN_BOARDS) {
    const loaded = await loadBoard(name);
    if ("errors" in loaded) throw new Error(loaded.errors.join("\n"));
    const { title, agents, sensors } = loaded.board;
    rows.push(
      `| \`${name}\` | ${title} | ${agents.map((agent) => agent.name).join(", ")} | ${sensors.length} |`,
    );
  }
  return ["| board | what it is | agents | sensors |", "| --- | --- | --- | --- |", ...rows];
}

/** README with its generated parts made anew. */
export async function withGeneratedParts(readme: string): Promise<string> {
  const parts: Record<string, string[]> = {
    versions: versionTable(),
    messages: [
      "| protocol | commands | notifications |",
      "| --- | --- | --- |",
      ...PROTOCOLS.map(messagesOf),
    ],
    boards: await boardTable(),
  };
  let text = readme;
  for (const [name, lines] of Object.entries(parts)) {
    const pattern = new RegExp(`(<!-- generated: ${name} -->\n)[\\s\\S]*?(<!-- end -->)`);
    if (!pattern.test(text)) throw new Error(`README.md has no place for the generated part ${name}`);
    text = text.replace(pattern, `$1\n${lines.join("\n")}\n\n$2`);
  }
  return await formatted(text);
}

/** As `deno fmt` would have it, so that the gate and this program agree. */
async function formatted(text: string): Promise<string> {
  const config = new URL("../../deno.json", import.meta.url).pathname;
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
  if (!success) throw new Error("deno fmt refuses README.md");
  return new TextDecoder().decode(stdout);
}

if (import.meta.main) {
  const before = await Deno.readTextFile(README);
  const after = await withGeneratedParts(before);
  if (Deno.args.includes("--check")) {
    if (before !== after) {
      console.error("README.md is not up to date: run `deno task docs` and commit it");
      Deno.exit(1);
    }
  } else {
    await Deno.writeTextFile(README, after);
  }
}
