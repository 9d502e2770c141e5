// What to paste into a shell to boot an agent's guest: what the platform has to serve, the making of the
// guest's device tree, then QEMU.
import { dirname, resolve } from "node:path";
import type { Release } from "../../protocols/protocol.ts";
import type { GuestConnection, TransportChoice } from "./guest_connection.ts";
import { qemuArguments, shellLine, shellText } from "./qemu_command.ts";
import { transportSpecText } from "./transport_spec.ts";

/** Which guest is meant, and how large it is. */
export interface GuestRequest {
  /** Name of a built-in board, or a board file. */
  readonly board: string;
  /** null = the board's first. */
  readonly agent: string | null;
  readonly release: Release;
  /** How the guest reaches the platform; see guest_connection.ts. */
  readonly transport: TransportChoice;
  readonly mhuVersion: 1 | 2 | 3 | null;
  readonly gpio: string | boolean;
  readonly channels: readonly string[];
  readonly memoryMib: number;
  readonly cpuCount: number;
  /** Names of the performance domains of its processors, and devices to add; see guest_choices.ts. */
  readonly cpuPerf: readonly string[];
  readonly consumers: readonly string[];
}

/** What `qemu` is asked for beside that. */
export interface QemuRequest extends GuestRequest {
  readonly kernel: string | null;
  readonly initrd: string | null;
  readonly dtb: string | null;
  readonly kernelArguments: readonly string[];
}

/** A guest of a platform that is there, or that is to be started by what is printed. */
export interface PasteRequest extends QemuRequest {
  readonly agent: string;
  readonly connection: GuestConnection;
}

/** The shell text that boots a guest: one command, joined by `&&`. The tree is made in the current folder. */
export function pasteText(request: PasteRequest): string {
  const { agent, dtb, connection } = request;
  const treeFile = dtb ?? `guest-${agent.toLowerCase().replace(/[^a-z0-9_-]+/g, "-")}.dtb`;
  const qemu = shellText(qemuArguments({
    ...request,
    ...absolute(connection),
    kernelArguments: [...connection.kernelArguments, ...request.kernelArguments],
    dtb: treeFile,
    hasMonitor: true,
    mayReboot: true,
  }));
  if (dtb !== null) return qemu;
  const tree = ["dts", ...guestArguments(request), "--dtb", treeFile];
  return `${shellLine([...SCP, ...tree])} &&\n${qemu}`;
}

/**
 * The shell text that starts the platform such a guest needs: first the folders of its sockets and files, and the guest's
 * memory, which QEMU and the platform share.
 */
export function platformText(request: PasteRequest): string {
  const { connection, memoryMib, release } = request;
  const { memoryFile } = absolute(connection);
  const transports = connection.specs.flatMap((spec) => ["--transport", absoluteSpecText(spec)]);
  const run = ["run", "--board", boardWord(request.board), "--spec", release, ...transports];
  const folders = new Set(connection.specs.map(({ path }) => dirname(resolve(path))));
  const before = [
    ...[...folders].map((folder) => shellLine(["mkdir", "-p", "-m", "700", folder])),
    ...(memoryFile === null ? [] : [shellLine(["truncate", "-s", `${memoryMib}M`, memoryFile])]),
  ];
  return [...before, shellLine([...SCP, ...run])].join(" &&\n");
}

/** By its full path, as npx leaves nothing on PATH. */
const SCP = [Deno.execPath(), "run", "-A", new URL("./main.ts", import.meta.url).pathname];

/** The arguments of `dts` that describe a guest. */
function guestArguments(request: PasteRequest): string[] {
  const { agent, release, memoryMib, cpuCount, cpuPerf, consumers, connection, channels } = request;
  const [spec] = connection.specs;
  return [
    ...["--board", boardWord(request.board), "--agent", agent, "--spec", release],
    // A tree says nothing of the place of a socket.
    ...(spec === undefined || spec.scheme === "virtio" ? [] : ["--transport", absoluteSpecText(spec)]),
    ...(connection.hasGpio ? ["--gpio"] : []),
    ...(channels.length === 0 ? [] : ["--channels", channels.join(",")]),
    ...["--memory", `${memoryMib}`, "--cpus", `${cpuCount}`],
    ...(cpuPerf.length === 0 ? [] : ["--cpu-perf", cpuPerf.join(",")]),
    ...(consumers.length === 0 ? [] : ["--consumers", consumers.join(",")]),
  ];
}

/** Whoever pastes this may stand in another folder. A name of a built-in board has neither dot nor slash. */
function boardWord(board: string): string {
  return /[./]/.test(board) ? resolve(board) : board;
}

function absoluteSpecText(spec: GuestConnection["specs"][number]): string {
  return transportSpecText({ ...spec, path: resolve(spec.path) });
}

function absolute<T extends Pick<GuestConnection, "scmiSocket" | "memoryFile" | "gpioSocket">>(places: T): T {
  const { scmiSocket, memoryFile, gpioSocket } = places;
  return {
    ...places,
    scmiSocket: scmiSocket && resolve(scmiSocket),
    memoryFile: memoryFile && resolve(memoryFile),
    gpioSocket: gpioSocket && resolve(gpioSocket),
  };
}
