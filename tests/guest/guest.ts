// One boot of a guest: QEMU with a kernel and a case's script, its console read line by line. Lines that begin with
// "@@ " are marks, which the case judges; the rest of the console is kept for a look at failures.

import { makeGuestTree } from "../../scp/control/qemu_run.ts";
import type { GuestConnection } from "../../scp/control/guest_connection.ts";
import { DEFAULT_GUEST_SIZE, qemuArguments } from "../../scp/control/qemu_command.ts";
import { buildInitrd } from "./initrd.ts";
import type { GuestKernel } from "./kernels.ts";
import { lastLines } from "./run_command.ts";

/** What stays the same from boot to boot. */
export interface GuestMachine {
  readonly kernel: GuestKernel;
  readonly busyboxPath: string;
  /** For the files of its boots. */
  readonly folder: string;
}

/** Gives a line of text to a script that waits in `await_host`. */
export type Tell = (text?: string) => Promise<void>;

/** Memory and processors of a guest. */
export interface GuestSize {
  readonly memoryMib: number;
  readonly cpuCount: number;
}

/** One boot. */
export interface BootRequest {
  /** What connects the machine to the platform, and what the kernel is told of it. */
  readonly connection: GuestConnection;
  /** Source of the device-tree overlay. */
  readonly overlayText: string;
  /** What the guest does: shell text, with the functions of initrd/functions.sh. */
  readonly script: string;
  /** Called at each mark; when it returns, the guest may wait for `tell`. */
  readonly onMark?: (key: string, value: string, tell: Tell) => Promise<void>;
  readonly mayReboot?: boolean;
  /** QEMU's monitor shares the console: `tell` reaches it, switched over by the bytes 01 63 (Ctrl-A C). */
  readonly hasMonitor?: boolean;
  /** Memory and processors; the default of `scp qemu` unless given. */
  readonly size?: GuestSize;
  /** QEMU is killed when the guest says this mark, as a user's kill -9 would. */
  readonly killAtMark?: string;
  /** Aborted when there is no platform left: its guest would wait for a reply for ever. */
  readonly platformEnded: AbortSignal;
}

/** What a guest has said by the time it powered off. */
export class GuestReport {
  readonly #marks: readonly (readonly [key: string, value: string])[];
  readonly console: string;

  constructor(marks: readonly (readonly [string, string])[], console: string) {
    this.#marks = marks;
    this.console = console;
  }

  /** Returns the values of all marks with a key, in their order. */
  all(key: string): string[] {
    return this.#marks.filter(([name]) => name === key).map(([, value]) => value);
  }

  /** Returns the value of the only mark with a key. Throws when there is none, or more. */
  one(key: string): string {
    const [value, ...more] = this.all(key);
    if (value === undefined) throw new Error(`the guest did not say "${key}"`);
    if (more.length > 0) throw new Error(`the guest said "${key}" ${more.length + 1} times`);
    return value;
  }

  /** Returns the marks with a key that are pairs of a name and a value, as `mark_files` makes them. */
  pairs(key: string): Map<string, string> {
    return new Map(
      this.all(key).map((pair): [string, string] => {
        const split = pair.indexOf(" ");
        return split < 0 ? [pair, ""] : [pair.slice(0, split), pair.slice(split + 1)];
      }),
    );
  }
}

/** A boot that went wrong, with the end of the console. */
export class GuestError extends Error {
  constructor(message: string, readonly console: string) {
    super(`${message}; end of its console:\n${lastLines(console, 15)}`);
  }
}

// A boot takes one to two seconds where nothing else runs. This bounds a guest that hangs, on a host that is busy.
const BOOT_TIMEOUT_MS = 180_000;

/** Boots the guest and returns what it said. Throws GuestError when it hangs, dies, or its script fails. */
export async function bootGuest(machine: GuestMachine, request: BootRequest): Promise<GuestReport> {
  const folder = await Deno.makeTempDir({ dir: machine.folder });
  const { size = DEFAULT_GUEST_SIZE } = request;
  const dtb = `${folder}/guest.dtb`;
  await Deno.writeFile(dtb, await guestTree(size, request.overlayText, machine.folder));
  const initrd = `${folder}/initrd.gz`;
  await buildInitrd(machine.busyboxPath, request.script, initrd);
  const [program = "", ...args] = qemuArguments({
    ...size,
    ...request.connection,
    kernel: machine.kernel.imagePath,
    initrd,
    dtb,
    // The kernel's own lines would cut ours in two; the log is marked at the end instead.
    kernelArguments: [...request.connection.kernelArguments, "quiet", "loglevel=0"],
    hasMonitor: request.hasMonitor ?? false,
    mayReboot: request.mayReboot ?? false,
  });
  const timeout = AbortSignal.timeout(BOOT_TIMEOUT_MS);
  const qemu = new Deno.Command(program, {
    args,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.any([timeout, request.platformEnded]),
  }).spawn();
  const errors = new Response(qemu.stderr).text();
  const { marks, console } = await readConsole(qemu, request);
  const status = await qemu.status;
  const failure = `${console}\n${await errors}`;
  if (timeout.aborted) {
    throw new GuestError(`the guest did not end within ${BOOT_TIMEOUT_MS / 1000} s`, failure);
  }
  if (request.platformEnded.aborted) {
    throw new GuestError("the simulator ended before the guest did", failure);
  }
  const report = new GuestReport(marks, console);
  if (request.killAtMark !== undefined) {
    report.one(request.killAtMark);
    return report;
  }
  if (!status.success) throw new GuestError(`QEMU ended with ${status.code}`, failure);
  const exits = report.all("exit");
  if (exits.length === 0) throw new GuestError("the guest ended before its script did", failure);
  if (exits.at(-1) !== "0") {
    const reasons = report.all("failure").map((reason) => `, ${reason}`).join("");
    throw new GuestError(`the script ended with ${exits.at(-1)}${reasons}`, failure);
  }
  return report;
}

/** Trees that were made before, by size and overlay: most boots have the same one. */
const trees = new Map<string, Promise<Uint8Array<ArrayBuffer>>>();

function guestTree(
  size: GuestSize,
  overlayText: string,
  folder: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const key = JSON.stringify([size, overlayText]);
  const tree = trees.get(key) ?? makeTree(size, overlayText, folder);
  trees.set(key, tree);
  return tree;
}

async function makeTree(
  size: GuestSize,
  overlayText: string,
  folder: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const work = await Deno.makeTempDir({ dir: folder });
  const tree = await makeGuestTree(size, overlayText, work);
  if (!tree.ok) throw new Error(tree.problem);
  return await Deno.readFile(tree.value);
}

async function readConsole(qemu: Deno.ChildProcess, request: BootRequest) {
  const marks: [string, string][] = [];
  let console = "";
  let rest = "";
  const input = qemu.stdin.getWriter();
  const tell: Tell = (text = "") => input.write(new TextEncoder().encode(`${text}\n`));
  const decoded = qemu.stdout.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>);
  for await (const part of decoded) {
    console += part;
    const lines = (rest + part).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const mark = /^@@ (\S+) ?(.*?)\r*$/.exec(line);
      if (!mark) continue;
      const [, key = "", value = ""] = mark;
      marks.push([key, value]);
      if (key === request.killAtMark) qemu.kill("SIGKILL");
      await request.onMark?.(key, value, tell);
    }
  }
  await input.close().catch(() => undefined);
  return { marks, console };
}
