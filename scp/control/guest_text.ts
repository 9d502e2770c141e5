// What to paste into a shell to boot an agent's guest: the making of its device tree, then QEMU.
import { resolve } from "node:path";
import type { Release } from "../../protocols/protocol.ts";
import { qemuArguments, shellLine, shellText } from "./qemu_command.ts";

/** Which guest is meant, and how large it is. */
export interface GuestRequest {
  /** Name of a built-in board, or a board file. */
  readonly board: string;
  /** null = the board's first. */
  readonly agent: string | null;
  readonly release: Release;
  readonly memoryMib: number;
  readonly cpuCount: number;
  /** Names of the performance domains of its processors, and devices to add; see guest_choices.ts. */
  readonly cpuPerf: readonly string[];
  readonly consumers: readonly string[];
}

/** What `qemu` is asked for beside that. */
export interface QemuRequest extends GuestRequest {
  /** null = the default socket to print, a platform of our own to run. */
  readonly socket: string | null;
  readonly kernel: string | null;
  readonly initrd: string | null;
  readonly dtb: string | null;
  readonly kernelArguments: readonly string[];
}

/** A guest of a platform that serves at a socket. */
export interface PasteRequest extends QemuRequest {
  readonly agent: string;
  readonly socket: string;
}

/** The shell text that boots a guest: one command, joined by `&&`. The tree is made in the current folder. */
export function pasteText(request: PasteRequest): string {
  const { agent, dtb, memoryMib, cpuCount, release, cpuPerf, consumers } = request;
  // Whoever pastes this may stand in another folder. A name of a built-in board has neither dot nor slash.
  const board = /[./]/.test(request.board) ? resolve(request.board) : request.board;
  const socket = resolve(request.socket);
  const treeFile = dtb ?? `guest-${agent.toLowerCase().replace(/[^a-z0-9_-]+/g, "-")}.dtb`;
  const qemu = shellText(
    qemuArguments({ ...request, socket, dtb: treeFile, hasMonitor: true, mayReboot: true }),
  );
  if (dtb !== null) return qemu;
  // By its full path, as npx leaves nothing on PATH.
  const scp = [Deno.execPath(), "run", "-A", new URL("./main.ts", import.meta.url).pathname];
  const size = ["--memory", `${memoryMib}`, "--cpus", `${cpuCount}`];
  const more = [
    ...(cpuPerf.length === 0 ? [] : ["--cpu-perf", cpuPerf.join(",")]),
    ...(consumers.length === 0 ? [] : ["--consumers", consumers.join(",")]),
  ];
  const guest = ["--board", board, "--agent", agent, "--spec", release, ...size, ...more];
  const tree = ["dts", ...guest, "--dtb", treeFile];
  return `${shellLine([...scp, ...tree])} &&\n${qemu}`;
}
