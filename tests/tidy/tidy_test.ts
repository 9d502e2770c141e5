// What every tracked text file has to fulfil and no linter checks: length, open ends, silenced checks, and nothing that
// holds on one machine only.
import { assert, assertEquals } from "@std/assert";

const ROOT = new URL("../../", import.meta.url);
const LINES_MAX = 400;

/** A pattern that no line may match. */
interface Ban {
  readonly what: string;
  readonly pattern: RegExp;
}

// In each source one character stands in brackets, or this file would refuse itself.
const BANS: readonly Ban[] = [
  { what: "a note without an issue number", pattern: /\b(T[O]DO|F[I]XME|X[X]X)\b(?! ?\(?#\d)/ },
  { what: "a silenced type check", pattern: /@t[s]-(ignore|nocheck|expect-error)/ },
  { what: "a silenced lint or format rule", pattern: /(deno|eslint|fmt)-?(lint|fmt)?-?(file-)?i[g]nore/ },
  { what: "a test skipped or singled out", pattern: /Deno\.test\.(on[l]y|ign[o]re)\(/ },
  {
    what: "a path of one machine",
    pattern: /(^|[\s"'`(=:])\/(r[o]ot|h[o]me(?!\/(me|user)\b))\/[.\w]/,
  },
  {
    what: "the address of a registry or mirror",
    pattern: /\/\/[\w.-]*(registr[y]|mirro[r]|art[i]factory)[\w-]*\.(?!example\b)\w/,
  },
  {
    what: "the address of a private network",
    pattern: /\b(10\.\d+|192\.16[8]|172\.(1[6-9]|2\d|3[01]))\.\d+\.\d+\b/,
  },
];

/** The folder that this checkout lies in: where that is, is nobody else's business. */
const PARENT = new URL("..", ROOT).pathname;

/** Counts as text; images and the like are left out. */
const TEXT = /\.(ts|js|c|h|json|jsonc|md|sh|yaml|yml|txt|hex|config|lock|css|html)$|(^|\/)[\w-]+$/;

/** Counts as source. */
const SOURCE = /\.(ts|c|h)$/;

async function trackedFiles(): Promise<string[]> {
  const git = new Deno.Command("git", { args: ["ls-files", "-z"], cwd: ROOT });
  const { stdout, success } = await git.output();
  assert(success, "the check needs git and a checkout");
  const paths = new TextDecoder().decode(stdout).split("\0").filter((path) => TEXT.test(path));
  const present = await Promise.all(
    paths.map((path) => Deno.stat(new URL(path, ROOT)).then(() => true, () => false)),
  );
  return paths.filter((_, i) => present[i]);
}

async function linesOf(path: string): Promise<string[]> {
  return (await Deno.readTextFile(new URL(path, ROOT))).replace(/\n$/, "").split("\n");
}

/** Names each ban that a line breaks. */
function brokenBans(line: string): string[] {
  const broken = BANS.filter(({ pattern }) => pattern.test(line)).map(({ what }) => what);
  // A checkout right below the root or the temporary folder says nothing.
  const at = line.indexOf(PARENT);
  const isAbsolute = at >= 0 && !/[\w.-]/.test(line.charAt(at - 1));
  if (PARENT.length > "/tmp/".length && isAbsolute) broken.push("the folder of this checkout");
  return broken;
}

Deno.test("tracked source files have at most 400 lines", async () => {
  const tooLong: string[] = [];
  for (const path of await trackedFiles()) {
    if (!SOURCE.test(path)) continue;
    const { length } = await linesOf(path);
    if (length > LINES_MAX) tooLong.push(`${path}: ${length} lines`);
  }
  assertEquals(tooLong, []);
});

Deno.test("tracked source files open with a comment that says what they hold", async () => {
  const silent: string[] = [];
  for (const path of await trackedFiles()) {
    // Test files are left out: the names of their tests say what they hold.
    if (!SOURCE.test(path) || path.endsWith("_test.ts")) continue;
    if (!/^(\/\/|#!|\/\*)/.test((await linesOf(path))[0]!)) silent.push(path);
  }
  assertEquals(silent, []);
});

Deno.test("tracked files hold nothing unfinished, silenced or bound to one machine", async () => {
  const broken: string[] = [];
  for (const path of await trackedFiles()) {
    const lines = await linesOf(path);
    lines.forEach((line, i) => broken.push(...brokenBans(line).map((what) => `${path}:${i + 1}: ${what}`)));
  }
  assertEquals(broken, []);
});

Deno.test("bans of tracked files catch what they are for and nothing else", () => {
  const join = (...parts: string[]) => parts.join("");
  const bad = [
    join("// TO", "DO later"),
    join("// FIX", "ME: later"),
    join("// @t", "s-ignore"),
    join("// deno-lint-", "ignore no-explicit-any"),
    join("// deno-fmt-", "ignore"),
    join("Deno.test.on", "ly(f);"),
    join("cd /ro", "ot/.cache"),
    join("https://regist", "ry.npmjs.org/x"),
    join("http://deb.mirr", "or.internal/debian"),
    join("http://10.0.0", ".7:4873/"),
  ];
  for (const line of bad) assert(brokenBans(line).length > 0, line);
  const good = [
    join("// TO", "DO(#12): when the second board is there"),
    'socket: "/tmp/a.sock"',
    '{ HOME: "/home/me" }',
    "http://mirror.example/debian",
    "http://127.0.0.1:8056/health",
    "import { PROTOCOLS } from './registry.ts';",
    "a/home/b",
  ];
  for (const line of good) assertEquals(brokenBans(line), [], line);
});
