// Lets a judge from outside measure the simulator over virtio: builds its load generator and its floor from a folder of C
// sources, then runs probe, the hostile cases and the speed figures, ours and the floor's in turn, on one processor.
// Speed is printed, never asserted; probe and hostile cases count as tests.

const [sources] = Deno.args;
if (sources === undefined) {
  console.error("Usage: judge.ts FOLDER with vhost-scmi-load.c and ref-backend.c in it");
  Deno.exit(2);
}

const work = await Deno.makeTempDir({ prefix: "scmi-judge-" });
const socket = `${work}/scmi.sock`;
const load = `${work}/vhost-scmi-load`;
const floor = `${work}/ref-backend`;
const root = new URL("../..", import.meta.url).pathname;
const ours =
  `${Deno.execPath()} run -A ${root}scp/control/main.ts --board rcar --http off --transport virtio:${socket}`;
/** A sensor with three axes, whose reply has the length of the floor's. */
const VECTOR_SENSOR = "8";

async function run(command: string, args: string[]): Promise<{ success: boolean; text: string }> {
  const child = new Deno.Command(command, { args, stdin: "null", stdout: "piped", stderr: "piped" });
  const { success, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { success, text: decoder.decode(stdout) + (success ? "" : decoder.decode(stderr)) };
}

async function build(name: string): Promise<void> {
  const { success, text } = await run("gcc", ["-O2", "-o", `${work}/${name}`, `${sources}/${name}.c`]);
  if (success) return;
  console.error(text);
  Deno.exit(1);
}

/** What the load generator prints with --json; only what is used here. */
interface Speed {
  readonly p50_us: number;
  readonly p99_us: number;
  readonly msgs_per_s: number;
}

async function measure(exec: string, mode: string, extra: string[]): Promise<Speed | null> {
  // What is measured is a simulator that runs, not one whose code is being compiled on the same processor.
  const pinned = ["--cpu", "0", "--exec-cpu", "0", "--warmup", "200000", "--n", "200000", "--json"];
  const { success, text } = await run(load, [socket, mode, "--exec", exec, ...pinned, ...extra]);
  return success ? JSON.parse(text) as Speed : null;
}

let passed = 0;
let failed = 0;
try {
  await build("vhost-scmi-load");
  await build("ref-backend");

  const probe = await run(load, [socket, "probe", "--exec", ours]);
  console.log(probe.text);
  if (probe.success) passed++;
  else failed++;

  const hostile = await run(load, [socket, "hostile", "--exec", ours]);
  for (const line of hostile.text.split("\n")) if (/^FAIL|^hostile:/.test(line)) console.log(line);
  const totals = /hostile: (\d+) passed, (\d+) failed, (\d+) not run/.exec(hostile.text);
  passed += Number(totals?.[1] ?? 0);
  failed += totals === null ? 1 : Number(totals[2]) + Number(totals[3]);

  const steps: [string, string, string[]][] = [
    ["latency", "latency", []],
    ["depth 8", "throughput", ["--depth", "8"]],
    ["depth 32", "throughput", ["--depth", "32"]],
    ["mixed, depth 8", "mixed", ["--depth", "8"]],
  ];
  for (const [label, mode, extra] of steps) {
    const reference = await measure(`${floor} ${socket}`, mode, extra);
    const own = await measure(ours, mode, [...extra, "--sensor", VECTOR_SENSOR]);
    if (reference === null || own === null) {
      console.log(`${label}: could not be measured`);
      failed++;
      continue;
    }
    passed++;
    if (mode === "latency") {
      const [p50, p99] = [own.p50_us / reference.p50_us, own.p99_us / reference.p99_us];
      console.log(
        `${label}: p50 ${own.p50_us} us, floor ${reference.p50_us}, ratio ${p50.toFixed(2)}; ` +
          `p99 ${own.p99_us} us, floor ${reference.p99_us}, ratio ${p99.toFixed(2)}`,
      );
    } else {
      const [a, b] = [own.msgs_per_s / 1e6, reference.msgs_per_s / 1e6];
      console.log(`${label}: ${a.toFixed(2)} M/s, floor ${b.toFixed(2)} M/s, ratio ${(a / b).toFixed(2)}`);
    }
  }
  const startup = await run(load, [socket, "startup", "--exec", ours]);
  console.log(startup.text);
  if (startup.success) passed++;
  else failed++;
} finally {
  await Deno.remove(work, { recursive: true });
}
console.log(`${passed} passed, ${failed} failed`);
Deno.exit(failed === 0 ? 0 : 1);
