// Waiting for what the platform comes to later, because Linux or the simulator does it in its own time: looked at again
// and again, never slept for.

// A busy host runs a guest at a tenth of its speed; a guest waits for the host for twice as long.
const TIMEOUT_MS = 30_000;

/** Reads until the value is as wanted, or for half a minute, and returns what was read last. */
export async function settle<T>(read: () => Promise<T>, isWanted: (value: T) => boolean): Promise<T> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  let value = await read();
  while (!isWanted(value) && !timeout.aborted) value = await read();
  return value;
}
