// The platform of several guests: one simulator with a socket for each of them, and further sockets of the same agents for what
// is not a guest. Each guest is told apart from the others by its agent's name.

import { assertEquals } from "@std/assert";
import { rcarGuestsBoard } from "../../boards/rcar_guests.ts";
import type { AgentView, SystemView } from "../../scp/control/control_calls.ts";
import { HARDWARE_PATHS, type HardwareViews } from "../../scp/control/hardware_views.ts";
import { complaints, errorCounters, refusedMessages } from "./boot_verdict.ts";
import { bootGuest, type BootRequest, type GuestMachine, type GuestReport, type Tell } from "./guest.ts";
import { SIMULATOR, Simulator, type SimulatorEnd } from "./simulator.ts";
import { runCommand } from "./run_command.ts";

/** The board. */
export const SHARED_BOARD = rcarGuestsBoard;

// Linux lets the accelerometer send its samples all the time. Nobody reads them from raw mode, where it has few buffers, and a
// guest that the busy host does not let run loses some.
const EXPECTED_LOG = [
  /^arm-scmi \S+: RAW\[1\] - Buffers exhausted\. Re-using oldest\.$/,
  /^arm-scmi \S+: SCMI Notifications - queue full, dropping proto_id:21 {2}evt_id:1 {2}ts:\d+$/,
  /^scmi_notify: \d+ callbacks suppressed$/,
];

// They only read sensors: three of them are as much memory as one of the others.
const GUEST_SIZE = { memoryMib: 192, cpuCount: 1 } as const;

/** A running simulator that several guests share. */
export class SharedBoard {
  readonly #simulator: Simulator;
  readonly #folder: string;

  private constructor(simulator: Simulator, folder: string) {
    this.#simulator = simulator;
    this.#folder = folder;
  }

  /** Starts it with two sockets for each of these agents: one for its guest, one for a front-end of ours. */
  static async start(folder: string, agents: readonly string[]): Promise<SharedBoard> {
    const specs = agents.flatMap((agent) =>
      [guestSocket(folder, agent), ownSocket(folder, agent)].map((path) => `virtio:${path},agent=${agent}`)
    );
    const transports = specs.flatMap((spec) => ["--transport", spec]);
    return new SharedBoard(
      await Simulator.start(["--board", SHARED_BOARD.name, ...transports]),
      folder,
    );
  }

  /** The socket of an agent at which no guest is. */
  ownSocket(agent: string): string {
    return ownSocket(this.#folder, agent);
  }

  /** Starts a guest with the device tree that `scp dts` prints for its agent. */
  async boot(
    agent: string,
    machine: GuestMachine,
    script: string,
    killAtMark?: string,
  ): Promise<SharedGuest> {
    const path = guestSocket(this.#folder, agent);
    const overlayText = await runCommand([
      ...SIMULATOR,
      "dts",
      "--board",
      SHARED_BOARD.name,
      "--agent",
      agent,
    ]);
    return new SharedGuest(agent, machine, {
      connection: {
        specs: [{ scheme: "virtio", path, agent }],
        transport: { kind: "virtio" },
        scmiSocket: path,
        gpioSocket: null,
        memoryFile: null,
        hasGpio: false,
        kernelArguments: [],
      },
      overlayText,
      script,
      size: GUEST_SIZE,
      platformEnded: this.#simulator.ended,
      ...(killAtMark === undefined ? {} : { killAtMark }),
    });
  }

  /** Checks what a guest that has ended says of itself, and what the platform refused its agent. */
  async judge(agent: string, report: GuestReport): Promise<void> {
    assertEquals(complaints(report.all("log"), EXPECTED_LOG), [], `complaints of the kernel of ${agent}`);
    const refusals = new Map<string, number>();
    for (const { protocol, messages } of (await this.#agent(agent)).protocols) {
      for (const { name, refusedCount } of messages) {
        if (refusedCount > 0) refusals.set(`${protocol} ${name}`, refusedCount);
      }
    }
    assertEquals(refusedMessages(refusals, []), [], `refused messages of ${agent}`);
    const refusedCount = refusals.values().reduce((sum, count) => sum + count, 0);
    const counted = errorCounters(report.pairs("counter"), report.all("log"), refusedCount, []);
    assertEquals(counted, [], `error counters of ${agent}`);
  }

  /** Returns the power of the system and what was decided over it. */
  async system(): Promise<SystemView> {
    return await (await this.#simulator.request("GET", "/api/system")).json();
  }

  /** Returns the resources of a kind. */
  async hardware<K extends keyof HardwareViews>(kind: K): Promise<HardwareViews[K][]> {
    return await (await this.#simulator.request("GET", `/api/hardware/${HARDWARE_PATHS[kind]}`)).json();
  }

  /** Makes a sensor show these values, in its unit. */
  async override(name: string, values: readonly number[]): Promise<void> {
    const path = `/api/sensors/${encodeURIComponent(name)}/override`;
    await (await this.#simulator.request("PUT", path, { values })).body?.cancel();
  }

  /** Ends the simulator. */
  stop(): Promise<SimulatorEnd> {
    return this.#simulator.stop();
  }

  async #agent(agent: string): Promise<AgentView> {
    const agents: AgentView[] = await (await this.#simulator.request("GET", "/api/agents")).json();
    return agents.find(({ name }) => name === agent)!;
  }
}

/** One of several guests that run at once. It does its script in its own time; the case waits for its marks and talks to it. */
export class SharedGuest {
  /** What it said in all. Rejected when it hangs, dies or its script fails. */
  readonly ended: Promise<GuestReport>;
  readonly #marks = new Map<string, PromiseWithResolvers<string>>();
  #tell: Tell | null = null;

  constructor(
    readonly agent: string,
    machine: GuestMachine,
    request: Omit<BootRequest, "onMark">,
  ) {
    this.ended = bootGuest(machine, {
      ...request,
      onMark: (key, value, tell) => {
        this.#tell = tell;
        this.#mark(key).resolve(value);
        return Promise.resolve();
      },
    });
    // Whoever waits for a mark hears of it; the case looks at all ends.
    this.ended.catch(() => undefined);
  }

  /** Waits until the guest has said this mark for the first time. Throws when it ends before. */
  async reached(key: string): Promise<string> {
    const early = this.ended.then((report): string => report.one(key));
    return await Promise.race([this.#mark(key).promise, early]);
  }

  /** Lets the guest go on that waits for the host. */
  async goOn(): Promise<void> {
    await this.#tell!();
  }

  #mark(key: string): PromiseWithResolvers<string> {
    const mark = this.#marks.get(key) ?? Promise.withResolvers<string>();
    this.#marks.set(key, mark);
    return mark;
  }
}

function guestSocket(folder: string, agent: string): string {
  return `${folder}/${agent}.sock`;
}

function ownSocket(folder: string, agent: string): string {
  return `${folder}/${agent}-own.sock`;
}
