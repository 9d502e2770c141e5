// Descriptor chains that break a rule: transports.md chapter 8, items 15 to 18. Each is given back with length 0 and
// costs nothing else: nothing is served for it, nothing is written outside the rings, and the ring goes on.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { assertServes, goodRequest, goodRoom, HEAD, PLAIN, submitHead } from "../support/front_end_chain.ts";
import { withBackEnd } from "../support/front_end_fixture.ts";
import { MEMORY_END, OUTSIDE, SECOND_BUFFER_REGION } from "../support/virtio_driver_memory.ts";
import {
  type Descriptor,
  INDIRECT_FLAG,
  NEXT_FLAG,
  WRITE_FLAG,
  writeDescriptor,
} from "../support/virtio_driver_queue.ts";
import type { FrontEnd } from "../support/vhost_user_front_end.ts";

const TABLE = 0x4005_0000;

/** Builds one bad chain at HEAD. */
type BadChain = (frontEnd: FrontEnd) => void;

function twoPart(request: Partial<Descriptor>, room: Partial<Descriptor> = {}): BadChain {
  return (frontEnd) =>
    frontEnd.cmdq.describeChain(HEAD, [
      { ...goodRequest(frontEnd), ...request },
      { ...goodRoom(frontEnd), ...room },
    ]);
}

/** A good indirect table, then `change`. */
function indirect(
  descriptor: Partial<Descriptor>,
  change?: (table: DataView, frontEnd: FrontEnd) => void,
): BadChain {
  return (frontEnd) => {
    const table = new DataView(frontEnd.memory.bytes.buffer, frontEnd.memory.at(TABLE), 64);
    writeDescriptor(table, 0, { ...goodRequest(frontEnd), flags: NEXT_FLAG, next: 1 });
    writeDescriptor(table, 16, goodRoom(frontEnd));
    change?.(table, frontEnd);
    frontEnd.cmdq.describe(HEAD, { address: TABLE, size: 32, flags: INDIRECT_FLAG, ...descriptor });
  };
}

const BAD_CHAINS: Readonly<Record<string, BadChain>> = {
  "of nothing": (f) => f.cmdq.describe(HEAD, { address: f.requestAddress(1), size: 0 }),
  "whose request has 3 bytes": twoPart({ size: 3 }),
  "without a request": (f) => f.cmdq.describeChain(HEAD, [goodRoom(f)]),
  "that is readable after writable": (f) => f.cmdq.describeChain(HEAD, [goodRoom(f), goodRequest(f)]),
  "linked to itself": (f) => f.cmdq.describe(HEAD, { ...goodRequest(f), flags: NEXT_FLAG, next: HEAD }),
  "of two that form a loop": (f) => {
    f.cmdq.describe(HEAD, { ...goodRequest(f), flags: NEXT_FLAG, next: HEAD + 1 });
    f.cmdq.describe(HEAD + 1, { ...goodRequest(f), flags: NEXT_FLAG, next: HEAD });
  },
  "that loops in its writable part": (f) => {
    f.cmdq.describe(HEAD, { ...goodRequest(f), flags: NEXT_FLAG, next: HEAD + 1 });
    f.cmdq.describe(HEAD + 1, { ...goodRoom(f), flags: WRITE_FLAG | NEXT_FLAG, next: HEAD + 1 });
  },
  "with next outside the table": (f) =>
    f.cmdq.describe(HEAD, { ...goodRequest(f), flags: NEXT_FLAG, next: 64 }),
  "with its request in no region": twoPart({ address: OUTSIDE }),
  "with its request at address 0": twoPart({ address: 0 }),
  "with its request beyond 2^53": twoPart({ address: 2n ** 60n }),
  "with its request past the end of memory": twoPart({ address: MEMORY_END - 2 }),
  "with its response in no region": twoPart({}, { address: OUTSIDE }),
  "with its response past the end of memory": twoPart({}, { address: MEMORY_END - 6 }),
  "with a request that wraps around": twoPart({ address: 2n ** 64n - 2n, size: 256 }),
  "with a response that wraps around": twoPart({}, { address: 2n ** 64n - 16n, size: 256 }),
  "with a request of 4 GiB": twoPart({ size: 0xffffffff }),
  "with a response of 4 GiB": twoPart({}, { size: 0xffffffff }),
  "with an indirect table of odd length": indirect({ size: 25 }),
  "with an empty indirect table": indirect({ size: 0 }),
  "with an indirect table in no region": indirect({ address: OUTSIDE }),
  "with an indirect table past the end of memory": indirect({ address: MEMORY_END - 16 }),
  "with a huge indirect table": indirect({ size: 0xfffffff0 }),
  "with an indirect table that has a next": indirect({ flags: INDIRECT_FLAG | NEXT_FLAG, next: HEAD + 1 }),
  "with an indirect next outside the table": indirect({}, (table) => table.setUint16(14, 2, true)),
  "with an indirect loop": indirect({}, (table) => table.setUint16(14, 0, true)),
  "with a nested indirect table": indirect(
    {},
    (table) =>
      writeDescriptor(table, 0, { address: TABLE, size: 32, flags: INDIRECT_FLAG | NEXT_FLAG, next: 1 }),
  ),
};

for (const [name, build] of Object.entries(BAD_CHAINS)) {
  Deno.test(`cmdq gives back a chain ${name} with length 0, serves nothing and goes on`, () => {
    withBackEnd((backEnd) => {
      const frontEnd = backEnd.start();
      build(frontEnd);
      const before = frontEnd.memory.bytes.slice();
      assertEquals(submitHead(frontEnd), { head: HEAD, size: 0 });
      assertEquals(backEnd.port.servedCount, 0);
      assertMatch(backEnd.reports.join(), /: queue 0: the chain at 20 is given back unused: \w[^,]+$/);
      assertOnlyRingsChanged(before, frontEnd);
      assertServes(frontEnd);
      assert(frontEnd.isAlive);
    });
  });
}

/** Of the guest's memory only the first region, where the rings lie, may differ. */
function assertOnlyRingsChanged(before: Uint8Array, frontEnd: FrontEnd): void {
  const buffers = frontEnd.memory.at(SECOND_BUFFER_REGION);
  const changed = before.findIndex((byte, i) => i >= buffers && byte !== frontEnd.memory.bytes[i]);
  assertEquals(changed, -1);
}

Deno.test("cmdq takes no indirect table that was not negotiated", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.start({ features: PLAIN });
    indirect({})(frontEnd);
    assertEquals(submitHead(frontEnd), { head: HEAD, size: 0 });
    assertServes(frontEnd);
  });
});
