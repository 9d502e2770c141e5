// A program that is not ours, compiled from agent.c, speaks to the platform over the shmem transport: to one in this
// process, whose time the test steps, and to a simulator of its own. Without a C compiler there is no such program: then the
// tests are ignored, as the totals say; where everything has to be checked (CI is set) they fail.
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { ShmemSite } from "../contract/shmem.ts";
import { Scp } from "../support/scp_process.ts";
import { compileC, hasCompiler } from "../support/c_compiler.ts";
import { createMachine } from "../support/platform.ts";
import { turnUntilLater } from "../support/turns.ts";

const SOURCE = new URL("agent.c", import.meta.url).pathname;
/** A program that has not ended after so long is killed, which its exit code tells. */
const PROCESS_MS_MAX = 60_000;
/** Areas of the size that agent.c knows. */
const SHMEM_DEFAULTS = { size: 16384 } as const;

/** Whether there is nothing to compile with, and nobody who wants everything checked. */
const isIgnored = !Deno.env.get("CI") && !(await hasCompiler());

/** Runs a test with the compiled agent. */
function testWithAgent(name: string, body: (agent: string, folder: string) => Promise<void>): void {
  Deno.test(name, { ignore: isIgnored }, async () => {
    const folder = await Deno.makeTempDir();
    const agent = `${folder}/agent`;
    assert(await compileC(SOURCE, agent), "there is no C compiler: install gcc and libc6-dev");
    await body(agent, folder);
    await Deno.remove(folder, { recursive: true });
  });
}

function spawn(agent: string, path: string): Deno.ChildProcess {
  const signal = AbortSignal.timeout(PROCESS_MS_MAX);
  return new Deno.Command(agent, { args: [path], stdout: "piped", stderr: "piped", signal }).spawn();
}

testWithAgent("a C program reads a sensor and hears its notifications over shmem", async (agent) => {
  const machine = createMachine();
  const site = new ShmemSite(() => machine.openChannel("OSPM")!, SHMEM_DEFAULTS);
  const output = spawn(agent, site.path).output();
  let isRunning = true;
  output.then(() => isRunning = false);
  await turnUntilLater(() => !isRunning, () => {
    // Time goes on while somebody waits for it only: two updates are due, and a third is not.
    if (machine.nextUs < 300_000) machine.step(machine.nextUs);
    site.reactor.runOnce(1);
  }, "the program ends");
  const { code, stdout, stderr } = await output;
  const [text, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assertEquals([code, errors], [0, ""]);
  assertEquals(text!.split("\n"), [
    "Base version 0x20001",
    "sensor 0 reads 1000",
    "notifications of sensor 0 are on",
    "message 0x1 of type 3: sensor 0 reads 1000",
    "message 0x1 of type 3: sensor 0 reads 1000",
    "",
  ]);
  assertEquals(site.reports, []);
  site.close();
});

testWithAgent("a C program is served by `scp` with --transport shmem:FILE", async (agent, folder) => {
  const path = `${folder}/ospm.mem`;
  const args = ["--board", "rcar", "--http", "off", "--transport", `shmem:${path}`];
  const scp = new Scp(args);
  assertStringIncludes(await scp.readUntil(`shmem:${path}`), `shmem:${path}`);
  const { code, stdout, stderr } = await spawn(agent, path).output();
  assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
  const lines = new TextDecoder().decode(stdout).split("\n");
  assertMatch(lines[1]!, /^sensor 0 reads \d+$/);
  assertEquals(lines.filter((line) => /^message 0x1 of type 3: sensor 0 reads \d+$/.test(line)).length, 2);
  assertEquals(await scp.end(), 0);
  assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["agent"], "file and bell are removed");
});
