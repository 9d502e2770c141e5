// Counts open descriptors for leak checks. By file, not in total: other tests run in the same process.

function identityOf(fd: string): string | null {
  try {
    const target = Deno.readLinkSync(`/proc/self/fd/${fd}`);
    // All eventfds have the same target; their number stands in fdinfo.
    if (!target.includes("eventfd")) return target;
    return /eventfd-id: *\d+/.exec(Deno.readTextFileSync(`/proc/self/fdinfo/${fd}`))?.[0] ?? target;
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
