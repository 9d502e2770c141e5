// The platform under test as its user starts it: the simulator in a process of its own, with what its guest connects to and
// its HTTP interface for what the case does from outside.

import { assert } from "@std/assert";
import { AgentClient } from "../../scp/agent/agent.ts";
import { connectMessage } from "../../transports/message/client.ts";
import type { AgentView } from "../../scp/control/control_calls.ts";
import { HARDWARE_PATHS, type HardwareViews } from "../../scp/control/hardware_views.ts";
import { connectGuest, type GuestConnection } from "../../scp/control/guest_connection.ts";
import { makeMemoryFile, memoryFolder } from "../../scp/control/guest_places.ts";
import { DEFAULT_GUEST_SIZE } from "../../scp/control/qemu_command.ts";
import { transportSpecText } from "../../scp/control/transport_spec.ts";
import type { GuestTransportPlan } from "./guest_transports.ts";
import { SIMULATOR, Simulator, type SimulatorEnd } from "./simulator.ts";

export { SIMULATOR } from "./simulator.ts";

/** The board and the guest's agent that all cases use. */
export const BOARD = "rcar";
export const AGENT = "OSPM";

/** The agent as which a case acts on the platform beside the guest. */
export const OTHER_AGENT = "VMM";

/** Names of guests' memory files, with the number of the process that made them. */
export const MEMORY_NAME = /^scmi-guest-(\d+)-[0-9a-f-]{36}$/;

/** How often an agent has sent a message, or done the same through a FastChannel. */
export type MessageCount = AgentView["protocols"][number]["messages"][number];

/** A running simulator. */
export class Platform {
  /** How its guest reaches it. */
  readonly connection: GuestConnection;
  /** Aborted when the process has ended, as asked or not. */
  readonly ended: AbortSignal;
  readonly #simulator: Simulator;
  readonly #otherSocket: string;

  private constructor(simulator: Simulator, folder: string, connection: GuestConnection) {
    this.#simulator = simulator;
    this.connection = connection;
    this.ended = simulator.ended;
    this.#otherSocket = otherSocket(folder);
  }

  /** Starts the simulator with its sockets in `folder` and returns when it serves. Throws when it does not. */
  static async start(
    folder: string,
    plan: GuestTransportPlan,
    more: readonly string[],
  ): Promise<Platform> {
    const connection = await connectionIn(folder, plan);
    const transports = [
      ...connection.specs.map(transportSpecText),
      `message:${otherSocket(folder)},agent=${OTHER_AGENT}`,
    ].flatMap((spec) => ["--transport", spec]);
    return new Platform(
      await Simulator.start(["--board", BOARD, ...transports, ...more]),
      folder,
      connection,
    );
  }

  /** Returns the physical values behind the sensors, in their units, by the sensors' names. */
  async truths(): Promise<ReadonlyMap<string, readonly number[]>> {
    const sensors: { name: string; truth: number[] }[] =
      await (await this.#simulator.request("GET", "/api/sensors"))
        .json();
    return new Map(sensors.map(({ name, truth }) => [name, truth]));
  }

  /** Connects as the other agent; the caller closes it. */
  async openOtherAgent(): Promise<AgentClient> {
    const channel = await connectMessage(this.#otherSocket);
    assert(!("error" in channel), "the simulator serves the other agent");
    return new AgentClient(channel);
  }

  /** Returns how often the guest's agent has done what since the start, by the names of protocol and message. */
  async messageCounts(): Promise<ReadonlyMap<string, MessageCount>> {
    const agents: AgentView[] = await (await this.#simulator.request("GET", "/api/agents")).json();
    const { protocols } = agents.find(({ name }) => name === AGENT)!;
    return new Map(
      protocols.flatMap(({ protocol, messages }) =>
        messages.map((message) =>
          [`${protocol} ${message.name || `0x${message.id.toString(16)}`}`, message] as const
        )
      ),
    );
  }

  /** Returns how many commands of the guest's agent were refused since the start, by the messages' names. */
  async refusals(): Promise<ReadonlyMap<string, number>> {
    const counts = [...await this.messageCounts()];
    return new Map(
      counts.filter(([, { refusedCount }]) => refusedCount > 0).map((
        [name, { refusedCount }],
      ) => [name, refusedCount]),
    );
  }

  /** Returns the resources of a kind, which is a place under `/api/hardware/`. */
  async hardware<K extends keyof HardwareViews>(kind: K): Promise<HardwareViews[K][]> {
    return await (await this.#simulator.request("GET", `/api/hardware/${HARDWARE_PATHS[kind]}`)).json();
  }

  /** Lets virtual time pass, where the simulator was started with `--time stepped`. */
  async step(us: number): Promise<void> {
    await (await this.#simulator.request("POST", "/api/time/step", { us })).body?.cancel();
  }

  /** Sets something in the world around the board. */
  async setInput(name: string, value: number): Promise<void> {
    await (await this.#simulator.request("PUT", `/api/inputs/${encodeURIComponent(name)}`, { value })).body
      ?.cancel();
  }

  /** Makes a sensor show these values, in its unit, until they are released. */
  async override(name: string, values: readonly number[]): Promise<void> {
    const path = `/api/sensors/${encodeURIComponent(name)}/override`;
    await (await this.#simulator.request("PUT", path, { values })).body?.cancel();
  }

  /** Lets a sensor read the model again. */
  async release(name: string): Promise<void> {
    const path = `/api/sensors/${encodeURIComponent(name)}/override`;
    await (await this.#simulator.request("DELETE", path)).body?.cancel();
  }

  /**
   * Ends the simulator as Ctrl-C would and returns how that went: its complaint, or null when it ended well, and all it
   * printed.
   */
  async stop(): Promise<SimulatorEnd> {
    const end = await this.#simulator.stop();
    const { memoryFile } = this.connection;
    if (memoryFile !== null) await Deno.remove(memoryFile);
    return end;
  }
}

/** Lays out what the guest connects to. A guest's memory is a file, in memory where that can be. */
async function connectionIn(folder: string, { wish }: GuestTransportPlan): Promise<GuestConnection> {
  const { memoryMib } = DEFAULT_GUEST_SIZE;
  const result = connectGuest({ ...wish, memoryMib }, AGENT, {
    virtioSocket: `${folder}/guest.sock`,
    gpioSocket: `${folder}/gpio.sock`,
    memoryFile: `${memoryFolder(memoryMib)}/scmi-guest-${Deno.pid}-${crypto.randomUUID()}`,
  });
  assert(result.ok, result.ok ? "" : result.problem);
  const { connection } = result;
  if (connection.memoryFile !== null) await makeMemoryFile(connection.memoryFile, memoryMib);
  return connection;
}

/** The arguments of `scp dts` that describe a guest's connection. */
function treeArguments({ specs, hasGpio }: GuestConnection, { wish }: GuestTransportPlan): string[] {
  return [
    ...["--transport", transportSpecText(specs[0]!)],
    ...(hasGpio ? ["--gpio"] : []),
    ...(wish.channels.length === 0 ? [] : ["--channels", wish.channels.join(",")]),
  ];
}

function otherSocket(folder: string): string {
  return `${folder}/other.sock`;
}

/** What was printed before, by all that it depends on. */
const overlays = new Map<string, Promise<string>>();

/** Returns the overlay that `scp dts` prints for the guest, with more arguments where a case needs them. */
export function printedOverlay(
  connection: GuestConnection,
  plan: GuestTransportPlan,
  more: readonly string[],
): Promise<string> {
  const key = JSON.stringify([plan.wish, more]);
  const overlay = overlays.get(key) ?? printOverlay(connection, plan, more);
  overlays.set(key, overlay);
  return overlay;
}

async function printOverlay(
  connection: GuestConnection,
  plan: GuestTransportPlan,
  more: readonly string[],
): Promise<string> {
  const [program = "", ...rest] = SIMULATOR;
  const guest = ["--board", BOARD, "--agent", AGENT, ...treeArguments(connection, plan)];
  const args = [...rest, "dts", ...guest, ...more];
  const done = await new Deno.Command(program, { args, stdin: "null" }).output();
  const text = new TextDecoder();
  assert(done.success, `scp dts failed: ${text.decode(done.stderr).trim()}`);
  return text.decode(done.stdout);
}
