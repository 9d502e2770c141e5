// The commands around a guest: `dts` prints its device-tree overlay or makes its whole tree, `qemu` prints the command that
// boots it, or runs it. Texts come from device_tree.ts, guest_text.ts and qemu_command.ts.
import type { Board } from "../../boards/board.ts";
import { loadBoardOrComplain } from "./board_commands.ts";
import { type CoreWorker, createCoreWorker } from "./core_process.ts";
import { deviceTreeOverlay } from "./device_tree.ts";
import { connectGuest, type ConnectionPlaces, type GuestConnection } from "./guest_connection.ts";
import { chooseForGuest } from "./guest_choices.ts";
import { describeGuest } from "./guest_description.ts";
import { defaultPlacesOf, makeMemoryFile, memoryFolder } from "./guest_places.ts";
import { type GuestRequest, pasteText, platformText, type QemuRequest } from "./guest_text.ts";
import { makeGuestTree, runQemu } from "./qemu_run.ts";
import { EXIT, type Terminal } from "./terminal.ts";

interface ResolvedGuest {
  readonly board: Board;
  readonly agent: string;
  readonly connection: GuestConnection;
  readonly overlayText: string;
}

/** Prints the overlay, or (with `dtb`) makes the guest's whole tree in that file. Returns the exit code. */
export async function printOverlay(
  request: GuestRequest,
  dtb: string | null,
  terminal: Terminal,
): Promise<number> {
  const guest = await resolveGuest(request, terminal);
  if (guest === null) return EXIT.failure;
  if (dtb === null) {
    terminal.print(guest.overlayText.trimEnd());
    return EXIT.success;
  }
  const folder = await Deno.makeTempDir({ prefix: "scmi-tree-" });
  try {
    const made = await makeGuestTree(request, guest.overlayText, folder);
    if (!made.ok) return complain(terminal, made.problem);
    await Deno.copyFile(made.value, dtb);
    return EXIT.success;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return complain(terminal, `cannot write ${dtb}: ${error.message}`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/**
 * Prints what boots the guest in a shell: the making of its tree unless one is given, then QEMU. A guest whose memory is a
 * file needs a platform that serves it, which nobody starts by default: how that is done is printed first.
 */
export async function printQemu(request: QemuRequest, terminal: Terminal): Promise<number> {
  const guest = await resolveGuest(request, terminal);
  if (guest === null) return EXIT.failure;
  const paste = { ...request, agent: guest.agent, connection: guest.connection };
  const isServedByDefault = guest.connection.specs.every(({ scheme }) => scheme === "virtio");
  if (!isServedByDefault && typeof request.transport === "string") {
    terminal.print(`# The platform, in a terminal of its own:\n${platformText(paste)}\n\n# The guest:`);
  }
  terminal.print(pasteText(paste));
  return EXIT.success;
}

/**
 * Boots the guest in this terminal, with a platform of our own unless a whole specification says where one is. Returns the
 * exit code.
 */
export async function execQemu(request: QemuRequest, terminal: Terminal): Promise<number> {
  if (typeof request.transport !== "string") {
    const guest = await resolveGuest(request, terminal);
    return guest === null ? EXIT.failure : await boot(request, guest, terminal);
  }
  const folder = await Deno.makeTempDir({ dir: memoryFolder(request.memoryMib), prefix: "scp-" });
  try {
    const places = {
      virtioSocket: `${folder}/virtio.sock`,
      gpioSocket: `${folder}/gpio.sock`,
      memoryFile: `${folder}/memory`,
    };
    const guest = await resolveGuest(request, terminal, places);
    if (guest === null) return EXIT.failure;
    const { memoryFile } = guest.connection;
    if (memoryFile !== null) await makeMemoryFile(memoryFile, request.memoryMib);
    return await withPlatform(
      createCoreWorker(),
      request,
      guest.connection,
      terminal,
      () => boot(request, guest, terminal),
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function boot(
  request: QemuRequest,
  { connection, overlayText }: ResolvedGuest,
  terminal: Terminal,
): Promise<number> {
  const kernelArguments = [...connection.kernelArguments, ...request.kernelArguments];
  const ended = await runQemu({
    ...request,
    ...connection,
    kernelArguments,
    overlayText,
    hasMonitor: true,
    mayReboot: true,
  });
  if (!ended.ok) return complain(terminal, ended.problem);
  return ended.value === 0 ? EXIT.success : EXIT.failure;
}

async function withPlatform(
  worker: CoreWorker,
  request: QemuRequest,
  { specs }: GuestConnection,
  terminal: Terminal,
  action: () => Promise<number>,
): Promise<number> {
  const plan = {
    board: request.board,
    transports: specs,
    seed: 1,
    release: request.release,
    time: { kind: "host", factor: 1 },
  } as const;
  const start = await worker.start(plan, (line) => terminal.complain(line));
  if (!start.ok) {
    for (const problem of start.problems) complain(terminal, problem);
    return EXIT.failure;
  }
  try {
    return await action();
  } finally {
    await start.core.stop();
  }
}

async function resolveGuest(
  request: GuestRequest,
  terminal: Terminal,
  places: ConnectionPlaces | null = null,
): Promise<ResolvedGuest | null> {
  const board = await loadBoardOrComplain(request.board, terminal);
  if (board === null) return null;
  const names = board.agents.map(({ name }) => name);
  const agent = request.agent ?? names[0]!;
  if (!names.includes(agent)) {
    const known = names.join(", ");
    complain(terminal, `board ${board.name} has no agent ${JSON.stringify(agent)}: take one of ${known}`);
    return null;
  }
  const choices = chooseForGuest(board, agent, request);
  if ("problem" in choices) {
    complain(terminal, choices.problem);
    return null;
  }
  const connected = connectGuest(request, agent, places ?? defaultPlacesOf(board, agent));
  if (!connected.ok) {
    complain(terminal, connected.problem);
    return null;
  }
  const { connection } = connected;
  const overlay = deviceTreeOverlay(
    describeGuest(board, agent, request.release, { ...choices, ...connection }),
  );
  if (!overlay.ok) {
    complain(terminal, overlay.problem);
    return null;
  }
  return { board, agent, connection, overlayText: overlay.text };
}

function complain(terminal: Terminal, problem: string): number {
  terminal.complain(`error: ${problem}`);
  return EXIT.failure;
}
