// Writes the generated tables of README.md between their markers, or with --check tells whether they are up to date.
// Everything in them comes from the declarations the platform and the guest tests run on.
import type { CommandSchema, NotificationSchema } from "../../scp/core/schema.ts";
import {
  NEGOTIATE_PROTOCOL_VERSION,
  PROTOCOL_MESSAGE_ATTRIBUTES,
  PROTOCOL_VERSION,
} from "../../protocols/every_protocol.ts";
import { isVendorProtocol, PROTOCOLS } from "../../protocols/registry.ts";
import { type ProtocolDefinition, RELEASES } from "../../protocols/protocol.ts";
import type { Board } from "../../boards/board.ts";
import { BUILT_IN_BOARDS } from "../../boards/registry.ts";
import { loadBoard } from "../../boards/loader.ts";
import { THREATS } from "../threats/threats.ts";
import { TRANSPORT_SCHEMES, transportAbout, transportForm } from "../../scp/control/transport_spec.ts";
import { guestTable } from "./guest_table.ts";

const README = new URL("../../README.md", import.meta.url);

/** Messages that every protocol has. */
const EVERY_PROTOCOL = [
  PROTOCOL_VERSION,
  { id: 0x1, name: "PROTOCOL_ATTRIBUTES" },
  PROTOCOL_MESSAGE_ATTRIBUTES,
  NEGOTIATE_PROTOCOL_VERSION,
];
const COMMON_IDS = new Set(EVERY_PROTOCOL.map(({ id }) => id));

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

function versionText(version: number): string {
  return `${version >>> 16}.${version & 0xffff}`;
}

function hexId(id: number): string {
  return `0x${id.toString(16).toUpperCase()}`;
}

/** The protocols of the specification, and those that are a vendor's: ours. */
const STANDARD_PROTOCOLS = PROTOCOLS.filter(({ id }) => !isVendorProtocol(id));
const VENDOR_PROTOCOLS = PROTOCOLS.filter(({ id }) => isVendorProtocol(id));

/** The version of every protocol in every release of the specification. */
function versionTable(): string[] {
  const rows = STANDARD_PROTOCOLS.map((protocol) => {
    const versions = RELEASES.map((release) => protocol.releases[release]);
    return `| ${hexId(protocol.id)} ${protocol.name} | ${
      versions.map((version) => version === null ? "–" : versionText(version)).join(" | ")
    } |`;
  });
  const head = `| \`--spec\` | ${RELEASES.join(" | ")} |`;
  return [head, `| --- |${" --- |".repeat(RELEASES.length)}`, ...rows];
}

/** A message, whatever its layouts. */
interface Message {
  readonly name: string;
  /** The first protocol version that has it. */
  readonly since: number;
  readonly isAsync: boolean;
}

/** Messages by id, by rising id; a message with several layouts is one. */
function messagesById(
  schemas: readonly (CommandSchema | NotificationSchema)[],
): [id: number, message: Message][] {
  const all = new Map<number, Message>();
  for (const schema of schemas) {
    const known = all.get(schema.id);
    all.set(schema.id, {
      name: schema.name,
      since: Math.min(schema.since, known?.since ?? schema.since),
      isAsync: known?.isAsync === true || ("delayed" in schema && schema.delayed !== null),
    });
  }
  return [...all].sort(([a], [b]) => a - b);
}

function messageText([id, { name, since, isAsync }]: [number, Message]): string {
  return `${hexId(id)}\u00a0${name}${isAsync ? "\\*" : ""}${
    since > 0x10000 ? ` (${versionText(since)})` : ""
  }`;
}

/** The messages of a protocol on one line: ids and names; `*` = also asynchronous, the version where it is not the first. */
function messagesOf(protocol: ProtocolDefinition): string {
  const own = messagesById(protocol.bindings.map(({ schema }) => schema)).filter(([id]) =>
    !COMMON_IDS.has(id)
  );
  const notified = messagesById(protocol.notifications);
  const cells = [own, notified].map((messages) => messages.map(messageText).join(", "));
  return `| ${hexId(protocol.id)} ${protocol.name} | ${cells.join(" | ")} |`;
}

/** The messages that every protocol has; negotiation came to all of them with SCMI 3.2. */
function commonMessages(): string {
  const named = EVERY_PROTOCOL.map(({ id, name }) => `${hexId(id)}\u00a0${name}`);
  return `| every protocol | ${named.join(", ")} (SCMI 3.2) | |`;
}

const MESSAGES_HEAD = ["| protocol | commands | notifications |", "| --- | --- | --- |"];

async function boardTable(): Promise<string[]> {
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

function transportTable(): string[] {
  const rows = TRANSPORT_SCHEMES.map((scheme) => {
    const form = transportForm(scheme).replaceAll("|", "\\|");
    return `| \`${form}\` | ${transportAbout(scheme)} |`;
  });
  return ["| `--transport` | what it is |", "| --- | --- |", ...rows];
}

/** What agents of one board may try against each other, and what holds. */
function threatTable(): string[] {
  const rows = Object.values(THREATS).map(({ threat, attack, holds }) =>
    `| ${threat} | ${attack} | ${holds} |`
  );
  return ["| threat | what an agent does | what holds |", "| --- | --- | --- |", ...rows];
}

/** README with its generated parts made anew. */
export async function withGeneratedParts(readme: string): Promise<string> {
  const parts: Record<string, string[]> = {
    versions: versionTable(),
    messages: [...MESSAGES_HEAD, commonMessages(), ...STANDARD_PROTOCOLS.map(messagesOf)],
    "vendor messages": [...MESSAGES_HEAD, ...VENDOR_PROTOCOLS.map(messagesOf)],
    boards: await boardTable(),
    guests: guestTable(),
    transports: transportTable(),
    threats: threatTable(),
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
