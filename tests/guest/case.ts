// What a case is: a name, and a run that boots guests and throws an assertion error when what they say is wrong.
// Every boot is judged on two things besides: a clean kernel log and clean transport counters.

import { assertEquals } from "@std/assert";
import { BOARD_SENSORS } from "./board_sensors.ts";
import { bootGuest, type BootRequest, GuestError, type GuestMachine, type GuestReport } from "./guest.ts";
import type { GuestKernel } from "./kernels.ts";
import { Platform } from "./platform.ts";

/** One thing that is tested, on each kernel. */
export interface GuestCase {
  /** Begins with the subject, as test names do. */
  readonly name: string;
  run(context: CaseContext): Promise<void>;
}

/** What a boot of a case may set; socket and end are the platform's. */
export type CaseBoot = Omit<BootRequest, "socket" | "platformEnded"> & {
  /** Messages of the kernel's log that this boot provokes on purpose. */
  readonly expectedLog?: readonly RegExp[];
  /** Error counters that this boot provokes on purpose. */
  readonly expectedCounters?: readonly string[];
};

/** What a case works with: its kernel and a platform of its own. */
export class CaseContext {
  readonly #machine: GuestMachine;
  readonly #platform: Platform;
  /** All consoles of the case, for `--keep-logs`. */
  readonly consoles: string[] = [];

  constructor(machine: GuestMachine, platform: Platform) {
    this.#machine = machine;
    this.#platform = platform;
  }

  get kernel(): GuestKernel {
    return this.#machine.kernel;
  }

  get busyboxPath(): string {
    return this.#machine.busyboxPath;
  }

  /** For files of the case; it is removed afterwards. */
  get folder(): string {
    return this.#machine.folder;
  }

  get platform(): Platform {
    return this.#platform;
  }

  /** Boots a guest to its end and judges log and counters, which one that is killed never tells. */
  async boot(request: CaseBoot): Promise<GuestReport> {
    const { socket, ended: platformEnded } = this.#platform;
    let report: GuestReport;
    try {
      report = await bootGuest(this.#machine, { ...request, socket, platformEnded });
    } catch (error) {
      if (error instanceof GuestError) this.consoles.push(error.console);
      throw error;
    }
    this.consoles.push(report.console);
    if (request.killAtMark !== undefined) return report;
    assertEquals(complaints(report.all("log"), request.expectedLog ?? []), [], "complaints of the kernel");
    assertEquals(
      errorCounters(report.pairs("counter"), request.expectedCounters ?? []),
      [],
      "error counters",
    );
    return report;
  }
}

interface AllowedLine {
  readonly pattern: RegExp;
  readonly reason: string;
}

/** Lines of warning level or above that every boot of these kernels prints, whatever the platform does. */
export const ALLOWED_LOG: readonly AllowedLine[] = [
  {
    pattern: /^pci-host-generic \S+: Memory resource size exceeds max for 32 bits$/,
    reason: "QEMU's PCI host has a window beyond 4 GiB",
  },
  {
    pattern: /^cacheinfo: Unable to detect cache hierarchy for CPU \d+$/,
    reason: "QEMU's tree does not describe caches; 6.12 says so",
  },
  {
    pattern: /^hrtimer: interrupt took \d+ ns$/,
    reason: "the host was busy and did not let the emulated processor run",
  },
];

const WARNING_LEVEL = 4;

/** Returns the lines of a raw kernel log (`<level>text`) of warning level or above that nobody has allowed. */
export function complaints(log: readonly string[], expected: readonly RegExp[]): string[] {
  const allowed = [...ALLOWED_LOG.map((line) => line.pattern), ...expected];
  return log.flatMap((line) => {
    const [, level = "0", text = line] = /^<(\d+)>(?:\[[^\]]*\] )?(.*)$/.exec(line) ?? [];
    // Facility and level share the number: the level is its three low bits.
    const isQuiet = Number(level) % 8 > WARNING_LEVEL;
    return isQuiet || allowed.some((pattern) => pattern.test(text)) ? [] : [line];
  });
}

// Linux asks every sensor for its update intervals; one that has none answers NOT_SUPPORTED, which the kernel counts as
// an error, keeps to itself and takes for "none".
const REFUSED_QUERY_COUNT = BOARD_SENSORS.filter((sensor) => sensor.intervals.kind === "none").length;

function errorCounters(counters: ReadonlyMap<string, string>, expected: readonly string[]): string[] {
  if (counters.size === 0) return ["the guest has no transport counters"];
  return [...counters].flatMap(([name, value]) => {
    if (!/^err_|fail|timeout/.test(name) || expected.includes(name)) return [];
    const isRight = Number(value) === (name === "err_protocol" ? REFUSED_QUERY_COUNT : 0);
    return isRight ? [] : [`${name} ${value}`];
  });
}
