// What a case is: a name, what it shows, and a run that boots guests and throws an assertion error when what they say is wrong.
// Every boot is judged on two things besides: a clean kernel log and clean transport counters.

import { assertEquals } from "@std/assert";
import type { KernelSeries } from "../../scp/control/guest_cache.ts";
import { complaints, errorCounters, refusedMessages } from "./boot_verdict.ts";
import { bootGuest, type BootRequest, GuestError, type GuestMachine, type GuestReport } from "./guest.ts";
import { GUEST_TRANSPORTS, type GuestTransportName, type GuestTransportPlan } from "./guest_transports.ts";
import type { GuestKernel } from "./kernels.ts";
import { Platform, printedOverlay } from "./platform.ts";

/** One thing that is tested, on each kernel. */
export interface GuestCase {
  /** Begins with the subject, as test names do. */
  readonly name: string;
  /** What the simulator is started with beside board, transport and HTTP. */
  readonly simulatorArguments?: readonly string[];
  /** The kernels whose drivers do what is tested; all unless given. */
  readonly kernels?: readonly KernelSeries[];
  /** The ways over which it runs; virtio and a mailbox with an interrupt unless given. */
  readonly over?: readonly GuestTransportName[];
  /** Those of these ways over which it shows that the thing is not there. */
  readonly without?: readonly GuestTransportName[];
  /** What a kernel can that passes the case; null = nothing that the README tells. Unless given, that of its group. */
  readonly shows?: string | null;
  /** Whether it measures, so that no other case may run beside it. */
  readonly runsAlone?: boolean;
  run(context: CaseContext): Promise<void>;
}

/** What a boot of a case may set; the rest is the platform's. */
export type CaseBoot = Omit<BootRequest, "connection" | "overlayText" | "platformEnded"> & {
  /** Messages of the kernel's log that this boot provokes on purpose. */
  readonly expectedLog?: readonly RegExp[];
  /** More arguments of `scp dts`, which writes the guest's device tree. */
  readonly treeArguments?: readonly string[];
  /** Error counters that this boot provokes on purpose. */
  readonly expectedCounters?: readonly string[];
  /** Messages, as protocol and name, of which the platform refuses some on purpose. */
  readonly expectedRefusals?: readonly string[];
};

/** What a case works with: its kernel and a platform of its own. */
export class CaseContext {
  readonly #machine: GuestMachine;
  readonly #platform: Platform;
  readonly #plan: GuestTransportPlan;
  /** All consoles of the case, for `--keep-logs`. */
  readonly consoles: string[] = [];

  constructor(machine: GuestMachine, platform: Platform, readonly transport: GuestTransportName) {
    this.#machine = machine;
    this.#platform = platform;
    this.#plan = GUEST_TRANSPORTS[transport];
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
    const { connection, ended: platformEnded } = this.#platform;
    let report: GuestReport;
    const before = await this.#platform.refusals();
    try {
      const overlayText = await printedOverlay(connection, this.#plan, request.treeArguments ?? []);
      report = await bootGuest(this.#machine, { ...request, connection, overlayText, platformEnded });
    } catch (error) {
      if (error instanceof GuestError) this.consoles.push(error.console);
      throw error;
    }
    this.consoles.push(report.console);
    if (request.killAtMark !== undefined) return report;
    const ofWay = this.#plan.log.filter(({ kernels }) => kernels?.includes(this.kernel.series) ?? true);
    const allowedLog = [...request.expectedLog ?? [], ...ofWay];
    assertEquals(complaints(report.all("log"), allowedLog), [], "complaints of the kernel");
    const refusals = new Map<string, number>();
    for (const [name, count] of await this.#platform.refusals()) {
      const more = count - (before.get(name) ?? 0);
      if (more > 0) refusals.set(name, more);
    }
    const expectedRefusals = [...this.#plan.refusals, ...request.expectedRefusals ?? []];
    assertEquals(refusedMessages(refusals, expectedRefusals), [], "refused messages");
    const refusedCount = refusals.values().reduce((sum, count) => sum + count, 0);
    const { expectedCounters = [] } = request;
    const counters = report.pairs("counter");
    const counted = errorCounters(counters, report.all("log"), refusedCount, expectedCounters);
    assertEquals(counted, [], "error counters");
    return report;
  }
}
