// README: its generated parts are up to date, and every command it names runs.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { withGeneratedParts } from "./generate.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const readme = await Deno.readTextFile(`${ROOT}README.md`);

/** The lines of the shell blocks. */
function shellLines(): string[] {
  return [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) => block!.trim().split("\n"));
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

Deno.test("README's generated parts are up to date", async () => {
  assertEquals(await withGeneratedParts(readme), readme, "run `deno task docs`");
});

Deno.test("README names no shell line that nobody runs", () => {
  assertEquals(shellLines(), [
    "npx -y deno task scp --board rcar", // below
    "npx -y deno task test", // this very run
    "deno task test:guest", // the guest tests
    "deno task scp qemu --board rcar --exec", // one of the guest tests
    "deno task scp qemu --board rcar --exec --transport mailbox --gpio", // another one
  ]);
});

Deno.test("README's tasks exist", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`));
  const named = new Set([...readme.matchAll(/deno task ([a-z:]+)/g)].map(([, name]) => name!));
  for (const name of named) assert(name in tasks, `deno task ${name}`);
});

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
