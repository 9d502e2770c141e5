// Checksums over header and payload in both directions: against published check values, and as areas use them.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { STATUS } from "../../scp/core/status.ts";
import { createMessageBuffer } from "../../transports/channel.ts";
import { SmtAgentCommands } from "../../transports/smt/agent_area.ts";
import { CHECKSUM_MODES, type ChecksumMode, checksumOf } from "../../transports/smt/checksum.ts";
import {
  CHANNEL_ERROR,
  CHANNEL_FREE,
  CHECKSUM_MODE_WORD,
  CHECKSUM_WORD,
} from "../../transports/smt/layout.ts";
import { SmtNotificationArea } from "../../transports/smt/notification_area.ts";
import { SmtCommandArea } from "../../transports/smt/smt_area.ts";
import { messageOf, TestArea, TestPort } from "../support/smt_fixture.ts";

const HEADER = 0x0000_4006;

function sumOf(mode: ChecksumMode, bytes: Uint8Array): number {
  const message = createMessageBuffer(bytes.length);
  message.bytes.set(bytes);
  return checksumOf(mode, message, bytes.length) >>> 0;
}

Deno.test("checksumOf computes the check values of its algorithms", () => {
  const digits = new TextEncoder().encode("123456789");
  // The catalogue's value of CRC-8/SAE-J1850 is 0x4b, with the final inversion that is left out here.
  assertEquals(sumOf("j1850", digits), 0x4b ^ 0xff);
  assertEquals(sumOf("crc32", digits), 0xcbf43926);
  assertEquals(sumOf("xor", Uint8Array.of(1, 2, 3, 0x84, 0x10, 0x20, 0x30, 0x40)), 0xc433_2211);
  assertEquals(sumOf("xor", Uint8Array.of(1, 2, 3, 4, 5, 6, 7)), 0x04030201);
  assertEquals(sumOf("none", digits), 0);
});

Deno.test("checksum modes have the codes of NXP's firmware", () => {
  assertEquals([...CHECKSUM_MODES], ["none", "xor", "j1850", "crc32"]);
});

function serve(mode: ChecksumMode, spoil: (area: TestArea) => void) {
  const area = new TestArea();
  const port = new TestPort();
  const reports: string[] = [];
  const smt = new SmtCommandArea(area.window, port, {
    checksum: mode,
    report: (text) => reports.push(text),
  });
  smt.initialise();
  assertEquals(area.window.words[CHECKSUM_MODE_WORD], CHECKSUM_MODES.indexOf(mode));
  const agent = new SmtAgentCommands(area.window, { checksum: mode });
  assert(agent.send(messageOf(HEADER, 12)));
  spoil(area);
  smt.serve();
  assert(area.isFree);
  return { area, port, reports };
}

for (const mode of CHECKSUM_MODES) {
  if (mode === "none") continue;
  Deno.test(`SmtCommandArea with ${mode} takes a message with its checksum and gives the response one`, () => {
    const { area, port } = serve(mode, () => {});
    assertEquals(port.requests.length, 1);
    assertEquals(area.status, CHANNEL_FREE);
    assertEquals(area.window.words[CHECKSUM_WORD]! >>> 0, sumOf(mode, area.message()));
    assertEquals(area.window.words[CHECKSUM_MODE_WORD], CHECKSUM_MODES.indexOf(mode));
  });

  Deno.test(`SmtCommandArea with ${mode} answers COMMS_ERROR to a message with another checksum`, () => {
    const spoils = [
      (area: TestArea) => area.window.words[CHECKSUM_WORD]! ^= 1,
      (area: TestArea) => area.window.bytes[28 + 5]! ^= 0x10,
    ];
    for (const spoil of spoils) {
      const { area, port, reports } = serve(mode, spoil);
      assertEquals(port.requests, []);
      assertEquals(area.read(), {
        status: CHANNEL_FREE | CHANNEL_ERROR,
        flags: 1,
        length: 8,
        header: HEADER,
        code: STATUS.COMMS_ERROR,
      });
      assertEquals(area.window.words[CHECKSUM_WORD]! >>> 0, sumOf(mode, area.message()));
      assertMatch(reports[0]!, new RegExp(mode));
    }
  });

  Deno.test(`SmtNotificationArea with ${mode} gives its message a checksum`, () => {
    const area = new TestArea();
    const notifications = new SmtNotificationArea(area.window, new TestPort(), () => {}, { checksum: mode });
    notifications.initialise();
    const bytes = messageOf(HEADER, 20);
    const message = createMessageBuffer(64);
    message.bytes.set(bytes);
    assertEquals(notifications.send(message, bytes.length), "sent");
    assertEquals(area.window.words[CHECKSUM_MODE_WORD], CHECKSUM_MODES.indexOf(mode));
    assertEquals(area.window.words[CHECKSUM_WORD]! >>> 0, sumOf(mode, bytes));
  });
}

Deno.test("SmtCommandArea without checksums leaves their words alone", () => {
  const { area, port } = serve("none", ({ window }) => {
    window.words[CHECKSUM_MODE_WORD] = 3;
    window.words[CHECKSUM_WORD] = 0x1234;
  });
  assertEquals(port.requests.length, 1);
  assertEquals([...area.window.words.subarray(CHECKSUM_MODE_WORD, CHECKSUM_WORD + 1)], [3, 0x1234]);
});
