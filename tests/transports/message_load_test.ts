// The message transport: agents that do not read, many of them, many in turn; descriptors and channels stay bounded.
import { assert, assertEquals, assertLess, assertStringIncludes } from "@std/assert";
import { PROTOCOL_VERSION } from "../../protocols/every_protocol.ts";
import { encodeCommand } from "../../scp/agent/agent.ts";
import { frameOf } from "../../transports/message/frame.ts";
import { CONNECTION_COUNT_MAX, listenMessage } from "../../transports/message/listener.ts";
import { MessageSite } from "../contract/message.ts";
import { tokenOf } from "../support/messages.ts";
import { openCountBelow } from "../support/open_files.ts";
import { createMachine } from "../support/platform.ts";

const BASE = 0x10;

function askVersion(token: number): Uint8Array {
  return encodeCommand(BASE, PROTOCOL_VERSION, {}, token);
}

/** Tokens whose order does not repeat at any power of two: a response out of place has the wrong one. */
function unevenToken(i: number): number {
  return (i + (i >> 10)) & 0x3ff;
}

Deno.test("message agent that does not read is not listened to, and loses nothing once it reads", () => {
  const machine = createMachine();
  const site = new MessageSite(() => machine.openChannel("OSPM")!);
  const agent = site.connect();
  let sent = 0;
  // Until neither socket nor platform takes any more.
  while (agent.pendingSize === 0) {
    for (let i = 0; i < 512; i++) agent.send(askVersion(unevenToken(sent++)));
    agent.turn();
  }
  const served = machine.trace.count("command");
  for (let i = 0; i < 100; i++) agent.turn();
  assertEquals(machine.trace.count("command"), served, "the platform goes on serving");
  assertLess(served, sent);
  const other = site.connect();
  other.send(askVersion(77));
  assertEquals(other.take().map(tokenOf), [77], "another connection is held up");
  assertEquals(agent.take().map(tokenOf), Array.from({ length: sent }, (_, i) => unevenToken(i)));
  agent.send(askVersion(5));
  assertEquals(agent.take().map(tokenOf), [5]);
  agent.disconnect();
  other.disconnect();
  site.close();
});

Deno.test("message agent that ends its side before it reads still gets every response", () => {
  const machine = createMachine();
  const site = new MessageSite(() => machine.openChannel("OSPM")!);
  const agent = site.connect();
  let sent = 0;
  // Until the platform has more responses to send than the socket takes.
  while (machine.trace.count("command") === sent) {
    assert(sent < 1_000_000, "the socket takes all responses");
    const frames = Array.from({ length: 512 }, () => frameOf(askVersion(unevenToken(sent++))));
    agent.sendBytes(Uint8Array.from(frames.flatMap((frame) => [...frame])));
    agent.turn();
  }
  assertEquals(agent.pendingSize, 0);
  agent.endSending();
  assertEquals(agent.take().map(tokenOf), Array.from({ length: sent }, (_, i) => unevenToken(i)));
  assert(agent.isClosed);
  agent.disconnect();
  site.close();
});

Deno.test("message agent that does not read costs no turns of the loop", () => {
  const machine = createMachine();
  const site = new MessageSite(() => machine.openChannel("OSPM")!);
  const agent = site.connect();
  agent.hold();
  agent.turn();
  for (let i = 0; i < 10; i++) assertEquals(site.reactor.runOnce(0), 0);
  agent.disconnect();
  assertEquals(machine.agents.find("OSPM")!.channels.length, 0, "its end is noticed all the same");
  site.close();
});

Deno.test("message endpoint turns away connections beyond its bound, and takes one again when there is room", () => {
  const machine = createMachine();
  const site = new MessageSite(() => machine.openChannel("OSPM")!);
  const agents = Array.from({ length: CONNECTION_COUNT_MAX }, () => {
    const agent = site.connect();
    agent.turn();
    return agent;
  });
  const surplus = site.connect();
  assertEquals(surplus.take(), []);
  assert(surplus.isClosed);
  assertEquals(site.reports.length, 1);
  assertStringIncludes(site.reports[0]!, `turned away: ${CONNECTION_COUNT_MAX} are there`);
  agents.pop()!.disconnect();
  const next = site.connect();
  next.send(askVersion(1));
  assertEquals(next.take().map(tokenOf), [1]);
  for (const agent of [...agents, surplus, next]) agent.disconnect();
  site.close();
});

Deno.test("message endpoint keeps nothing of 2000 connections", () => {
  const machine = createMachine();
  const site = new MessageSite(() => machine.openChannel("OSPM")!);
  const round = () => {
    const agent = site.connect();
    agent.send(askVersion(1));
    assertEquals(agent.take().length, 1);
    agent.disconnect();
  };
  round();
  const before = openCountBelow(site.path);
  for (let i = 0; i < 2000; i++) round();
  assertEquals(openCountBelow(site.path), before);
  assertEquals(machine.agents.find("OSPM")!.channels.length, 0);
  site.close();
});

Deno.test("message endpoint ends its connections and removes its socket when closed", () => {
  const machine = createMachine();
  const site = new MessageSite(() => machine.openChannel("OSPM")!);
  const agent = site.connect();
  agent.turn();
  const { path } = site;
  assert(Deno.statSync(path).isSocket);
  site.close();
  assertEquals(machine.agents.find("OSPM")!.channels.length, 0);
  agent.vanish();
});

Deno.test("listenMessage tells what is wrong with a path", () => {
  const machine = createMachine();
  const site = new MessageSite(() => machine.openChannel("OSPM")!);
  const second = listenMessage(site.reactor, site.path, () => machine.openChannel("OSPM")!);
  assert("error" in second);
  assertStringIncludes(second.error, "another process serves it");
  site.close();
});
