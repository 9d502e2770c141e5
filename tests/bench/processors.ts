// Which processors the threads of a benchmark run on, and when one lets the others run: calls that no simulator makes.
const { symbols: scheduler } = Deno.dlopen("libc.so.6", {
  sched_getaffinity: { parameters: ["i32", "u32", "buffer"], result: "i32" },
  sched_setaffinity: { parameters: ["i32", "u32", "buffer"], result: "i32" },
  sched_yield: { parameters: [], result: "i32" },
});

const SET_SIZE = 128;

/** A set of processors, one bit for each. */
export type ProcessorSet = Uint8Array<ArrayBuffer>;

/** Keeps the calling thread on some processors. */
export function stayOn(processors: ProcessorSet): void {
  scheduler.sched_setaffinity(0, SET_SIZE, processors);
}

/** Keeps all threads that a process has now on some processors. The process has to be there. */
export function keepProcessOn(pid: number, processors: ProcessorSet): void {
  for (const { name } of Deno.readDirSync(`/proc/${pid}/task`)) {
    scheduler.sched_setaffinity(Number(name), SET_SIZE, processors);
  }
}

/** Lets others run that wait for this processor, until they have nothing more to do. */
export function letOthersRun(): void {
  scheduler.sched_yield();
}

/**
 * Keeps the calling thread on the lowest processor it may use while `body` runs; threads of it are given the same. `other` is
 * for what is to run beside: the next processor, or the same one where there is no other.
 */
export async function onOneProcessor<T>(
  body: (own: ProcessorSet, other: ProcessorSet, all: ProcessorSet) => Promise<T>,
): Promise<T> {
  const former = new Uint8Array(SET_SIZE);
  scheduler.sched_getaffinity(0, SET_SIZE, former);
  const own = lowestOf(former);
  const rest = former.map((byte, i) => byte & ~own[i]!);
  stayOn(own);
  try {
    return await body(own, rest.some((byte) => byte !== 0) ? lowestOf(rest) : own, former);
  } finally {
    stayOn(former);
  }
}

function lowestOf(set: Uint8Array): ProcessorSet {
  const lowest = new Uint8Array(SET_SIZE);
  const place = set.findIndex((byte) => byte !== 0);
  lowest[place] = (set[place] ?? 0) & -(set[place] ?? 0);
  return lowest;
}
