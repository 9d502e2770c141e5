// The commands around a guest: `dts` prints its device-tree overlay or makes its whole tree, `qemu` prints
// the command that boots it, or runs it. Texts come from device_tree.ts, guest_text.ts and qemu_command.ts.
import { loadBoardOrComplain } from "./board_commands.ts";
import { createCoreWorker, failureLine } from "./core_process.ts";
import { makeMemoryFile, memoryFolder } from "./guest_places.ts";
import { type GuestRequest, pasteText, platformText, type QemuRequest } from "./guest_text.ts";
import { listenForInterruption, untilAborted } from "./interruption.ts";
import { makeGuestTree, runQemu } from "./qemu_run.ts";
import { type ResolvedGuest, resolveGuest } from "./resolved_guest.ts";
import { EXIT, failWith, type Terminal } from "./terminal.ts";

/** Prints the overlay, or (with `dtb`) makes the guest's whole tree in that file. Returns the exit code. */
export async function printOverlay(
  request: GuestRequest,
  dtb: string | null,
  terminal: Terminal,
): Promise<number> {
  const board = await loadBoardOrComplain(request.board, terminal);
  if (board === null) return EXIT.failure;
  const guest = resolveGuest(board, request);
  if (!guest.ok) return failWith(terminal, guest.problem);
  const { overlayText } = guest.value;
  if (dtb === null) {
    terminal.print(overlayText.trimEnd());
    return EXIT.success;
  }
  const interrupted = listenForInterruption();
  const folder = await Deno.makeTempDir({ prefix: "scmi-tree-" });
  try {
    const made = await makeGuestTree(request, overlayText, folder, interrupted);
    if (interrupted.aborted) return EXIT.failure;
    if (!made.ok) return failWith(terminal, made.problem);
    await Deno.copyFile(made.value, dtb);
    return EXIT.success;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return failWith(terminal, `cannot write ${dtb}: ${error.message}`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/**
 * Prints what boots the guest in a shell: the making of its tree unless one is given, then QEMU. A guest whose memory is a
 * file needs a platform that serves it, which nobody starts by default: how that is done is printed first.
 */
export async function printQemu(request: QemuRequest, terminal: Terminal): Promise<number> {
  const board = await loadBoardOrComplain(request.board, terminal);
  if (board === null) return EXIT.failure;
  const guest = resolveGuest(board, request);
  if (!guest.ok) return failWith(terminal, guest.problem);
  const { agent, connection } = guest.value;
  const paste = { ...request, agent, connection };
  const isServedByDefault = connection.specs.every(({ scheme }) => scheme === "virtio");
  if (!isServedByDefault && typeof request.transport === "string") {
    terminal.print(`# The platform, in a terminal of its own:\n${platformText(paste)}\n\n# The guest:`);
  }
  terminal.print(pasteText(paste));
  return EXIT.success;
}

/**
 * Boots the guest in this terminal, with a platform of our own unless a whole specification says where one is. Returns the
 * exit code. Whatever ends it, no guest, socket or file stays behind.
 */
export async function execQemu(request: QemuRequest, terminal: Terminal): Promise<number> {
  const board = await loadBoardOrComplain(request.board, terminal);
  if (board === null) return EXIT.failure;
  const interrupted = listenForInterruption();
  if (typeof request.transport !== "string") {
    const guest = resolveGuest(board, request);
    if (!guest.ok) return failWith(terminal, guest.problem);
    return await boot(request, guest.value, terminal, interrupted);
  }
  // Only a mailbox makes the guest's memory a file.
  const place = request.transport === "mailbox" ? { dir: memoryFolder(request.memoryMib) } : {};
  const folder = await Deno.makeTempDir({ ...place, prefix: "scp-" });
  try {
    const guest = resolveGuest(board, request, {
      virtioSocket: `${folder}/virtio.sock`,
      gpioSocket: `${folder}/gpio.sock`,
      memoryFile: `${folder}/memory`,
    });
    if (!guest.ok) return failWith(terminal, guest.problem);
    const { memoryFile } = guest.value.connection;
    if (memoryFile !== null) await makeMemoryFile(memoryFile, request.memoryMib);
    return await bootServed(request, guest.value, terminal, interrupted);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Boots a guest whose platform is up already. */
async function boot(
  request: QemuRequest,
  { connection, overlayText }: ResolvedGuest,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const kernelArguments = [...connection.kernelArguments, ...request.kernelArguments];
  const ended = await runQemu({
    ...request,
    ...connection,
    kernelArguments,
    overlayText,
    hasMonitor: true,
    mayReboot: true,
  }, signal);
  // What was ended by us needs no complaint that it has not got far.
  if (signal.aborted) return EXIT.failure;
  if (!ended.ok) return failWith(terminal, ended.problem);
  return ended.value === 0 ? EXIT.success : EXIT.failure;
}

/** Boots a guest with a platform of its own: neither outlives the other. */
async function bootServed(
  request: QemuRequest,
  guest: ResolvedGuest,
  terminal: Terminal,
  interrupted: AbortSignal,
): Promise<number> {
  const plan = {
    board: request.board,
    transports: guest.connection.specs,
    seed: 1,
    release: request.release,
    time: { kind: "host", factor: 1 },
  } as const;
  const worker = createCoreWorker();
  try {
    const starting = worker.start(plan, (line) => terminal.complain(line));
    const start = await Promise.race([starting, untilAborted(interrupted)]);
    if (start === null) return EXIT.failure;
    if (!start.ok) {
      for (const problem of start.problems) failWith(terminal, problem);
      return EXIT.failure;
    }
    const lost = new AbortController();
    const booted = boot(request, guest, terminal, AbortSignal.any([interrupted, lost.signal]));
    const first = await Promise.race([booted, start.core.failed]);
    if (typeof first === "number") return first;
    lost.abort();
    await booted;
    terminal.complain(failureLine(first));
    return EXIT.failure;
  } finally {
    await worker.stop();
  }
}
