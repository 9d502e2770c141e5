// What a test has left: open files, counted by path, as other tests run in the same process, and paths.

function targetOf(fd: string): string {
  try {
    return Deno.readLinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return ""; // closed between the listing and the look
  }
}

/** Returns how many files and sockets are open whose paths begin with this one; a listener's connections have its path. */
export function openCountBelow(path: string): number {
  const files = [...Deno.readDirSync("/proc/self/fd")].filter(({ name }) => targetOf(name).startsWith(path));
  const sockets = Deno.readTextFileSync("/proc/net/unix").split("\n")
    .filter((line) => (line.split(" ").at(-1) ?? "").startsWith(path));
  return files.length + sockets.length;
}

/** Whether there is anything at a path. */
export function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
