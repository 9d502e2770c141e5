// The commands around a guest: `dts` prints its device-tree overlay or makes its whole tree, `qemu` prints the command that
// boots it, or runs it. Texts come from device_tree.ts and qemu_command.ts.
import type { Board } from "../../boards/board.ts";
import { loadBoardOrComplain } from "./board_commands.ts";
import { type CoreWorker, createCoreWorker } from "./core_process.ts";
import { deviceTreeOverlay } from "./device_tree.ts";
import { defaultEndpointPlans } from "./endpoint_plans.ts";
import { chooseForGuest } from "./guest_choices.ts";
import { describeGuest } from "./guest_description.ts";
import { type GuestRequest, pasteText, type QemuRequest } from "./guest_text.ts";
import { makeGuestTree, runQemu } from "./qemu_run.ts";
import { EXIT, type Terminal } from "./terminal.ts";

interface ResolvedGuest {
  readonly board: Board;
  readonly agent: string;
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

/** Prints what boots the guest in a shell: the making of its tree unless one is given, then QEMU. */
export async function printQemu(request: QemuRequest, terminal: Terminal): Promise<number> {
  const guest = await resolveGuest(request, terminal);
  if (guest === null) return EXIT.failure;
  const socket = request.socket ?? defaultSocketOf(guest.board, guest.agent);
  terminal.print(pasteText({ ...request, socket, agent: guest.agent }));
  return EXIT.success;
}

/** Boots the guest in this terminal, with a platform of our own unless a socket is given. Returns the exit code. */
export async function execQemu(request: QemuRequest, terminal: Terminal): Promise<number> {
  const guest = await resolveGuest(request, terminal);
  if (guest === null) return EXIT.failure;
  if (request.socket !== null) return await boot(request, request.socket, guest, terminal);
  const folder = await Deno.makeTempDir({ prefix: "scp-" });
  try {
    const socket = `${folder}/virtio.sock`;
    return await withPlatform(
      createCoreWorker(),
      request,
      socket,
      guest.agent,
      terminal,
      () => boot(request, socket, guest, terminal),
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function boot(
  request: QemuRequest,
  socket: string,
  { overlayText }: ResolvedGuest,
  terminal: Terminal,
): Promise<number> {
  const ended = await runQemu({ ...request, socket, overlayText, hasMonitor: true, mayReboot: true });
  if (!ended.ok) return complain(terminal, ended.problem);
  return ended.value === 0 ? EXIT.success : EXIT.failure;
}

async function withPlatform(
  worker: CoreWorker,
  request: QemuRequest,
  socket: string,
  agent: string,
  terminal: Terminal,
  action: () => Promise<number>,
): Promise<number> {
  const plan = {
    board: request.board,
    transports: [{ scheme: "virtio", path: socket, agent }],
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

async function resolveGuest(request: GuestRequest, terminal: Terminal): Promise<ResolvedGuest | null> {
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
  const overlay = deviceTreeOverlay(describeGuest(board, agent, request.release, choices));
  if (!overlay.ok) {
    complain(terminal, overlay.problem);
    return null;
  }
  return { board, agent, overlayText: overlay.text };
}

function defaultSocketOf(board: Board, agent: string): string {
  return defaultEndpointPlans(board).find((plan) => plan.scheme === "virtio" && plan.agent === agent)!.path;
}

function complain(terminal: Terminal, problem: string): number {
  terminal.complain(`error: ${problem}`);
  return EXIT.failure;
}
