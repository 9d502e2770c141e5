// A program that is not ours, compiled from agent.c, speaks to the platform over the shmem transport: to one in this
// process, whose time the test steps, and to a simulator of its own. Without a C compiler there is no such program: then
// the tests say so, and where everything has to be checked (CI is set) they fail.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { ShmemSite } from "../contract/shmem.ts";
import { compileC } from "../support/c_compiler.ts";
import { createMachine } from "../support/platform.ts";

const SOURCE = new URL("agent.c", import.meta.url).pathname;
const MAIN = new URL("../../scp/control/main.ts", import.meta.url).pathname;
/** Areas of the size that agent.c knows. */
const SHMEM_DEFAULTS = { size: 16384 } as const;

/** Runs a test with the compiled agent, or tells why that cannot be. */
function testWithAgent(name: string, body: (agent: string, folder: string) => Promise<void>): void {
  Deno.test(name, async () => {
    const folder = await Deno.makeTempDir();
    const agent = `${folder}/agent`;
    if (await compileC(SOURCE, agent)) await body(agent, folder);
    else {
      assert(!Deno.env.get("CI"), "there is no C compiler: install gcc and libc6-dev");
      console.warn(`${name}: NOT CHECKED, there is no C compiler: install gcc and libc6-dev`);
    }
    await Deno.remove(folder, { recursive: true });
  });
}

function spawn(agent: string, path: string): Deno.ChildProcess {
  return new Deno.Command(agent, { args: [path], stdout: "piped", stderr: "piped" }).spawn();
}

testWithAgent("a C program reads a sensor and hears its notifications over shmem", async (agent) => {
  const machine = createMachine();
  const site = new ShmemSite(() => machine.openChannel("OSPM")!, SHMEM_DEFAULTS);
  const output = spawn(agent, site.path).output();
  let isRunning = true;
  output.then(() => isRunning = false);
  while (isRunning) {
    // Time goes on while somebody waits for it only: two updates are due, and a third is not.
    if (machine.nextUs < 300_000) machine.step(machine.nextUs);
    site.reactor.runOnce(1);
    await Deno.stat(".");
  }
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
  const args = ["run", "-A", MAIN, "--board", "rcar", "--http", "off", "--transport", `shmem:${path}`];
  const scp = new Deno.Command(Deno.execPath(), { args, stdout: "piped", stderr: "null" }).spawn();
  const printed = scp.stdout.getReader();
  let text = "";
  while (!text.includes(`shmem:${path}`)) {
    const { value, done } = await printed.read();
    assert(!done, text);
    text += new TextDecoder().decode(value);
  }
  const { code, stdout, stderr } = await spawn(agent, path).output();
  assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
  const lines = new TextDecoder().decode(stdout).split("\n");
  assertMatch(lines[1]!, /^sensor 0 reads \d+$/);
  assertEquals(lines.filter((line) => /^message 0x1 of type 3: sensor 0 reads \d+$/.test(line)).length, 2);
  scp.kill("SIGINT");
  await printed.cancel();
  assertEquals((await scp.status).code, 0);
  assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["agent"], "file and bell are removed");
});
