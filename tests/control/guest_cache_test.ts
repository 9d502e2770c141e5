import { assertEquals } from "@std/assert";
import {
  findKernelImage,
  findShellInitrd,
  GUEST_CACHE_VARIABLE,
  guestCacheFolder,
  KERNEL_IMAGE,
  kernelFolderName,
  type KernelSeries,
  SHELL_INITRD,
} from "../../scp/control/guest_cache.ts";

function folderIn(environment: Record<string, string>): string | null {
  return guestCacheFolder((name) => environment[name]);
}

async function inCache(run: (cache: string) => Promise<void>): Promise<void> {
  const cache = await Deno.makeTempDir();
  try {
    await run(cache);
  } finally {
    await Deno.remove(cache, { recursive: true });
  }
}

/** Puts a kernel into the cache that was built at a time, s since 1970. */
async function addKernel(cache: string, series: KernelSeries, hash: string, builtS: number): Promise<string> {
  const folder = `${cache}/${kernelFolderName(series, hash)}`;
  await Deno.mkdir(folder);
  await Deno.writeTextFile(`${folder}/${KERNEL_IMAGE}`, "");
  await Deno.utime(`${folder}/${KERNEL_IMAGE}`, builtS, builtS);
  return `${folder}/${KERNEL_IMAGE}`;
}

Deno.test("guest cache is where the variable says, else in the user's cache, else nowhere", () => {
  const all = { [GUEST_CACHE_VARIABLE]: "/mine", XDG_CACHE_HOME: "/xdg", HOME: "/home/me" };
  assertEquals(folderIn(all), "/mine");
  assertEquals(folderIn({ ...all, [GUEST_CACHE_VARIABLE]: "" }), "/xdg/scmi-simulator/guest");
  assertEquals(folderIn({ HOME: "/home/me", XDG_CACHE_HOME: "" }), "/home/me/.cache/scmi-simulator/guest");
  assertEquals(folderIn({}), null);
});

Deno.test("guest cache gives the preferred series, and of it the kernel built last", async () => {
  await inCache(async (cache) => {
    const old = await addKernel(cache, "6.12", "aaa", 3000);
    assertEquals(findKernelImage(cache), old);
    await addKernel(cache, "7.2", "bbb", 1000);
    const newest = await addKernel(cache, "7.2", "aaa", 2000);
    assertEquals(findKernelImage(cache), newest);
  });
});

Deno.test("guest cache takes no kernel folder without an image, and no foreign entry", async () => {
  await inCache(async (cache) => {
    await Deno.mkdir(`${cache}/${kernelFolderName("7.2", "aaa")}`);
    await Deno.mkdir(`${cache}/build-1`);
    await Deno.writeTextFile(`${cache}/linux-7.2-file`, "");
    assertEquals(findKernelImage(cache), null);
  });
});

Deno.test("guest cache that is not there is empty", () => {
  assertEquals(findKernelImage("/nonexistent/cache"), null);
  assertEquals(findShellInitrd("/nonexistent/cache"), null);
});

Deno.test("guest cache gives the shell initrd once it is made", async () => {
  await inCache(async (cache) => {
    await Deno.writeTextFile(`${cache}/${SHELL_INITRD}`, "");
    assertEquals(findShellInitrd(cache), `${cache}/${SHELL_INITRD}`);
  });
});
