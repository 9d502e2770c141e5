// Counts open descriptors for leak checks. By file, not in total: other tests run in the same process.

function identityOf(fd: string): string | null {
  try {
    const isEvent = Deno.readLinkSync(`/proc/self/fd/${fd}`).includes("eventfd");
    if (!isEvent) {
      const { dev, ino } = Deno.statSync(`/proc/self/fd/${fd}`);
      return `${dev} ${ino}`;
    }
    // All eventfds are one inode; their number stands in fdinfo.
    return /eventfd-id: *\d+/.exec(Deno.readTextFileSync(`/proc/self/fdinfo/${fd}`))?.[0] ?? null;
  } catch {
    return null; // closed between the listing and the look
  }
}

/** Returns how many open descriptors of this process refer to the same file as `fd`, itself included. */
export function descriptorCountOf(fd: number): number {
  const identity = identityOf(String(fd));
  let count = 0;
  for (const entry of Deno.readDirSync("/proc/self/fd")) {
    if (identity !== null && identityOf(entry.name) === identity) count++;
  }
  return count;
}

/** Returns how many bytes of the file behind a descriptor are mapped in this process, each mapping counted. */
export function mappedSizeOf(fd: number): number {
  const inode = String(Deno.statSync(`/proc/self/fd/${fd}`).ino);
  let size = 0;
  for (const line of Deno.readTextFileSync("/proc/self/maps").split("\n")) {
    const [range, , , , lineInode] = line.split(/ +/);
    const [start, end] = range?.split("-") ?? [];
    if (lineInode === inode) size += parseInt(end ?? "", 16) - parseInt(start ?? "", 16);
  }
  return size;
}
