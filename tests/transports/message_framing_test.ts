// The message transport: frames in pieces, several at once, too long, impossible.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "../support/property.ts";
import { PROTOCOL_VERSION } from "../../protocols/every_protocol.ts";
import { encodeCommand } from "../../scp/agent/agent.ts";
import { STATUS } from "../../scp/core/status.ts";
import { PLAIN_SERVICE } from "../../transports/channel.ts";
import { frameOf } from "../../transports/message/frame.ts";
import { MessageSite } from "../contract/message.ts";
import { createMachine } from "../support/platform.ts";
import { statusOf, tokenOf } from "../support/messages.ts";

const BASE = 0x10;

function withSite(body: (site: MessageSite) => void): void {
  const machine = createMachine();
  const site = new MessageSite(() => machine.openChannel("OSPM")!);
  try {
    body(site);
  } finally {
    site.close();
  }
}

function askVersion(token: number): Uint8Array {
  return encodeCommand(BASE, PROTOCOL_VERSION, {}, token);
}

function join(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** A frame of any length whose message has a valid header of PROTOCOL_VERSION. */
function longFrame(length: number, token: number): Uint8Array<ArrayBuffer> {
  const message = new Uint8Array(length);
  message.set(askVersion(token));
  return frameOf(message);
}

Deno.test("message frame that comes byte by byte is served once it is complete", () => {
  withSite((site) => {
    const agent = site.connect();
    for (let token = 0; token < 3; token++) {
      const frame = frameOf(askVersion(token));
      frame.forEach((byte, i) => {
        agent.sendBytes(Uint8Array.of(byte));
        assertEquals(agent.take().map(tokenOf), i === frame.length - 1 ? [token] : [], `byte ${i}`);
      });
    }
    agent.disconnect();
  });
});

Deno.test("message frames that come together are all served, a partial one behind them later", () => {
  withSite((site) => {
    const agent = site.connect();
    const last = frameOf(askVersion(4));
    agent.sendBytes(join(...[1, 2, 3].map((token) => frameOf(askVersion(token))), last.subarray(0, 5)));
    assertEquals(agent.take().map(tokenOf), [1, 2, 3]);
    agent.sendBytes(last.slice(5));
    assertEquals(agent.take().map(tokenOf), [4]);
    agent.disconnect();
  });
});

Deno.test("message frames of every cut arrive whole, wherever a read ends", () => {
  withSite((site) => {
    const agent = site.connect();
    const frames = join(frameOf(askVersion(1)), longFrame(4100, 2), frameOf(askVersion(3)));
    for (const cut of [1, 3, 4, 5, 7, 8, 9, 12, 13, 4099, 4104, 4105, 4108, 4111, 4112, 4116, 4119]) {
      agent.sendBytes(frames.slice(0, cut));
      const first = agent.take().map(tokenOf);
      agent.sendBytes(frames.slice(cut));
      assertEquals([...first, ...agent.take().map(tokenOf)], [1, 2, 3], `cut at ${cut}`);
    }
    agent.disconnect();
  });
});

Deno.test("message longer than any is refused by its size and the next frame is found", () => {
  withSite((site) => {
    const agent = site.connect();
    for (const length of [4096, 4097, 8192, 16384, 20000, 65535, 65536]) {
      agent.sendBytes(join(longFrame(length, 1), frameOf(askVersion(2))));
      const responses = agent.take();
      assertEquals(responses.map(tokenOf), [1, 2], `length ${length}`);
      assertEquals(responses.map(statusOf), [STATUS.PROTOCOL_ERROR, STATUS.SUCCESS], `length ${length}`);
    }
    assertEquals(site.reports, []);
    agent.disconnect();
  });
});

Deno.test("message that was cut is served under a size that no message has", () => {
  const sizes: number[] = [];
  const site = new MessageSite(() => ({
    service: PLAIN_SERVICE,
    agentName: "OSPM",
    serve: (_request, size) => {
      sizes.push(size);
      return 0;
    },
    attach() {},
    p2aReady() {},
    reset() {},
    close() {},
  }));
  const agent = site.connect();
  for (const length of [4092, 4096, 4097, 4100, 65536]) agent.sendBytes(longFrame(length, 1));
  assertEquals(agent.take(), []);
  assertEquals(sizes, [4092, 4096, 4095, 4095, 4095]);
  agent.disconnect();
  site.close();
});

Deno.test("message frame of an impossible length costs its connection, with a report, and no other", () => {
  for (const length of [0, 1, 3, 65537, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]) {
    withSite((site) => {
      const agent = site.connect();
      const other = site.connect();
      const bad = new Uint8Array(8);
      new DataView(bad.buffer).setUint32(0, length, true);
      agent.sendBytes(join(frameOf(askVersion(1)), bad, frameOf(askVersion(2))));
      assertEquals(agent.take().map(tokenOf), [1], "what came before is answered, what came after is not");
      assert(agent.isClosed);
      assertEquals(site.reports.length, 1);
      assertStringIncludes(site.reports[0]!, `message:${site.path}: a frame of ${length} bytes`);
      other.send(askVersion(3));
      assertEquals(other.take().map(tokenOf), [3]);
      other.disconnect();
      agent.disconnect();
    });
  }
});

Deno.test("message connection ends at any byte without harm", () => {
  const machine = createMachine();
  const site = new MessageSite(() => machine.openChannel("OSPM")!);
  const frames = join(frameOf(askVersion(1)), longFrame(4200, 2));
  for (const cut of [0, 1, 3, 4, 7, 8, 9, 11, 12, 13, 100, 4107, 4108, 4109, 4211, 4212]) {
    for (const reads of [true, false]) {
      const agent = site.connect();
      agent.sendBytes(frames.slice(0, cut));
      if (reads) agent.take();
      agent.disconnect();
    }
  }
  assertEquals(machine.agents.find("OSPM")!.channels.length, 0);
  site.close();
});

Deno.test("message agent that ends its side still gets the responses to what it sent", () => {
  withSite((site) => {
    const agent = site.connect();
    const tokens = Array.from({ length: 1000 }, (_, i) => i);
    agent.sendBytes(join(...tokens.map((token) => frameOf(askVersion(token))), Uint8Array.of(4, 0)));
    agent.endSending();
    assertEquals(agent.take().map(tokenOf), tokens);
    assert(agent.isClosed, "the platform closes when everything is out");
    agent.disconnect();
  });
});

Deno.test("message endpoint survives any bytes, cut anywhere, and answers each frame or ends the connection", () => {
  const anyFrame = fc.uint8Array({ minLength: 4, maxLength: 64 }).map((message) => frameOf(message));
  const anyBytes = fc.uint8Array({ minLength: 1, maxLength: 32 });
  const pieces = fc.array(fc.oneof({ weight: 5, arbitrary: anyFrame }, { weight: 1, arbitrary: anyBytes }), {
    maxLength: 12,
  });
  withSite((site) => {
    fc.assert(fc.property(pieces, fc.array(fc.nat(400), { maxLength: 4 }), (parts, cuts) => {
      const bytes = join(...parts);
      const places = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
      const agent = site.connect();
      let answered = 0;
      for (let i = 1; i < places.length; i++) {
        agent.sendBytes(bytes.slice(places[i - 1], places[i]));
        answered += agent.take().length;
      }
      assertEquals([answered, agent.isClosed], expectedOf(bytes));
      agent.disconnect();
      const next = site.connect();
      next.send(askVersion(9));
      assertEquals(next.take().map(tokenOf), [9]);
      next.disconnect();
    }));
  });
});

/** How many frames are in a stream of bytes, and whether an impossible one ends it. */
function expectedOf(bytes: Uint8Array): [number, boolean] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let count = 0;
  for (let at = 0; at + 4 <= bytes.length; count++) {
    const length = view.getUint32(at, true);
    if (length < 4 || length > 65536) return [count, true];
    if (at + 4 + length > bytes.length) break;
    at += 4 + length;
  }
  return [count, false];
}
