// What every boot is judged on, whatever its case: the kernel's log has no line of warning level or above, the kernel's
// counters of the SCMI transport no error, and the platform refused no message, but those listed here with their reasons.

interface AllowedLine {
  readonly pattern: RegExp;
  readonly reason: string;
}

/** Lines of warning level or above that every boot of these kernels prints, whatever the platform does. */
const ALLOWED_LOG: readonly AllowedLine[] = [
  {
    pattern: /^pci-host-generic \S+: Memory resource size exceeds max for 32 bits$/,
    reason: "QEMU's PCI host has a window beyond 4 GiB",
  },
  {
    pattern: /^cacheinfo: Unable to detect cache hierarchy for CPU \d+$/,
    reason: "QEMU's tree does not describe caches; 6.12 says so",
  },
  {
    pattern: /^hrtimer: interrupt took \d+ ns$|^sched: DL replenish lagged too much$/,
    reason: "the host was busy and did not let the emulated processor run",
  },
  {
    pattern: /^platform gpio-keys: deferred probe pending: gpio-keys: failed to get gpio$/,
    reason:
      "QEMU's power key waits for a GPIO driver that these kernels lack; 6.12 says so after ten seconds",
  },
];

/** Messages that these kernels send although the platform has told them that it will refuse them. */
const REFUSED: ReadonlyMap<string, string> = new Map([
  [
    "power POWER_STATE_SET",
    "Linux does not ask for the ways of setting a domain: late in boot it switches off whatever has no driver, also " +
    "processors (of PSCI) and what never goes off; 7.2 first switches on what is on, 6.12 knows no tree of domains",
  ],
]);

// One interrupt announces both queues of the device, and Linux looks at the eventq first: when a guest is so slow that a
// delayed response is there before its response has been taken, it takes them in that order. It says so, uses the
// value, and finds the response late, or of a command that it has done with.
const OVERTAKEN = /Received valid OoO Delayed Response for \d+$/;
const LATE_RESPONSE = /Invalid message type:0 for \d+ - HDR:0x[0-9A-F]+ {2}state:2$/;
const RESPONSE_AFTER_END = /Message for \d+ type 0 is not expected!$/;

const WARNING_LEVEL = 4;

/** Lines that something provokes, so many at most. */
export interface ExpectedLines {
  readonly pattern: RegExp;
  readonly countMax: number;
}

/**
 * Returns the lines of a raw kernel log (`<level>text`) of warning level or above that nobody has allowed, and those that come
 * more often than was expected.
 */
export function complaints(log: readonly string[], expected: readonly (RegExp | ExpectedLines)[]): string[] {
  const allowed = ALLOWED_LOG.map((line) => line.pattern);
  const left = new Map<RegExp, number>();
  for (const one of expected) {
    if (one instanceof RegExp) allowed.push(one);
    else left.set(one.pattern, one.countMax);
  }
  const isLeft = (text: string) => {
    const [pattern, count = 0] = [...left].find(([each]) => each.test(text)) ?? [];
    if (pattern !== undefined) left.set(pattern, count - 1);
    return count > 0;
  };
  const late = countOf(LATE_RESPONSE, log) + countOf(RESPONSE_AFTER_END, log);
  if (late === countOf(OVERTAKEN, log)) allowed.push(OVERTAKEN, LATE_RESPONSE, RESPONSE_AFTER_END);
  return log.flatMap((line) => {
    const [, level = "0", text = line] = /^<(\d+)>(?:\[[^\]]*\] )?(.*)$/.exec(line) ?? [];
    // Facility and level share the number: the level is its three low bits.
    const isQuiet = Number(level) % 8 > WARNING_LEVEL;
    return isQuiet || allowed.some((pattern) => pattern.test(text)) || isLeft(text) ? [] : [line];
  });
}

/** Returns the messages, as name and number, that the platform refused but should not have, or without being asked to. */
export function refusedMessages(
  refusals: ReadonlyMap<string, number>,
  expected: readonly string[],
): string[] {
  const surprises = [...refusals].filter(([name]) => !REFUSED.has(name) && !expected.includes(name));
  const missing = expected.filter((name) => !refusals.has(name));
  return [...surprises.map(([name, count]) => `${name} ${count}`), ...missing.map((name) => `${name} 0`)];
}

/**
 * Returns the transport's error counters, as name and value, that are not what this log and the platform's number of
 * refused messages account for. Those named in `free` may be anything.
 */
export function errorCounters(
  counters: ReadonlyMap<string, string>,
  log: readonly string[],
  refusedCount: number,
  free: readonly string[],
): string[] {
  if (counters.size === 0) return ["the guest has no transport counters"];
  const accounted = new Map([
    ["err_msg_invalid", countOf(LATE_RESPONSE, log)],
    ["err_msg_unexpected", countOf(RESPONSE_AFTER_END, log)],
    ["err_protocol", refusedCount],
  ]);
  return [...counters].flatMap(([name, value]) => {
    if (!/^err_|fail|timeout/.test(name) || free.includes(name)) return [];
    return Number(value) === (accounted.get(name) ?? 0) ? [] : [`${name} ${value}`];
  });
}

function countOf(pattern: RegExp, log: readonly string[]): number {
  return log.filter((line) => pattern.test(line)).length;
}
