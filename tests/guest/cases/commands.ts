// The guest commands of the simulator as a user types them: `scp qemu --exec`, and the printed line pasted into a shell.
// Both start the guest that gives a shell; it is typed into as a user would.

import { assert, assertEquals } from "@std/assert";
import { KERNEL_SERIES } from "../../../scp/control/guest_cache.ts";
import { transportSpecText } from "../../../scp/control/transport_spec.ts";
import type { CaseContext, GuestCase } from "../case.ts";
import { GUEST_TRANSPORTS, WITH_COMMANDS } from "../guest_transports.ts";
import { buildInitrd } from "../initrd.ts";
import { AGENT, BOARD, SIMULATOR } from "../platform.ts";
import { lastLines, runCommand } from "../run_command.ts";

const SHELL_IS_THERE = "A shell follows";
const TYPED = "echo typed $((6 * 7)); poweroff -f\n";

/** The cases of this file. */
export const COMMAND_CASES: readonly GuestCase[] = [
  {
    name: "scp qemu --exec boots a guest in the terminal, with a platform of its own",
    over: WITH_COMMANDS,
    async run(context) {
      // The preferred kernel comes from the cache by itself, as for somebody who names none.
      const isPreferred = context.kernel.series === KERNEL_SERIES[0];
      const kernel = isPreferred ? [] : ["--kernel", context.kernel.imagePath];
      const { gpio } = GUEST_TRANSPORTS[context.transport].wish;
      const scheme = context.transport === "virtio" ? "virtio" : "mailbox";
      const way = ["--transport", scheme, ...(gpio ? ["--gpio"] : [])];
      const argv = [...SIMULATOR, "qemu", "--board", BOARD, "--agent", AGENT, "--exec", ...way, ...kernel];
      const seen = await typeIntoShell(context, argv);
      assertEquals(seen.code, 0, lastLines(seen.text, 10));
      assertSaid(seen.text, [`Linux version ${context.kernel.series}.`, "thermal1: ", "typed 42"]);
    },
  },
  {
    name: "printed QEMU line boots a guest when kernel and initrd are filled in",
    async run(context) {
      const initrd = `${context.folder}/shell.gz`;
      await buildInitrd(context.busyboxPath, null, initrd);
      await context.platform.override("thermal1", [-17]);
      const { specs, gpioSocket } = context.platform.connection;
      const printed = await runCommand([
        ...SIMULATOR,
        "qemu",
        "--board",
        BOARD,
        "--agent",
        AGENT,
        ...["--transport", transportSpecText(specs[0]!)],
        ...(gpioSocket === null ? [] : ["--gpio", gpioSocket]),
      ]);
      const line = printed.replace(/\bKERNEL\b/, context.kernel.imagePath).replace(/\bINITRD\b/, initrd);
      const seen = await typeIntoShell(context, ["sh", "-c", line]);
      assertEquals(seen.code, 0, lastLines(seen.text, 10));
      assertSaid(seen.text, ["thermal1: -17000 ", "typed 42"]);
    },
  },
];

/** Runs a command that ends in a guest's shell, types into it, and returns all that came and the exit code. */
async function typeIntoShell(
  context: CaseContext,
  argv: readonly string[],
): Promise<{ readonly code: number; readonly text: string }> {
  const [program = "", ...args] = argv;
  const process = new Deno.Command(program, {
    args,
    cwd: context.folder,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(180_000),
  }).spawn();
  const errors = new Response(process.stderr).text();
  const input = process.stdin.getWriter();
  let text = "";
  const decoded = process.stdout.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>);
  let hasTyped = false;
  for await (const part of decoded) {
    text += part;
    if (hasTyped || !text.includes(SHELL_IS_THERE)) continue;
    hasTyped = true;
    await input.write(new TextEncoder().encode(TYPED));
  }
  const { code } = await process.status;
  await input.close().catch(() => undefined);
  text += await errors;
  context.consoles.push(text);
  return { code, text };
}

function assertSaid(text: string, parts: readonly string[]): void {
  for (const part of parts) {
    assert(text.includes(part), `"${part}" is not in what ends with:\n${lastLines(text, 10)}`);
  }
}
