// The fuzzer's end of a platform behind sockets: which message answers a command, and when others are heard.
import { assertEquals } from "@std/assert";
import { SocketTarget } from "../../scp/fuzz/socket_target.ts";
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
  const target = await SocketTarget.open(FACTS, [() => Promise.resolve(channel)]);
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
