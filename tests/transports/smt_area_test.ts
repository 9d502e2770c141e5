// The platform's side of an A2P area: ownership, lengths, what is read once. transports.md 1.2, 1.3 and chapter 8, 7 to 9.
import { assertEquals, assertMatch } from "@std/assert";
import { STATUS } from "../../scp/core/status.ts";
import { createMessageBuffer } from "../../transports/channel.ts";
import { type ChecksumMode, checksumOf } from "../../transports/smt/checksum.ts";
import {
  CHANNEL_ERROR,
  CHANNEL_FREE,
  CHECKSUM_WORD,
  FLAG_INTERRUPT,
  FLAGS_WORD,
  HEADER_WORD,
  LENGTH_WORD,
  STATUS_WORD,
} from "../../transports/smt/layout.ts";
import { SmtCommandArea } from "../../transports/smt/smt_area.ts";
import { messageOf, TestArea, TestPort } from "../support/smt_fixture.ts";

const HEADER = 0x0a54_4815;

interface Fixture {
  readonly area: TestArea;
  readonly port: TestPort;
  readonly smt: SmtCommandArea;
  readonly reports: string[];
}

function fixture(size?: number, checksum: ChecksumMode = "none"): Fixture {
  const area = new TestArea(size);
  const port = new TestPort();
  const reports: string[] = [];
  const smt = new SmtCommandArea(area.window, port, { checksum, report: (text) => reports.push(text) });
  smt.initialise();
  return { area, port, smt, reports };
}

Deno.test("SmtCommandArea.initialise() empties the area and frees it", () => {
  const { area } = fixture();
  const expected = new Int32Array(32);
  expected[STATUS_WORD] = CHANNEL_FREE;
  assertEquals([...area.window.words], [...expected]);
  area.assertNeighboursUntouched();
});

Deno.test("SmtCommandArea.serve() answers under the header of the command and frees the area", () => {
  const { area, port, smt } = fixture();
  const command = messageOf(HEADER, 8);
  area.write(command);
  assertEquals(smt.serve(), false);
  assertEquals([...port.requests[0]!], [...command]);
  assertEquals(port.rooms, [128 - 24]);
  assertEquals(area.read(), { status: CHANNEL_FREE, flags: 0, length: 12, header: HEADER, code: 0 });
  assertEquals([...area.message().subarray(8)], [0, 1, 2, 3]);
  area.assertNeighboursUntouched();
});

Deno.test("SmtCommandArea.serve() tells by the flags whether a doorbell is wanted", () => {
  const { area, smt } = fixture();
  for (const [flags, wantsInterrupt] of [[1, true], [0, false], [-1, true], [-2, false]] as const) {
    area.write(messageOf(HEADER), undefined, flags);
    assertEquals(smt.serve(), wantsInterrupt, `flags ${flags}`);
  }
});

Deno.test("SmtCommandArea.serve() frees the area after it has written all the rest", () => {
  const { area, port, smt } = fixture();
  const { words } = area.window;
  const store = Atomics.store;
  const wasWhole: boolean[] = [];
  port.payloadSize = 96;
  area.write(messageOf(HEADER));
  Atomics.store = ((...args: Parameters<typeof store>) => {
    const isHead = words[LENGTH_WORD] === 104 && words[HEADER_WORD] === HEADER;
    wasWhole.push(isHead && area.window.bytes[127] === 95 && area.status === 0);
    return store(...args);
  }) as typeof store;
  try {
    smt.serve();
  } finally {
    Atomics.store = store;
  }
  assertEquals([wasWhole, area.status], [[true], CHANNEL_FREE]);
});

Deno.test("SmtCommandArea.serve() fills the area to its last byte, whatever the length of message and response", () => {
  const { area, port, smt } = fixture();
  for (let size = 0; size <= 96; size++) {
    port.payloadSize = size;
    const command = messageOf(HEADER, size + 4);
    area.write(command);
    smt.serve();
    assertEquals([...port.requests.at(-1)!], [...command]);
    assertEquals([...area.message().subarray(8)], Array.from({ length: size }, (_, i) => i));
  }
  area.assertNeighboursUntouched();
});

Deno.test("SmtCommandArea.serve() leaves what stands behind a response of odd length as it was", () => {
  const { area, port, smt } = fixture();
  port.payloadSize = 1;
  area.write(messageOf(HEADER, 100));
  const before = area.window.bytes.slice(24 + 9);
  smt.serve();
  assertEquals([...area.window.bytes.subarray(24 + 9)], [...before]);
});

Deno.test("SmtCommandArea.serve() refuses lengths that cannot be, and reads nothing of the message", () => {
  const { area, port, smt, reports } = fixture();
  const lengths = [0, 1, 2, 3, 105, 106, 128, 4096, 4097, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff];
  for (const length of lengths) {
    area.write(messageOf(HEADER, 100), length, FLAG_INTERRUPT);
    assertEquals(smt.serve(), true);
    assertEquals(area.read(), {
      status: CHANNEL_FREE | CHANNEL_ERROR,
      flags: FLAG_INTERRUPT,
      length: 8,
      header: HEADER,
      code: STATUS.PROTOCOL_ERROR,
    });
    assertMatch(reports.at(-1)!, new RegExp(`${length} bytes.*4 to 104`));
  }
  assertEquals(port.requests, []);
  area.assertNeighboursUntouched();
  area.write(messageOf(HEADER));
  smt.serve();
  assertEquals(area.status, CHANNEL_FREE);
});

Deno.test("SmtCommandArea.serve() passes the shortest and the longest message on", () => {
  const { area, port, smt } = fixture();
  for (const payloadSize of [0, 100]) {
    area.write(messageOf(HEADER, payloadSize));
    smt.serve();
    assertEquals(port.requests.at(-1)!.length, payloadSize + 4);
    assertEquals(area.status, CHANNEL_FREE);
  }
});

Deno.test("SmtCommandArea.serve() passes a message that is longer than any on as one of odd size", () => {
  const { area, port, smt } = fixture(8192);
  area.write(messageOf(HEADER, 4096));
  smt.serve();
  assertEquals(port.requests[0]!.length, 4095);
  assertEquals(port.rooms, [4096]);
});

Deno.test("SmtCommandArea.serve() ignores a doorbell on a free channel", () => {
  const { area, port, smt, reports } = fixture();
  for (const status of [CHANNEL_FREE, CHANNEL_FREE | CHANNEL_ERROR, -1]) {
    area.write(messageOf(HEADER), undefined, FLAG_INTERRUPT);
    area.status = status;
    const before = area.window.bytes.slice();
    assertEquals(smt.serve(), false);
    assertEquals([...area.window.bytes], [...before]);
  }
  assertEquals(port.requests, []);
  assertEquals(new Set(reports), new Set(["a doorbell was rung while the channel was free"]));
});

Deno.test("SmtCommandArea.serve() answers once when the doorbell is rung twice", () => {
  const { area, port, smt } = fixture();
  area.write(messageOf(HEADER));
  smt.serve();
  smt.serve();
  assertEquals(port.requests.length, 1);
});

Deno.test("SmtCommandArea.serve() looks at bit 0 of the status only, and writes a clean one", () => {
  const { area, port, smt } = fixture();
  for (const garbage of [2, 0x7fff_fffe, -2, 0xff00]) {
    area.write(messageOf(HEADER));
    area.status = garbage;
    smt.serve();
    assertEquals(area.status, CHANNEL_FREE);
  }
  assertEquals(port.requests.length, 4);
});

Deno.test("SmtCommandArea.serve() answers what was sent, whatever the agent writes meanwhile", () => {
  const { area, port, smt } = fixture();
  const scribbles: Readonly<Record<string, () => void>> = {
    "all ones": () => area.window.bytes.fill(0xff),
    "all zeros": () => area.window.bytes.fill(0),
    "another command": () => area.write(messageOf(0x7777, 100), 0xffff_ffff),
    "the free bit": () => area.status = CHANNEL_FREE,
  };
  for (const [name, scribble] of Object.entries(scribbles)) {
    area.write(messageOf(HEADER, 8), undefined, FLAG_INTERRUPT);
    port.during = scribble;
    assertEquals(smt.serve(), true, name);
    const { status, length, header, code } = area.read();
    assertEquals([status, length, header, code], [CHANNEL_FREE, 12, HEADER, STATUS.SUCCESS], name);
    assertEquals([...port.requests.at(-1)!], [...messageOf(HEADER, 8)], name);
  }
  area.assertNeighboursUntouched();
});

Deno.test("SmtCommandArea.serve() decides by the flags the message was sent with", () => {
  const { area, port, smt } = fixture();
  area.write(messageOf(HEADER), undefined, FLAG_INTERRUPT);
  port.during = () => area.window.words[FLAGS_WORD] = 0;
  assertEquals(smt.serve(), true);
  area.write(messageOf(HEADER), undefined, 0);
  port.during = () => area.window.words[FLAGS_WORD] = FLAG_INTERRUPT;
  assertEquals(smt.serve(), false);
});

for (
  const [name, word, value] of [
    ["length", LENGTH_WORD, -1],
    ["length", LENGTH_WORD, 4],
    [
      "header",
      HEADER_WORD,
      0x5555,
    ],
    ["flags", FLAGS_WORD, 0],
    ["status", STATUS_WORD, CHANNEL_FREE],
    ["checksum", CHECKSUM_WORD, 0x1234],
  ] as const
) {
  Deno.test(`SmtCommandArea.serve() reads the ${name} once: changed to ${value} behind it, it has no effect`, () => {
    const { area, port, smt } = fixture(undefined, "crc32");
    const load = Atomics.load;
    let readCount = 0;
    // What another processor may do between two reads of ours.
    Atomics.load = ((array: Int32Array, index: number) => {
      const read = load(array, index);
      if (index === word) {
        array[word] = value;
        readCount++;
      }
      return read;
    }) as typeof load;
    const command = createMessageBuffer(12);
    command.bytes.set(messageOf(HEADER, 8));
    area.write(command.bytes, undefined, FLAG_INTERRUPT);
    area.window.words[CHECKSUM_WORD] = checksumOf("crc32", command, 12);
    try {
      assertEquals(smt.serve(), true);
    } finally {
      Atomics.load = load;
    }
    assertEquals(readCount, 1);
    assertEquals([...port.requests[0]!], [...messageOf(HEADER, 8)]);
    assertEquals([area.read().header, area.read().length, area.status], [HEADER, 12, CHANNEL_FREE]);
    area.assertNeighboursUntouched();
  });
}
