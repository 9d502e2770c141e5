// The guest kernels: found in the cache, or built from Debian's source packages and put there. The configuration is
// allnoconfig plus kernel.config; its hash is part of the cache's key, so that a change of it builds anew.

import { BUSYBOX, KERNEL_IMAGE, kernelFolderName, type KernelSeries } from "../../scp/control/guest_cache.ts";
import { type DebianMachine, downloadPackage, preparePrivateApt, type PrivateApt } from "./debian.ts";
import { CROSS_COMPILE } from "./packages.ts";
import { lastLines, PreparationError, runCommand, tryCommand } from "./run_command.ts";

/** A kernel the tests can boot. */
export interface GuestKernel {
  readonly series: KernelSeries;
  readonly imagePath: string;
}

const FRAGMENT = new URL("./kernel.config", import.meta.url);

// Both kernels and the user space come from these suites whatever the machine runs: their packages are only unpacked.
const SOURCE_SUITES = ["trixie", "trixie-backports"];

/** Returns the cached image of a series under the present configuration, or null when it has to be built. */
export async function findKernel(cache: string, series: KernelSeries): Promise<GuestKernel | null> {
  const imagePath = `${await kernelFolder(cache, series)}/${KERNEL_IMAGE}`;
  return await exists(imagePath) ? { series, imagePath } : null;
}

/** Returns the cached user space, or null when it has to be fetched. */
export async function findBusybox(cache: string): Promise<string | null> {
  const path = `${cache}/${BUSYBOX}`;
  return await exists(path) ? path : null;
}

/** Makes the apt from which kernel sources and arm64 programs are downloaded. */
export async function prepareSourceApt(folder: string, machine: DebianMachine | null): Promise<PrivateApt> {
  if (machine !== null) return await preparePrivateApt(folder, machine, SOURCE_SUITES, "arm64");
  throw new PreparationError(
    "no Debian mirror in this machine's apt sources: kernels and busybox come from Debian packages; " +
      "run on Debian, or copy a filled guest cache here",
  );
}

/** Fetches the user space of all guests, one static arm64 program, into the cache. */
export async function fetchBusybox(cache: string, apt: PrivateApt, folder: string): Promise<string> {
  const { path } = await downloadPackage(apt, "busybox-static", folder);
  const candidates = [`${path}/usr/bin/busybox`, `${path}/bin/busybox`];
  for (const candidate of candidates) {
    if (!await exists(candidate)) continue;
    await Deno.rename(candidate, `${cache}/${BUSYBOX}`);
    return `${cache}/${BUSYBOX}`;
  }
  throw new PreparationError("busybox-static has no busybox where it is expected");
}

/** Builds a kernel below `folder`, which lies in the cache's file system, and puts its image into the cache. */
export async function buildKernel(
  cache: string,
  series: KernelSeries,
  apt: PrivateApt,
  folder: string,
  say: (line: string) => void,
): Promise<GuestKernel> {
  say(`linux ${series}: downloading and unpacking the source package`);
  const { path, version } = await downloadPackage(apt, `linux-source-${series}`, folder);
  const tree = `${folder}/linux`;
  await Deno.mkdir(tree);
  const archive = `${path}/usr/src/linux-source-${series}.tar.xz`;
  await runCommand(["tar", "-xf", archive, "-C", tree, "--strip-components=1"]);
  await Deno.remove(path, { recursive: true });

  const jobs = navigator.hardwareConcurrency;
  const make = ["make", "-s", `-j${jobs}`, "ARCH=arm64", `CROSS_COMPILE=${CROSS_COMPILE}`];
  await runCommand([...make, "allnoconfig"], { cwd: tree });
  const fragment = await Deno.readTextFile(FRAGMENT);
  await Deno.writeTextFile(`${tree}/.config`, fragment, { append: true });
  await runCommand([...make, "olddefconfig"], { cwd: tree });
  checkConfig(series, fragment, await Deno.readTextFile(`${tree}/.config`));

  say(`linux ${series}: compiling ${version} with ${jobs} jobs (minutes)`);
  const done = await tryCommand([...make, "Image"], { cwd: tree });
  if (!done.isSuccess) {
    throw new PreparationError(`linux ${series} does not compile`, lastLines(done.all, 20));
  }
  await Deno.writeTextFile(`${folder}/version`, `${version}\n`);
  const kept = await kernelFolder(cache, series);
  // Another run may have been quicker; its image is as good.
  if (!await exists(`${kept}/${KERNEL_IMAGE}`)) {
    const ready = `${folder}/ready`;
    await Deno.mkdir(ready);
    await Deno.rename(`${tree}/arch/arm64/boot/Image`, `${ready}/${KERNEL_IMAGE}`);
    await Deno.rename(`${folder}/version`, `${ready}/version`);
    await Deno.rename(ready, kept);
  }
  return { series, imagePath: `${kept}/${KERNEL_IMAGE}` };
}

/** Throws unless every option of the fragment has survived: one whose dependency is gone vanishes silently. */
function checkConfig(series: KernelSeries, fragment: string, config: string): void {
  const chosen = new Set(config.split("\n"));
  const lost = fragment.split("\n").filter((line) => line.endsWith("=y") && !chosen.has(line));
  if (lost.length === 0) return;
  throw new PreparationError(`linux ${series} does not take ${lost.join(" ")} from kernel.config`);
}

async function kernelFolder(cache: string, series: KernelSeries): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", await Deno.readFile(FRAGMENT));
  return `${cache}/${kernelFolderName(series, new Uint8Array(digest).toHex().slice(0, 12))}`;
}

async function exists(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
