// README and the documents it links to: generated parts are up to date, links lead somewhere, every command of README runs.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { DOCUMENTS, readDocument, withGeneratedParts } from "./documents.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const readme = await Deno.readTextFile(`${ROOT}README.md`);

/** One page: what a newcomer reads in one go. */
const README_LINES_MAX = 110;

/** The shell lines of each document, and who runs them; documents without any are left out. */
const SHELL_LINES: Readonly<Record<string, readonly string[]>> = {
  "README.md": [
    "npx -y deno task scp --board rcar", // below
    "npx -y deno task test", // this very run
    "deno task test:guest", // the guest tests
    "deno task scp qemu --board rcar --exec", // one of the guest tests
    "deno task scp qemu --board rcar --exec --transport mailbox --gpio", // another one
  ],
};

/** The paths of all Markdown files, from the root. */
async function markdownFiles(folder = ""): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(`${ROOT}${folder}`)) {
    if (name.startsWith(".") || name === "node_modules") continue;
    if (isDirectory) found.push(...await markdownFiles(`${folder}${name}/`));
    else if (name.endsWith(".md")) found.push(`${folder}${name}`);
  }
  return found;
}

/** The lines of the shell blocks. */
function shellLines(text: string): string[] {
  return [...text.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) => block!.trim().split("\n"));
}

/** What a document links to within the repository. */
function links(text: string): string[] {
  return [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, target]) => target!).filter((target) =>
    !/^[a-z]+:/.test(target)
  );
}

/** The commands of the table of commands, as arguments of `scp`. */
function tableCommands(): string[][] {
  const rows = readme.split("\n").filter((line) => line.startsWith("| `scp"));
  const cells = rows.map((row) => row.split(/(?<!\\)\|/)[1]!);
  return cells.flatMap((cell) => [...cell.matchAll(/`scp ([^`]*)`/g)].map(([, args]) => args!.split(" ")));
}

async function scp(args: string[], environment: Record<string, string> = {}) {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", `${ROOT}scp/control/main.ts`, ...args],
    env: { NO_COLOR: "1", ...environment },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
  const { code, stdout, stderr } = await command.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}

/** Runs a board as README says, until it is up; gives its output to `use` and ends it. */
async function withBoard(use: (lines: string[], folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", `${ROOT}scp/control/main.ts`, "--board", "rcar", "--http", "off"],
    env: { XDG_RUNTIME_DIR: folder, NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const lines: string[] = [];
  try {
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
      lines.push(...chunk.split("\n"));
      if (lines.some((line) => line.includes("Ctrl-C"))) break;
    }
    await use(lines, folder);
  } finally {
    child.kill("SIGINT");
    await child.status;
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("documents are all Markdown files there are", async () => {
  assertEquals(DOCUMENTS.map(({ path }) => path).toSorted(), (await markdownFiles()).toSorted());
});

Deno.test("README is one page", () => {
  const { length } = readme.trimEnd().split("\n");
  assert(length <= README_LINES_MAX, `${length} lines`);
});

for (const document of DOCUMENTS) {
  const { path } = document;

  Deno.test(`${path} has generated parts that are up to date`, async () => {
    const text = await readDocument(document);
    assertEquals(await withGeneratedParts(document, text), text, "run `deno task docs`");
  });

  Deno.test(`${path} names no shell line that nobody runs`, async () => {
    assertEquals(shellLines(await readDocument(document)), SHELL_LINES[path] ?? []);
  });

  Deno.test(`${path} names tasks that exist`, async () => {
    const { tasks } = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`));
    const named = new Set(
      [...(await readDocument(document)).matchAll(/deno task ([a-z:]+)/g)].map(([, name]) => name!),
    );
    for (const name of named) assert(name in tasks, `deno task ${name}`);
  });

  Deno.test(`${path} links to what exists`, async () => {
    const folder = new URL(path, new URL("../../", import.meta.url));
    for (const target of links(await readDocument(document))) {
      const isThere = await Deno.stat(new URL(target, folder)).then(() => true, () => false);
      assert(isThere, target);
    }
  });
}

Deno.test("README's first command brings a board up, prints endpoints and a QEMU line, and `probe` walks it", async () => {
  await withBoard(async (lines, folder) => {
    const text = lines.join("\n");
    const socket = `${folder}/scp/rcar/ospm.message.sock`;
    assertStringIncludes(text, `message:${socket}`);
    assertStringIncludes(text, "vhost-user-scmi-pci");
    const probe = await scp(["probe", "--connect", `message:${socket}`]);
    assertEquals([probe.code, probe.err], [0, ""]);
    assertStringIncludes(probe.out, "thermal1");
  });
});

Deno.test("README's table of commands has commands that run", async () => {
  const seen = new Set<string>();
  for (const args of tableCommands()) {
    const [command] = args;
    seen.add(command!);
    if (command === "--board" || command === "probe") continue; // the test above
    const board = args.includes("--board") || command === "boards" || command === "fuzz"
      ? []
      : ["--board", "rcar"];
    const isRepro = args.includes("repro");
    const given = isRepro ? ["fuzz", "--help"] : args.map((arg) => arg === "60" ? "1" : arg);
    const { code, out, err } = await scp([...given, ...board]);
    assertEquals([code, err], [0, ""], args.join(" "));
    assert(out.length > 0, args.join(" "));
  }
  assertEquals([...seen], ["--board", "boards", "describe", "view", "probe", "dts", "qemu", "fuzz"]);
});
