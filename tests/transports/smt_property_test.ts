// Properties of SMT areas: whatever bytes an agent leaves in one, a doorbell is answered once, in bounds, under the header
// that was there; and an agent of ours and an area of ours agree on every message. transports.md chapter 8, 7 to 11.
import { assert, assertEquals } from "@std/assert";
import { STATUS } from "../../scp/core/status.ts";
import { createMessageBuffer } from "../../transports/channel.ts";
import { SmtAgentCommands, SmtAgentNotifications } from "../../transports/smt/agent_area.ts";
import { CHECKSUM_MODES } from "../../transports/smt/checksum.ts";
import {
  CHANNEL_ERROR,
  CHANNEL_FREE,
  FLAGS_WORD,
  HEADER_WORD,
  LENGTH_WORD,
  STATUS_WORD,
} from "../../transports/smt/layout.ts";
import { SmtNotificationArea } from "../../transports/smt/notification_area.ts";
import { SmtCommandArea } from "../../transports/smt/smt_area.ts";
import fc from "../support/property.ts";
import { TestArea, TestPort } from "../support/smt_fixture.ts";

const areaSizes = fc.integer({ min: 32, max: 1100 }).map((words) => 4 * words);
/** Words with the interesting ones often: around the limits of lengths, single bits, all ones. */
const words = fc.oneof(
  fc.constantFrom(0, 1, 2, 3, 4, 5, 8, 103, 104, 105, 128, 4096, 0x7fff_ffff, -0x8000_0000, -2, -1),
  fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }),
);
const checksums = fc.constantFrom(...CHECKSUM_MODES);

Deno.test("SmtCommandArea answers any bytes once, in bounds, under the header that was there", () => {
  const heads = fc.tuple(words, words, words, words, words);
  fc.assert(fc.property(areaSizes, heads, words, checksums, (size, head, scribble, checksum) => {
    const area = new TestArea(size);
    const port = new TestPort();
    const smt = new SmtCommandArea(area.window, port, { checksum });
    const [status, flags, length, header, sum] = head;
    area.window.words.fill(sum);
    area.window.words[STATUS_WORD] = status;
    area.window.words[FLAGS_WORD] = flags;
    area.window.words[LENGTH_WORD] = length;
    area.window.words[HEADER_WORD] = header;
    port.during = () => area.window.words.fill(scribble);
    const before = area.window.bytes.slice();
    const wantsInterrupt = smt.serve();

    area.assertNeighboursUntouched();
    const isIgnored = (status & CHANNEL_FREE) !== 0;
    assertEquals(wantsInterrupt, !isIgnored && (flags & 1) !== 0);
    if (isIgnored) return assertEquals([...area.window.bytes], [...before]);
    const room = size - 24;
    const isPossible = length >>> 0 >= 4 && length >>> 0 <= room;
    assert(port.requests.length <= (isPossible ? 1 : 0));
    assert(checksum !== "none" || port.requests.length === (isPossible ? 1 : 0));
    const reply = area.read();
    assertEquals(reply.header, header >>> 0);
    const [request] = port.requests;
    if (request === undefined) {
      assertEquals([reply.status, reply.length], [CHANNEL_FREE | CHANNEL_ERROR, 8]);
      assertEquals(reply.code, isPossible ? STATUS.COMMS_ERROR : STATUS.PROTOCOL_ERROR);
    } else {
      assertEquals([reply.status, reply.length, reply.code], [CHANNEL_FREE, 12, STATUS.SUCCESS]);
      const claimed = length >>> 0;
      assertEquals(request.length, claimed <= 4096 ? claimed : 4095);
      assertEquals([...request], [...before.subarray(24, 24 + request.length)]);
    }
  }));
});

Deno.test("SmtAgentCommands and SmtCommandArea agree on every command and response", () => {
  const payloads = fc.uint8Array({ minLength: 4, maxLength: 100 });
  const cases = fc.array(fc.tuple(payloads, fc.integer({ min: 0, max: 96 })), { maxLength: 8 });
  fc.assert(fc.property(checksums, cases, (checksum, exchanges) => {
    const area = new TestArea();
    const port = new TestPort();
    const smt = new SmtCommandArea(area.window, port, { checksum });
    smt.initialise();
    const agent = new SmtAgentCommands(area.window, { checksum });
    for (const [command, payloadSize] of exchanges) {
      port.payloadSize = payloadSize;
      assert(agent.send(command));
      assertEquals([agent.isReady, agent.take()], [false, null]);
      assert(smt.serve());
      assertEquals([...port.requests.at(-1)!], [...command]);
      const response = agent.take()!;
      assertEquals(response.length, 8 + payloadSize);
      assertEquals([...response.subarray(0, 4)], [...command.subarray(0, 4)]);
    }
  }));
});

Deno.test("SmtNotificationArea delivers whole messages in order to an agent that takes them at any time", () => {
  const sizes = fc.integer({ min: 4, max: 104 });
  const steps = fc.array(fc.oneof(sizes, fc.constant(null)), { maxLength: 60 });
  fc.assert(fc.property(steps, (list) => {
    const area = new TestArea();
    const sink = new SmtNotificationArea(area.window, new TestPort(), () => {});
    sink.initialise();
    const agent = new SmtAgentNotifications(area.window);
    const message = createMessageBuffer(128);
    const sent: number[][] = [];
    const taken: number[][] = [];
    for (const [i, size] of list.entries()) {
      if (size === null) {
        const got = agent.take();
        if (got !== null) taken.push([...got]);
        continue;
      }
      message.bytes.fill(i, 0, size);
      if (sink.send(message, size) === "sent") sent.push([...message.bytes.subarray(0, size)]);
      assert(sent.length - taken.length <= 1);
    }
    const last = agent.take();
    if (last !== null) taken.push([...last]);
    assertEquals(taken, sent);
    area.assertNeighboursUntouched();
  }));
});
