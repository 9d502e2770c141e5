// The signals that end a program, for commands that leave things behind unless they end in order: sockets,
// folders, guests.
import { EXIT } from "./terminal.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Returns what is aborted by the first signal that ends a program; the second one ends it at once. To be called when nothing
 * is left that could keep the event loop from turning, as no signal is heard meanwhile.
 */
export function listenForInterruption(): AbortSignal {
  const interruption = new AbortController();
  const take = () => {
    if (interruption.signal.aborted) Deno.exit(EXIT.failure);
    interruption.abort();
  };
  for (const signal of SIGNALS) Deno.addSignalListener(signal, take);
  return interruption.signal;
}

/** Resolves with null when it is aborted. */
export function untilAborted(signal: AbortSignal): Promise<null> {
  if (signal.aborted) return Promise.resolve(null);
  const { promise, resolve } = Promise.withResolvers<null>();
  signal.addEventListener("abort", () => resolve(null), { once: true });
  return promise;
}
