// Counts what a test has left open. By path, not in total: other tests run in the same process.

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
