// The fuzzer's end of a platform behind sockets: which message answers a command, and when others are heard.
import { assert, assertEquals, assertRejects } from "@std/assert";
import { FuzzError } from "../../scp/fuzz/fuzz_error.ts";
import { SocketTarget, surveyPlatform } from "../../scp/fuzz/socket_target.ts";
import { packHeader } from "../../scp/core/header.ts";
import { NO_HARDWARE } from "../../scp/model/hardware.ts";
import type { AgentChannel } from "../../transports/channel.ts";

const NOTIFICATION = packHeader(0x15, 0x1, 3, 0);
const COMMAND = packHeader(0x15, 0xb, 0, 7);
const FACTS = {
  isOurs: false,
  protocols: [],
  agents: [{
    id: 1,
    name: "agent",
    isTrusted: false,
    protocolIds: [],
    counts: {},
    namesOf: () => [],
    view: NO_HARDWARE,
    rights: null,
    isShared: () => false,
  }],
  devices: [],
};

function message(header: number, ...words: number[]): Uint8Array {
  return new Uint8Array(Uint32Array.of(header, ...words).buffer);
}

Deno.test("SocketTarget hears what came in one piece with a response after it has been judged", async () => {
  const channel: AgentChannel = {
    onMessage: null,
    onClose: null,
    send(command) {
      const [header] = new Uint32Array(command.slice(0, 4).buffer);
      // A notification on its way, the response, and what follows from it at once.
      if (header === COMMAND) channel.onMessage!(message(NOTIFICATION, 1));
      channel.onMessage!(message(header!, 0));
      if (header === COMMAND) channel.onMessage!(message(NOTIFICATION, 2));
    },
    close: () => {},
  };
  const target = await SocketTarget.open(FACTS, [{
    agentId: 1,
    connect: () => Promise.resolve(channel),
  }]);
  const heard: number[] = [];
  target.onIncoming = (_place, incoming) => heard.push(incoming[4]!);
  const { reply } = await target.exchange(0, message(COMMAND, 0));
  assertEquals(reply, message(COMMAND, 0));
  assertEquals(heard, [1]);
  await target.pass(1);
  assertEquals(heard, [1, 2]);
  channel.onMessage!(message(NOTIFICATION, 3));
  assertEquals(heard, [1, 2, 3]);
  target.close();
});

/** A channel that answers so many commands, then none any more. */
function tiring(answerCount: number): AgentChannel & { isClosed: boolean } {
  let left = answerCount;
  const channel: AgentChannel & { isClosed: boolean } = {
    onMessage: null,
    onClose: null,
    isClosed: false,
    send(command) {
      if (left-- > 0) channel.onMessage!(message(new Uint32Array(command.slice(0, 4).buffer)[0]!, 0));
    },
    close: () => void (channel.isClosed = true),
  };
  return channel;
}

Deno.test("SocketTarget and the survey give up a platform that does not answer any more", async () => {
  const silent = tiring(0);
  await assertRejects(
    () => surveyPlatform([() => Promise.resolve(silent)], 1),
    "The platform does not answer PROTOCOL_VERSION of protocol 0x10",
  );
  const [lively, tired] = [tiring(Infinity), tiring(0)];
  const end = (channel: AgentChannel) => ({ agentId: 1, connect: () => Promise.resolve(channel) });
  const error = await assertRejects(
    () => SocketTarget.open(FACTS, [end(lively), end(tired)], 1),
    "The platform does not answer BASE_RESET_AGENT_CONFIGURATION",
  );
  assert(error instanceof FuzzError);
  assertEquals([silent, lively, tired].map(({ isClosed }) => isClosed), [true, true, true]);
});

Deno.test("SocketTarget takes back the defaults of an agent after a reset, or gives up", async () => {
  const channels = [tiring(1), tiring(0)];
  const connect = () => Promise.resolve(channels.shift()!);
  const target = await SocketTarget.open(FACTS, [{ agentId: 1, connect }], 1);
  await assertRejects(() => target.reset(0), "does not answer BASE_RESET_AGENT_CONFIGURATION");
  target.close();
});
