// What `run` prints for a guest of one of its endpoints.
import type { EndpointView } from "./control_calls.ts";
import type { CorePlan } from "./core_plan.ts";
import { connectGuest } from "./guest_connection.ts";
import { pasteText } from "./guest_text.ts";
import { DEFAULT_GUEST_SIZE } from "./qemu_command.ts";
import { parseTransportSpec } from "./transport_spec.ts";

const MEBIBYTE = 2 ** 20;

/** Returns the shell text that boots a guest of a served endpoint, or null when no guest can have it. */
export async function servedGuestText(
  plan: CorePlan,
  { spec, path, agent }: EndpointView,
  gpioSocket: string | null,
): Promise<string | null> {
  const parsed = parseTransportSpec(spec);
  if (!parsed.ok) return null;
  const memoryMib = parsed.spec.scheme === "mailbox"
    ? (await Deno.stat(path)).size / MEBIBYTE
    : DEFAULT_GUEST_SIZE.memoryMib;
  const choices = {
    transport: parsed.spec,
    mhuVersion: null,
    gpio: gpioSocket ?? false,
    memoryMib,
    channels: [],
    cpuCount: DEFAULT_GUEST_SIZE.cpuCount,
    cpuPerf: [],
    consumers: [],
  };
  const connected = connectGuest(choices, agent, NO_PLACES);
  if (!connected.ok) return null;
  return pasteText({
    ...choices,
    board: plan.board,
    release: plan.release,
    agent,
    connection: connected.connection,
    kernel: null,
    initrd: null,
    dtb: null,
    kernelArguments: [],
  });
}

/** All places are known here: nobody asks for these. */
const NO_PLACES = { virtioSocket: "", gpioSocket: "", memoryFile: "" };
