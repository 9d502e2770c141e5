// The loopback transport: what it does beside the contract. Room, the platform's own messages, the end of the channel.
import { assertEquals } from "@std/assert";
import { PROTOCOL_VERSION } from "../../protocols/every_protocol.ts";
import { encodeCommand } from "../../scp/agent/agent.ts";
import {
  type AgentPort,
  createMessageBuffer,
  type P2aSink,
  PLAIN_SERVICE,
} from "../../transports/channel.ts";
import { LoopbackChannel } from "../../transports/loopback.ts";
import { connectAgent, createMachine } from "../support/platform.ts";

/** A platform that notes what it is told and answers with the size and the room it was given. */
class NotingPort implements AgentPort {
  readonly agentName = "OSPM";
  readonly service = PLAIN_SERVICE;
  readonly told: string[] = [];
  sink: P2aSink | null = null;

  serve(_request: unknown, size: number, reply: { readonly view: DataView }, room: number): number {
    this.told.push(`serve ${size} ${room}`);
    reply.view.setUint32(0, size, true);
    return size === 0 ? 0 : 8;
  }

  attach(sink: P2aSink | null): void {
    this.sink = sink;
    this.told.push(sink === null ? "detach" : "attach");
  }

  p2aReady(): void {
    this.told.push("ready");
  }

  reset(): void {
    this.told.push("reset");
  }
}

Deno.test("loopback gives the room it was made with and cuts what is longer than a message", () => {
  const port = new NotingPort();
  const channel = new LoopbackChannel(port, { room: 64 });
  channel.exchange(new Uint8Array(12));
  channel.exchange(new Uint8Array(5000));
  assertEquals(channel.exchange(new Uint8Array(0)), null);
  const sizes = port.told.filter((line) => line.startsWith("serve")).map((line) =>
    line.split(" ").map(Number)
  );
  assertEquals(sizes.map(([, , room]) => room), [64, 64, 64]);
  assertEquals(sizes.map(([, size]) => size! <= 4096), [true, true, true]);
});

Deno.test("loopback shows bytes that the platform left alone in a response as 0xa5", () => {
  const response = new LoopbackChannel(new NotingPort()).exchange(new Uint8Array(12));
  assertEquals(response, Uint8Array.of(12, 0, 0, 0, 0xa5, 0xa5, 0xa5, 0xa5));
});

Deno.test("loopback takes as many messages of the platform as it has room for", () => {
  const port = new NotingPort();
  const channel = new LoopbackChannel(port, { p2aRoom: 2 });
  const heard: number[] = [];
  channel.onMessage = (message) => heard.push(message.length);
  const message = createMessageBuffer(16);
  assertEquals([12, 8, 8].map((size) => port.sink!.send(message, size)), ["sent", "sent", "full"]);
  channel.takeMore(1);
  assertEquals(port.told, ["attach", "ready"]);
  assertEquals([16, 16].map((size) => port.sink!.send(message, size)), ["sent", "full"]);
  assertEquals(heard, [12, 8, 16]);
});

Deno.test("loopback without a way for the platform attaches none", () => {
  const port = new NotingPort();
  new LoopbackChannel(port, { hasP2a: false });
  assertEquals(port.told, []);
});

Deno.test("loopback tells both sides when it is closed", () => {
  const port = new NotingPort();
  const channel = new LoopbackChannel(port);
  const reasons: string[] = [];
  channel.onClose = (reason) => reasons.push(reason);
  channel.close();
  assertEquals(port.told, ["attach", "detach", "reset"]);
  assertEquals(reasons, ["the channel was closed"]);
});

Deno.test("loopback keeps each response for its receiver", () => {
  const { loopback } = connectAgent(createMachine());
  const ask = (token: number) => loopback.exchange(encodeCommand(0x10, PROTOCOL_VERSION, {}, token))!;
  const first = ask(1);
  const copy = first.slice();
  ask(2);
  assertEquals(first, copy);
});
