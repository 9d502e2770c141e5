// Builds the compressed cpio archive a guest starts from: busybox, our init and its functions, and the script of one
// case. Device nodes are not in it, since init mounts devtmpfs; so no root is needed.

import { PreparationError } from "./run_command.ts";

const INIT = new URL("./initrd/init", import.meta.url);
const FUNCTIONS = ["functions.sh", "iio.sh"] as const;

/** Writes an initrd with the user space, and with a case's script if there is one; without it, init gives a shell. */
export async function buildInitrd(busyboxPath: string, script: string | null, path: string): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "scmi-initrd-" });
  try {
    await Deno.mkdir(`${root}/bin`);
    await Deno.copyFile(busyboxPath, `${root}/bin/busybox`);
    await Deno.copyFile(INIT, `${root}/init`);
    for (const name of FUNCTIONS) {
      await Deno.copyFile(new URL(`./initrd/${name}`, import.meta.url), `${root}/${name}`);
    }
    await Deno.chmod(`${root}/bin/busybox`, 0o755);
    await Deno.chmod(`${root}/init`, 0o755);
    if (script !== null) await Deno.writeTextFile(`${root}/case.sh`, script);
    await writeArchive(root, path);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

async function writeArchive(root: string, path: string): Promise<void> {
  // Owner 0 whoever runs this: the guest's kernel takes the numbers from the archive.
  const command = `find . | cpio -o -H newc -R 0:0 --quiet | gzip -1 > "$0"`;
  const done = await new Deno.Command("sh", { args: ["-c", command, path], cwd: root, stdin: "null" })
    .output();
  if (!done.success) {
    throw new PreparationError(
      `the initrd cannot be written: ${new TextDecoder().decode(done.stderr).trim()}`,
    );
  }
}
