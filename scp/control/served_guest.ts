// What `run` prints for a guest of one of its endpoints.
import { loadBoard } from "./board_loader.ts";
import type { EndpointView } from "./control_calls.ts";
import type { CorePlan } from "./core_plan.ts";
import { MEBIBYTE } from "./guest_places.ts";
import { pasteText } from "./guest_text.ts";
import { DEFAULT_GUEST_SIZE, GUEST_SIZE_MAX } from "./qemu_command.ts";
import type { Outcome } from "./qemu_run.ts";
import { resolveGuest } from "./resolved_guest.ts";
import { parseTransportSpec } from "./transport_spec.ts";

/** Returns the shell text that boots a guest of a served endpoint, or one line that says why no guest can have it. */
export async function servedGuestText(
  plan: CorePlan,
  { spec, path, agent }: EndpointView,
  gpioSocket: string | null,
): Promise<Outcome<string>> {
  const parsed = parseTransportSpec(spec);
  if (!parsed.ok) return parsed;
  const loaded = await loadBoard(plan.board);
  if (!("board" in loaded)) return { ok: false, problem: loaded.errors[0]! };
  const memory = parsed.spec.scheme === "mailbox"
    ? await memoryMibOf(path)
    : { ok: true as const, value: DEFAULT_GUEST_SIZE.memoryMib };
  if (!memory.ok) return memory;
  const request = {
    board: plan.board,
    agent,
    release: plan.release,
    transport: parsed.spec,
    mhuVersion: null,
    gpio: gpioSocket ?? false,
    memoryMib: memory.value,
    channels: [],
    cpuCount: DEFAULT_GUEST_SIZE.cpuCount,
    cpuPerf: [],
    consumers: [],
  };
  const guest = resolveGuest(loaded.board, request);
  if (!guest.ok) return guest;
  const { connection } = guest.value;
  const files = { kernel: null, initrd: null, dtb: null, kernelArguments: [] };
  return { ok: true, value: pasteText({ ...request, ...files, agent, connection }) };
}

/** A guest has all of the file as its memory. */
async function memoryMibOf(path: string): Promise<Outcome<number>> {
  try {
    const memoryMib = (await Deno.stat(path)).size / MEBIBYTE;
    if (Number.isInteger(memoryMib) && memoryMib <= GUEST_SIZE_MAX.memoryMib) {
      return { ok: true, value: memoryMib };
    }
    const problem =
      `${path} has ${memoryMib} MiB: the memory of a guest is a whole number of them up to ${GUEST_SIZE_MAX.memoryMib}`;
    return { ok: false, problem };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { ok: false, problem: `${path} cannot be looked at: ${error.message}` };
  }
}
