// How soon a mailbox is answered that its agent and the platform just look at, with a message every hundredth of a second. The
// agent is one in C, as a kernel is, on the processor that the platform leaves free; the reference is a second process that
// answers at once because it does nothing but look.
import { compileC } from "../support/c_compiler.ts";
import { doorbellLayout } from "../../transports/mailbox/doorbell_layout.ts";
import { BackEndThread, type TransportFigures } from "./back_end_thread.ts";
import type { ServedTransport } from "./back_end_worker.ts";

const SOURCE = new URL("polling_agent.c", import.meta.url).pathname;
const FILE_SIZE = 0x10000;
const AREA_AT = 0x8000;
const PAUSE_US = 10_000;
const SET_AT = doorbellLayout(1).slots[0]!.set;

/** What the agent saw of the platform, and of the reference. */
export interface PolledFigures {
  readonly platform: TransportFigures;
  readonly floor: TransportFigures;
}

async function runAgent(agent: string, label: string, args: readonly string[]): Promise<TransportFigures> {
  const { success, stdout, stderr } = await new Deno.Command(agent, { args: [...args] }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  const [p50Us = NaN, p99Us = NaN] = new TextDecoder().decode(stdout).split(" ").map((ns) =>
    Number(ns) / 1000
  );
  return { label, depth: 1, p50Us, p99Us, perSecond: 1e6 / p50Us };
}

/** Measures both; null where there is no C compiler. The folder is the caller's. */
export async function benchPolledMailbox(folder: string, rounds: number): Promise<PolledFigures | null> {
  const agent = `${folder}/polling_agent`;
  if (!await compileC(SOURCE, agent)) return null;
  const timing = [String(rounds), String(PAUSE_US)];

  const empty = `${folder}/floor`;
  await Deno.writeFile(empty, new Uint8Array(FILE_SIZE));
  const places = [String(SET_AT), String(AREA_AT)];
  const floor = await runAgent(agent, "a process that only looks", [empty, ...places, ...timing, "floor"]);

  const path = `${folder}/polled`;
  const transport: ServedTransport = {
    scheme: "mailbox",
    options: {
      path,
      createSize: FILE_SIZE,
      version: 1,
      mhuOffset: 0,
      commandOffsets: [AREA_AT],
      notificationOffset: null,
      areaSize: 256,
    },
    callFd: null,
  };
  const thread = new BackEndThread();
  await thread.start({ kind: "platform", transport }, null);
  const label = `mailbox, polled, every ${PAUSE_US / 1000} ms`;
  const platform = await runAgent(agent, label, [path, ...places, ...timing]);
  thread.stop();
  return { platform, floor };
}
