// The command `scp fuzz`: what it prints, writes and returns, on boards and on running platforms.
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { runFuzzCommand } from "../../scp/control/fuzz_command.ts";
import { createSyntheticPlatform } from "../../scp/fuzz/synthetic_platform.ts";
import { servePlatform } from "./served_platform.ts";

interface Called {
  readonly code: number;
  readonly lines: readonly string[];
  readonly complaints: readonly string[];
}

async function call(...args: string[]): Promise<Called> {
  const lines: string[] = [];
  const complaints: string[] = [];
  const code = await runFuzzCommand(args, {
    print: (line) => void lines.push(...line.split("\n")),
    complain: (line) => void complaints.push(line),
  });
  return { code, lines, complaints };
}

const CORPUS = new URL("corpus/", import.meta.url).pathname;

Deno.test("fuzz platform prints seed and options first, and is the same again from them", async () => {
  const args = ["platform", "--seed", "9", "--runs", "60", "--board", "minimal", "--board", "synthetic"];
  const one = await call(...args);
  assertEquals(one.code, 0);
  assertEquals(one.lines[0], "fuzz platform --seed 9 --board minimal --board synthetic --runs 60");
  const again = await call(...one.lines[0]!.split(" ").slice(1));
  const hash = (called: Called) => called.lines.at(-1)!.match(/hash [0-9a-f]+$/)?.[0];
  assertEquals(hash(again), hash(one));
  assertMatch(one.lines.at(-1)!, /^total: [\d.]+ s, 60 programs, \d+ messages, .* 0 findings, hash/);
});

Deno.test("fuzz platform draws a seed and says which", async () => {
  const [one, other] = [await call("platform", "--runs", "1"), await call("platform", "--runs", "1")];
  assertMatch(
    one.lines[0]!,
    /^fuzz platform --seed \d+ --board synthetic --board rcar --board rcar-guests --board minimal --runs 1$/,
  );
  assert(one.lines[0] !== other.lines[0]);
});

Deno.test("fuzz repro replays a program with a trace and a verdict", async () => {
  const { code, lines } = await call("repro", `${CORPUS}permission_last_word.txt`);
  assertEquals(code, 0);
  assertStringIncludes(lines[1]!, "BASE_SET_DEVICE_PERMISSIONS token=1023 SUCCESS");
  assertEquals(lines.at(-1), "verdict: nothing is wrong");
});

Deno.test("fuzz finds what is wrong with a running platform, writes it down and replays it", async () => {
  const out = await Deno.makeTempDir({ prefix: "scmi-fuzz-" });
  const { machine } = createSyntheticPlatform(1, "3.2");
  // Every NOT_FOUND is said to be SUCCESS.
  const served = await servePlatform(machine, "OSPM", (reply) => {
    if (reply.length === 8 && reply[4] === 0xfc) reply.fill(0, 4);
  });
  const connect = ["--connect", `message:${served.path}`];
  const found = await call(
    "platform",
    ...connect,
    "--seed",
    "2",
    "--runs",
    "100",
    "--findings",
    "1",
    "--out",
    out,
  );
  assertEquals(found.code, 1);
  const [file] = [...Deno.readDirSync(out)];
  assert(file !== undefined, "the finding is written");
  const path = `${out}/${file.name}`;
  assertStringIncludes(await Deno.readTextFile(path), "board connected\n");
  const replayed = await call("repro", path, ...connect);
  assertEquals(replayed.code, 1);
  assertMatch(replayed.lines.at(-1)!, /^verdict: (status|layout|state)$/);
  const nowhere = await call("repro", path);
  assertEquals(nowhere.code, 1);
  assertStringIncludes(nowhere.complaints[0]!, "name it with --connect message:SOCKET");
  await served.close();
  await Deno.remove(out, { recursive: true });
});

/** Serves agents of a synthetic platform that says SUCCESS for every NOT_FOUND to one of them. */
async function serveSpoilt(spoiltAgent: string, ...agentNames: string[]) {
  const { machine } = createSyntheticPlatform(1, "3.2");
  const served = await Promise.all(agentNames.map((name) =>
    servePlatform(machine, name, (reply) => {
      if (name === spoiltAgent && reply.length === 8 && reply[4] === 0xfc) reply.fill(0, 4);
    })
  ));
  return {
    connect: served.flatMap(({ path }) => ["--connect", `message:${path}`]),
    close: () => Promise.all(served.map((each) => each.close())),
  };
}

Deno.test("fuzz keeps each channel with its agent when the program is made smaller, and in a replay", async () => {
  const out = await Deno.makeTempDir({ prefix: "scmi-fuzz-" });
  const { connect, close } = await serveSpoilt("BMC", "OSPM", "BMC");
  const options = ["--seed", "2", "--runs", "200", "--findings", "1", "--out", out];
  assertEquals((await call("platform", ...connect, ...options)).code, 1);
  const path = `${out}/${[...Deno.readDirSync(out)][0]!.name}`;
  const text = await Deno.readTextFile(path);
  // The channel of the agent that sees nothing wrong is left out: the other's is the first then.
  assertMatch(text, /release [\d.]+\nchannel BMC /);
  const replayed = await call("repro", path, ...connect);
  assertEquals(replayed.code, 1, replayed.lines.join("\n"));
  await Deno.writeTextFile(path, text.replace(/(channel BMC.*\n)/, "$1$1"));
  const twice = await call("repro", path, ...connect);
  assertStringIncludes(twice.complaints[0]!, "No socket is left for agent 'BMC'");
  await close();
  await Deno.remove(out, { recursive: true });
});

Deno.test("fuzz prints a finding that it cannot write down", async () => {
  const { connect, close } = await serveSpoilt("OSPM", "OSPM");
  const options = ["--seed", "2", "--runs", "100", "--findings", "1", "--out", "/dev/null/a b"];
  const { code, lines, complaints } = await call("platform", ...connect, ...options);
  assertEquals(code, 1);
  assert(lines.includes("board connected"), "the program is printed");
  assertMatch(lines.join("\n"), /replay: scp fuzz repro '\/dev\/null\/a b\/\w+\.txt'/);
  assertEquals(complaints.length, 1);
  assertStringIncludes(complaints[0]!, "error: Cannot write /dev/null/a b/");
  await close();
});

Deno.test("fuzz complains in a line of its own about each mistake in a board", async () => {
  const folder = await Deno.makeTempDir({ prefix: "scmi-fuzz-" });
  const path = `${folder}/broken.json`;
  await Deno.writeTextFile(path, JSON.stringify({ name: 1, sensors: 2 }));
  const { code, complaints } = await call("platform", "--board", path);
  assertEquals(code, 1);
  assert(complaints.length > 1, complaints.join());
  for (const line of complaints) assertMatch(line, /^error: [^\n]+$/);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("fuzz finds nothing wrong with a running platform that is as it should be", async () => {
  const { machine } = createSyntheticPlatform(1, "3.2");
  const served = await servePlatform(machine, "OSPM");
  const { code, lines } = await call(
    "platform",
    "--connect",
    `message:${served.path}`,
    "--seed",
    "3",
    "--runs",
    "10",
  );
  assertEquals(code, 0, lines.join("\n"));
  await served.close();
});

Deno.test("fuzz says in one line what is wrong with how it is called", async () => {
  const cases: readonly (readonly [number, string, ...string[]])[] = [
    [2, "say 'fuzz platform'"],
    [2, "repro takes one file", "repro"],
    [2, "--time takes seconds", "platform", "--time", "soon"],
    [2, "--time takes seconds", "platform", "--time", "0.0m"],
    [2, "--runs takes a whole number from 1 on", "platform", "--runs", "0"],
    [2, "--findings takes a whole number from 1 on", "platform", "--findings", "0"],
    [2, "--seed takes a whole number", "platform", "--seed", "1x"],
    [2, "'--seed' argument is ambiguous", "platform", "--seed", "-1"],
    [2, "has no agent 'NOBODY'", "platform", "--agents", "NOBODY"],
    [2, "--connect takes message:SOCKET", "platform", "--connect", "virtio:/a"],
    [2, "Unknown option", "platform", "--colour"],
    [1, "Unknown board", "platform", "--board", "unheard"],
    [1, "there is no such socket", "platform", "--connect", "message:/nowhere/a.sock"],
    [1, "Cannot read", "repro", "/nowhere/a.txt"],
  ];
  for (const [expected, text, ...args] of cases) {
    const { code, complaints } = await call(...args);
    assertEquals(code, expected, args.join(" "));
    assertEquals(complaints.length, 1);
    assertStringIncludes(complaints[0]!, text);
    assertEquals(complaints[0]!.split("\n").length, 1);
  }
});
