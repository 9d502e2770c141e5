// Where the guest kernels and their user space are kept between runs, outside of any checkout: written by the
// guest tests, read by `scp qemu --exec`. Only names and look-ups; what fills the cache is in tests/guest.

/** The environment variable that names another cache folder. */
export const GUEST_CACHE_VARIABLE = "SCMI_GUEST_CACHE";

/** The kernel series the guest tests build, the preferred one for `--exec` first. */
export const KERNEL_SERIES = ["7.2", "6.12"] as const;

/** A series the guest tests build. */
export type KernelSeries = typeof KERNEL_SERIES[number];

/**
 * Returns the cache folder, whether or not it exists: the variable's value, else a folder of ours in the user's cache.
 * Null when the environment names neither a cache nor a home.
 */
export function guestCacheFolder(variable: (name: string) => string | undefined): string | null {
  const named = variable(GUEST_CACHE_VARIABLE);
  if (named) return named;
  const userCache = variable("XDG_CACHE_HOME") || (variable("HOME") ? `${variable("HOME")}/.cache` : "");
  return userCache === "" ? null : `${userCache}/scmi-simulator/guest`;
}

/** The folder of a kernel: series and a hash of its configuration, so that a changed configuration is built anew. */
export function kernelFolderName(series: KernelSeries, configHash: string): string {
  return `linux-${series}-${configHash}`;
}

/** Inside a kernel's folder: the image that QEMU boots. */
export const KERNEL_IMAGE = "Image";

/** Inside the cache: an initrd that lists what the kernel found and gives a shell. */
export const SHELL_INITRD = "shell-initrd.gz";

/** Inside the cache: the user space of all guests, one static arm64 program. */
export const BUSYBOX = "busybox-arm64";

/** Returns the newest cached image of the most preferred series there is, or null when nothing has been built. */
export function findKernelImage(cacheFolder: string): string | null {
  const folders = listFolder(cacheFolder);
  for (const series of KERNEL_SERIES) {
    const images = folders
      .filter((name) => name.startsWith(`linux-${series}-`))
      .map((name) => `${cacheFolder}/${name}/${KERNEL_IMAGE}`)
      .map((path) => ({ path, modified: modificationTime(path) }))
      .filter((image) => image.modified !== null)
      .sort((a, b) => Number(b.modified) - Number(a.modified));
    if (images[0]) return images[0].path;
  }
  return null;
}

/** Returns the cached shell initrd, or null when none has been made. */
export function findShellInitrd(cacheFolder: string): string | null {
  const path = `${cacheFolder}/${SHELL_INITRD}`;
  return modificationTime(path) === null ? null : path;
}

function listFolder(path: string): string[] {
  try {
    return [...Deno.readDirSync(path)].map((entry) => entry.name);
  } catch (error) {
    // A cache that is absent or unreadable is an empty one: the caller says how to fill it.
    if (error instanceof Error) return [];
    throw error;
  }
}

function modificationTime(path: string): number | null {
  try {
    return Deno.statSync(path).mtime?.getTime() ?? 0;
  } catch (error) {
    if (error instanceof Error) return null;
    throw error;
  }
}
