// One recorded session, played to the same board over every transport, is answered with the same bytes. Virtual time is
// stepped. Two things differ between transports by their nature and are made equal: the room of a response, which the platform is
// given here as the same number for all, and FastChannels, which need shared memory and are offered to nobody.
import { assert, assertEquals } from "@std/assert";
import { rcarBoard } from "../../boards/rcar.ts";
import { MESSAGE_TYPE } from "../../scp/core/header.ts";
import { createPlatform } from "../../scp/control/platform.ts";
import type { Machine } from "../../scp/server/machine.ts";
import { wrapServe } from "./fixture.ts";
import { LOOPBACK } from "./loopback.ts";
import { MAILBOXES } from "./mailbox.ts";
import { MESSAGE } from "./message.ts";
import {
  differentCount,
  drawnCommands,
  isResponse,
  linuxBoot,
  type SessionStep,
  unaskedMessages,
} from "./recorded_session.ts";
import { SHMEM } from "./shmem.ts";
import type { ClosablePort, ContractAgent, ContractTransport } from "./transport.ts";
import { VIRTIO } from "./virtio.ts";

const AGENT = "OSPM";
const SEED = 1;

/** What Linux has room for: header, status and 124 bytes, or 136 less what only virtio has. */
const LINUX_ROOM = 132;
const LARGE_ROOM = 1024;

/** What the platform said after one step: its answer, and what came of itself, each in its order. */
interface Heard {
  readonly responses: readonly string[];
  readonly others: readonly string[];
}

/** A port whose agent always has the same room, and (as it is wrapped) nothing beside messages. */
function withRoom(port: ClosablePort, room: number): ClosablePort {
  return wrapServe(port, (serve) => (request, size, reply) => serve(request, size, reply, room));
}

/** Lets time pass up to each moment at which something is due, so that an agent who takes one message at a time misses none. */
function pass(machine: Machine, us: number, agent: ContractAgent): Uint8Array[] {
  const endUs = machine.nowUs() + us;
  const heard: Uint8Array[] = [];
  while (machine.nowUs() < endUs) {
    machine.step(Math.min(Math.max(machine.nextUs, machine.nowUs() + 1), endUs));
    heard.push(...agent.take());
  }
  return heard;
}

/** Plays a session and returns what was heard after each step. */
function play(transport: ContractTransport, steps: readonly SessionStep[], room: number): Heard[] {
  const { machine } = createPlatform(rcarBoard, { seed: SEED });
  const site = transport.serve(() => withRoom(machine.openChannel(AGENT)!, room));
  const agent = site.connect();
  const heard = steps.map((step): Heard => {
    let messages: Uint8Array[];
    if ("command" in step) {
      agent.send(step.command);
      messages = agent.take();
    } else messages = pass(machine, step.passUs, agent);
    const texts = (isWanted: boolean) =>
      messages.filter((message) => isResponse(message) === isWanted).map((message) => message.toHex());
    return { responses: texts(true), others: texts(false) };
  });
  agent.disconnect();
  site.close();
  return heard;
}

const { machine } = createPlatform(rcarBoard, { seed: SEED });
const SESSION = [...linuxBoot(), ...unaskedMessages(machine, AGENT), ...drawnCommands(machine, AGENT)];

for (const [title, room] of [["room of Linux", LINUX_ROOM], ["large room", LARGE_ROOM]] as const) {
  const reference = play(LOOPBACK, SESSION, room);
  for (const transport of [MESSAGE, SHMEM, ...MAILBOXES, VIRTIO]) {
    Deno.test(`${transport.name} answers a recorded session with the bytes of loopback, ${title}`, () => {
      const heard = play(transport, SESSION, room);
      const first = heard.findIndex((each, i) => JSON.stringify(each) !== JSON.stringify(reference[i]));
      if (first < 0) return;
      const step = SESSION[first]!;
      const what = "command" in step ? step.command.toHex() : `${step.passUs} us`;
      assertEquals(heard[first], reference[first], `step ${first}: ${what}`);
    });
  }
}

Deno.test("recorded session has enough different messages, answers, delayed responses and notifications", () => {
  assert(differentCount(SESSION) >= 500, `${differentCount(SESSION)} different messages`);
  const heard = play(LOOPBACK, SESSION, LINUX_ROOM);
  // A refusal has the type of its command, whatever that is.
  const commandCount = SESSION.filter((step) => "command" in step && isResponse(step.command)).length;
  assertEquals(heard.flatMap(({ responses }) => responses).length, commandCount);
  const succeeded = heard.flatMap(({ responses }) => responses).filter((hex) =>
    hex.slice(8, 16) === "00000000"
  );
  assert(succeeded.length > commandCount / 2, `${succeeded.length} of ${commandCount} succeed`);
  // What comes while time passes is no echo of a damaged header.
  const unasked = heard.filter((_each, i) => "passUs" in SESSION[i]!).flatMap(({ others }) => others);
  const typeCount = (type: number) =>
    unasked.filter((hex) => (Number.parseInt(hex.slice(2, 4), 16) & 3) === type).length;
  const counts = [typeCount(MESSAGE_TYPE.delayedResponse), typeCount(MESSAGE_TYPE.notification)];
  assert(counts.every((count) => count >= 10), `${counts.join(" delayed responses, ")} notifications`);
});
