// Runs a guest: makes its device tree in a private temporary folder with QEMU, dtc and fdtoverlay, then hands
// the terminal to QEMU. What is not given, kernel and initrd, comes from the cache that `deno task
// test:guest` fills.
import { findKernelImage, findShellInitrd, guestCacheFolder } from "./guest_cache.ts";
import {
  QEMU_DEVICE,
  QEMU_GPIO_DEVICE,
  QEMU_PROGRAM,
  qemuArguments,
  type QemuAttachment,
  type QemuGuest,
  treeCommands,
} from "./qemu_command.ts";

/** How a step ended: with a value, or with one line that says what went wrong and what to do. */
export type Outcome<T> = { readonly ok: true; readonly value: T } | {
  readonly ok: false;
  readonly problem: string;
};

/** A guest of which files may be missing, and the overlay from which its tree is made. */
export interface QemuRun extends Omit<QemuGuest, "dtb"> {
  /** Source of the device-tree overlay. */
  readonly overlayText: string;
}

/** The Debian package that brings a program. */
const PACKAGE_OF: Readonly<Record<string, string>> = {
  [QEMU_PROGRAM]: "qemu-system-arm",
  dtc: "device-tree-compiler",
  fdtoverlay: "device-tree-compiler",
};

const EVERY_DEVICE = [QEMU_DEVICE, QEMU_GPIO_DEVICE];

const QEMU_ADVICE = "install qemu-system-arm 8.1 or newer (on Debian 12 from bookworm-backports: " +
  "apt-get install --no-install-recommends -t bookworm-backports qemu-system-arm)";

/**
 * Boots the guest in this terminal and returns QEMU's exit code. Fails when a program, the kernel or the initrd is
 * missing, or when QEMU is too old for the device. All that it has started ends when `signal` is aborted.
 */
export async function runQemu(run: QemuRun, signal: AbortSignal): Promise<Outcome<number>> {
  const cache = guestCacheFolder((name) => Deno.env.get(name));
  const kernel = run.kernel ?? (cache === null ? null : findKernelImage(cache));
  const initrd = run.initrd ?? (cache === null ? null : findShellInitrd(cache));
  if (kernel === null || initrd === null) {
    const what = kernel === null ? "kernel" : "initrd";
    return problem(
      `no guest ${what}: name one, or run "deno task test:guest" once, which builds and keeps one`,
    );
  }
  for (const path of [kernel, initrd]) {
    if (!await isFile(path)) return problem(`${path} is not a file that can be read: name another one`);
  }
  const unfit = await findQemuProblem(devicesOf(run), signal);
  if (unfit !== null) return problem(unfit);

  const folder = await Deno.makeTempDir({ prefix: "scmi-guest-" });
  try {
    const tree = await makeGuestTree(run, run.overlayText, folder, signal);
    if (!tree.ok) return tree;
    return await runInTerminal(qemuArguments({ ...run, kernel, initrd, dtb: tree.value }), signal);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Makes the guest's device tree in `folder` and returns its path. Fails when a program is missing or refuses. */
export async function makeGuestTree(
  size: { readonly memoryMib: number; readonly cpuCount: number },
  overlayText: string,
  folder: string,
  signal?: AbortSignal,
): Promise<Outcome<string>> {
  const files = {
    machineDtb: `${folder}/machine.dtb`,
    overlaySource: `${folder}/overlay.dts`,
    overlayDtb: `${folder}/overlay.dtbo`,
    guestDtb: `${folder}/guest.dtb`,
  };
  await Deno.writeTextFile(files.overlaySource, overlayText);
  for (const argv of treeCommands(size, files)) {
    const done = await capture(argv, signal);
    if (!done.ok) return done;
  }
  return { ok: true, value: files.guestDtb };
}

/** Returns one line that says why QEMU here cannot carry guests with these devices, or null when it can. */
export async function findQemuProblem(
  devices: readonly string[] = EVERY_DEVICE,
  signal?: AbortSignal,
): Promise<string | null> {
  const listed = await capture([QEMU_PROGRAM, "-device", "help"], signal);
  if (!listed.ok) return listed.problem;
  const missing = devices.find((device) => !listed.value.includes(`"${device}"`));
  return missing === undefined ? null : `${QEMU_PROGRAM} has no device ${missing}: ${QEMU_ADVICE}`;
}

/** The devices that a guest's machine has for the platform. */
function devicesOf({ scmiSocket, gpioSocket }: QemuAttachment): string[] {
  return [...(scmiSocket === null ? [] : [QEMU_DEVICE]), ...(gpioSocket === null ? [] : [QEMU_GPIO_DEVICE])];
}

/** Runs a command and returns what it printed. Fails with the last line of its complaint, or when it is aborted. */
async function capture(argv: readonly string[], signal?: AbortSignal): Promise<Outcome<string>> {
  const [program, ...args] = argv;
  if (program === undefined) return problem("an empty command");
  if (signal?.aborted) return problem(`${program} was not run any more`);
  try {
    const done = await new Deno.Command(program, { args, stdin: "null", ...(signal && { signal }) }).output();
    const text = new TextDecoder();
    const output = text.decode(done.stdout) + text.decode(done.stderr);
    if (done.success) return { ok: true, value: output };
    const lastLine = output.trim().split("\n").at(-1) ?? "";
    return problem(`${program} failed with exit code ${done.code}: ${lastLine}`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return problem(missingProgram(program));
    if (error instanceof Error) return problem(`${program} cannot be run: ${error.message}`);
    throw error;
  }
}

async function runInTerminal(argv: readonly string[], signal: AbortSignal): Promise<Outcome<number>> {
  const [program, ...args] = argv;
  if (program === undefined) return problem("an empty command");
  if (signal.aborted) return problem(`${program} was not run any more`);
  const streams = { stdin: "inherit", stdout: "inherit", stderr: "inherit" } as const;
  const child = new Deno.Command(program, { args, ...streams, signal }).spawn();
  return { ok: true, value: (await child.status).code };
}

function missingProgram(program: string): string {
  if (program === QEMU_PROGRAM) return `${program} is not installed: ${QEMU_ADVICE}`;
  const name = PACKAGE_OF[program];
  return `${program} is not installed: ${name === undefined ? "add it to PATH" : `apt-get install ${name}`}`;
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}

function problem(text: string): Outcome<never> {
  return { ok: false, problem: text };
}
