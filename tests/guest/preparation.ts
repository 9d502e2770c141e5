// Brings the machine to the point where guests can boot: packages, kernels, user space, initrd of the shell. Prints a
// line per step that takes long; when all is cached it prints nothing. Leaves no unpacked sources behind.

import {
  GUEST_CACHE_VARIABLE,
  guestCacheFolder,
  type KernelSeries,
  SHELL_INITRD,
} from "../../scp/control/guest_cache.ts";
import { memoryFolder } from "../../scp/control/guest_places.ts";
import { DEFAULT_GUEST_SIZE } from "../../scp/control/qemu_command.ts";
import { findDebianMachine } from "./debian.ts";
import { buildInitrd } from "./initrd.ts";
import {
  buildKernel,
  fetchBusybox,
  findBusybox,
  findKernel,
  type GuestKernel,
  prepareSourceApt,
} from "./kernels.ts";
import { ensurePackages } from "./packages.ts";
import { MEMORY_NAME } from "./platform.ts";
import { PreparationError } from "./run_command.ts";

/** All that booting takes, ready. */
export interface Prepared {
  readonly kernels: readonly GuestKernel[];
  readonly busyboxPath: string;
}

/** Prepares the kernels of some series. Throws PreparationError with a line that says what to do. */
export async function prepare(
  series: readonly KernelSeries[],
  say: (line: string) => void,
): Promise<Prepared> {
  const cache = guestCacheFolder((name) => Deno.env.get(name));
  if (cache === null) {
    throw new PreparationError(`no place to keep kernels: set ${GUEST_CACHE_VARIABLE} to a folder`);
  }
  await Deno.mkdir(cache, { recursive: true });
  await removeAbandoned(cache, /^build-(\d+)$/);
  await removeAbandoned(memoryFolder(DEFAULT_GUEST_SIZE.memoryMib), MEMORY_NAME);
  // Within the cache, for it must have the room, and renaming must work; named after us, for the line above.
  const folder = `${cache}/build-${Deno.pid}`;
  await Deno.mkdir(folder);
  try {
    const found = await Promise.all(series.map((one) => findKernel(cache, one)));
    const machine = await findDebianMachine();
    await ensurePackages(machine, `${folder}/apt`, { isBuild: found.includes(null) }, say);
    const sourceApt = once(() => prepareSourceApt(`${folder}/apt-source`, machine));

    const kernels: GuestKernel[] = [];
    for (const [index, one] of series.entries()) {
      const buildFolder = `${folder}/linux-${one}`;
      const kernel = found[index] ?? await buildKernel(cache, one, await sourceApt(), buildFolder, say);
      await Deno.remove(buildFolder, { recursive: true }).catch(ignoreNotFound);
      kernels.push(kernel);
    }
    const busyboxPath = await findBusybox(cache) ??
      await fetchBusybox(cache, await sourceApt(), `${folder}/busybox`);
    await buildInitrd(busyboxPath, null, `${folder}/${SHELL_INITRD}`);
    await Deno.rename(`${folder}/${SHELL_INITRD}`, `${cache}/${SHELL_INITRD}`);
    return { kernels, busyboxPath };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Removes what runs that were killed have left: builds of several gigabytes each, guests' memory. */
async function removeAbandoned(folder: string, nameWithPid: RegExp): Promise<void> {
  for await (const { name } of Deno.readDir(folder)) {
    const pid = nameWithPid.exec(name)?.[1];
    // Our own number on something that is already there belonged to a process before us.
    if (pid === undefined || (pid !== `${Deno.pid}` && await isAlive(pid))) continue;
    await Deno.remove(`${folder}/${name}`, { recursive: true }).catch(ignoreNotFound);
  }
}

async function isAlive(pid: string): Promise<boolean> {
  try {
    await Deno.stat(`/proc/${pid}`);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => made ??= make();
}

function ignoreNotFound(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
