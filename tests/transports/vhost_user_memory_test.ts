// Memory tables and where rings lie in them: transports.md chapter 8, items 21, 26 and 27. A table that is refused leaves
// the one before in place.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { EFD_CLOEXEC, libc, O_CLOEXEC } from "../../transports/ffi/libc.ts";
import { REQUEST } from "../../transports/vhost_user/messages.ts";
import { descriptorCountOf } from "../support/front_end_descriptors.ts";
import { VERSION_ANSWER, VERSION_COMMAND, withBackEnd } from "../support/front_end_fixture.ts";
import { CMDQ, type FrontEnd, memoryTable, pair, u64 } from "../support/vhost_user_front_end.ts";
import type { DriverRegion } from "../support/virtio_driver_memory.ts";

function assertServes(frontEnd: FrontEnd, slot = 0): void {
  assertEquals(frontEnd.command(VERSION_COMMAND, 136, slot), VERSION_ANSWER);
}

/** Changes the good memory table into one that is refused, and a word of what is told about it. */
const BAD_TABLES: Readonly<Record<string, [(regions: DriverRegion[]) => void, string]>> = {
  "with an empty region": [(r) => r[1]!.size = 0n, "empty"],
  "with a huge region": [(r) => r[1]!.size = 1n << 62n, "beyond 2^53"],
  "with a region longer than its file": [(r) => r[2]!.size = 1n << 30n, "end of its file"],
  "with regions that overlap": [
    (r) => r[1]!.guestAddress = r[0]!.guestAddress + 4096n,
    "regions 0 and 1 overlap",
  ],
  "with a guest address that wraps": [(r) => r[2]!.guestAddress = 2n ** 64n - 4096n, "beyond 2^53"],
  "with a user address that wraps": [(r) => r[2]!.userAddress = 2n ** 64n - 4096n, "beyond 2^53"],
  "with an offset that wraps": [(r) => r[2]!.fileOffset = 2n ** 64n - 4096n, "beyond 2^53"],
  "with an offset behind the file": [(r) => r[2]!.fileOffset = 1n << 40n, "end of its file"],
  "of more than 8 regions": [(r) => {
    for (let i = 0; i < 8; i++) r.push({ ...r[0]!, guestAddress: BigInt(i) << 20n, size: 4096n });
  }, "at most 8"],
};

for (const [name, [change, told]] of Object.entries(BAD_TABLES)) {
  Deno.test(`vhost-user refuses a memory table ${name}, and keeps the one it had`, () => {
    withBackEnd((backEnd) => {
      const frontEnd = backEnd.start();
      const regions = frontEnd.memory.regions();
      change(regions);
      assertEquals(frontEnd.shareMemory(regions), false);
      assertStringIncludes(backEnd.reports.join(), told);
      assertServes(frontEnd);
    });
  });
}

Deno.test("vhost-user refuses memory tables whose count, size and descriptors differ", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.start();
    const regions = frontEnd.memory.regions();
    const fd = frontEnd.memory.fd;
    for (const claim of [0, 2, 8, 0xffffffff]) {
      assertEquals(
        frontEnd.set(REQUEST.SET_MEM_TABLE, memoryTable(regions, claim), [fd, fd, fd]),
        false,
        `${claim}`,
      );
    }
    for (const fds of [[], [fd], [fd, fd, fd, fd]]) assertEquals(frontEnd.shareMemory(regions, fds), false);
    assertEquals(frontEnd.set(REQUEST.SET_MEM_TABLE), false);
    assertServes(frontEnd);
    assertEquals(descriptorCountOf(fd), 1);
  });
});

Deno.test("vhost-user takes no eventfd, directory, pipe, or file it may not write as memory", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.start();
    const ends = new Int32Array(2);
    libc.pipe2(new Uint8Array(ends.buffer), O_CLOEXEC);
    const open = (path: string) => libc.open(new TextEncoder().encode(`${path}\0`), O_CLOEXEC, 0);
    const fds = [libc.eventfd(0, EFD_CLOEXEC), open("/"), ends[0]!, ends[1]!, open("/proc/self/exe")];
    for (const fd of fds) {
      assert(fd >= 0);
      const [region] = frontEnd.memory.regions();
      assertEquals(frontEnd.shareMemory([{ ...region!, size: 4096n }], [fd]), false);
      libc.close(fd);
    }
    const told = [
      "no memory file",
      "no memory file",
      "no memory file",
      "no memory file",
      "permission denied",
    ];
    backEnd.reports.forEach((report, i) => assertStringIncludes(report, told[i]!));
    assertServes(frontEnd);
  });
});

Deno.test("vhost-user maps memory from an offset inside a page", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.start();
    const regions = frontEnd.memory.regions();
    const shifted = regions[1]!;
    // The same bytes at the same guest addresses, but for the first 100.
    regions[1] = {
      guestAddress: shifted.guestAddress + 100n,
      size: shifted.size - 100n,
      userAddress: shifted.userAddress + 100n,
      fileOffset: shifted.fileOffset + 100n,
    };
    assert(frontEnd.shareMemory(regions));
    assertServes(frontEnd, 1);
  });
});

for (
  const [name, shift] of [["outside memory", 1n << 40n], ["past the end of a region", 0x8_0000n - 64n], [
    "unaligned",
    1n,
  ]] as const
) {
  Deno.test(`vhost-user does not start rings that lie ${name}`, () => {
    withBackEnd((backEnd) => {
      const frontEnd = backEnd.start();
      frontEnd.stopDevice();
      frontEnd.set(REQUEST.SET_VRING_NUM, pair(CMDQ, frontEnd.cmdq.size));
      assertEquals(frontEnd.setAddresses(CMDQ, shift), false);
      frontEnd.set(REQUEST.SET_VRING_KICK, u64(0n), [frontEnd.cmdq.kickFd]);
      frontEnd.enable(CMDQ, true);
      frontEnd.cmdq.kick();
      frontEnd.settle();
      assert(frontEnd.isAlive);
      frontEnd.startQueue(CMDQ, frontEnd.cmdq.availableIndex);
      assertServes(frontEnd);
    });
  });
}

Deno.test("vhost-user serves on when the memory table is replaced by the same one, with requests in the ring", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.start();
    frontEnd.cmdq.offer(frontEnd.prepare(3, VERSION_COMMAND, 136));
    frontEnd.cmdq.submit();
    assert(frontEnd.shareMemory());
    frontEnd.settle();
    assertEquals(frontEnd.cmdq.take()?.size, 12);
    assertServes(frontEnd);
  });
});

Deno.test("vhost-user stops rings that a new memory table does not have, and starts them again with it", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.start();
    assertServes(frontEnd);
    for (const regions of [[], frontEnd.memory.regions().slice(1)]) {
      assert(frontEnd.shareMemory(regions));
      frontEnd.cmdq.offer(frontEnd.prepare(1, VERSION_COMMAND, 136));
      frontEnd.cmdq.show();
      frontEnd.cmdq.kick();
      frontEnd.settle();
      assertEquals(frontEnd.cmdq.usedCount, 0);
    }
    assert(frontEnd.isAlive);
    assert(frontEnd.shareMemory());
    frontEnd.startQueue(CMDQ, frontEnd.stopQueue(CMDQ));
    frontEnd.settle();
    assertEquals([frontEnd.cmdq.take()?.size, frontEnd.cmdq.take()?.size], [12, 12]);
  });
});

Deno.test("vhost-user gives a chain back unserved whose buffers are not in the new memory table", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.start();
    assertServes(frontEnd);
    assert(frontEnd.shareMemory(frontEnd.memory.regions().slice(0, 1)));
    assertEquals(frontEnd.command(VERSION_COMMAND), new Uint8Array(0));
    assert(frontEnd.shareMemory());
    assertServes(frontEnd);
  });
});

Deno.test("vhost-user ends a connection whose memory file was truncated, and survives", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.start({ isSealed: false });
    assertServes(frontEnd);
    frontEnd.memory.truncate();
    frontEnd.cmdq.kick();
    frontEnd.settle();
    assertEquals(frontEnd.receive(), "closed");
    assertEquals(backEnd.reports, [
      `virtio:${backEnd.path}: connection closed: its guest memory was truncated`,
    ]);
    assert(backEnd.servesFresh);
  });
});

Deno.test("vhost-user survives memory that is truncated between the look at a command and its answer", () => {
  withBackEnd((backEnd) => {
    const frontEnd = backEnd.start({ isSealed: false });
    const serve = backEnd.port.serve.bind(backEnd.port);
    backEnd.port.serve = (request, size, reply, room) => {
      frontEnd.memory.truncate();
      return serve(request, size, reply, room);
    };
    frontEnd.cmdq.offer(frontEnd.prepare(0, VERSION_COMMAND, 136));
    frontEnd.cmdq.submit();
    frontEnd.settle();
    assertEquals(frontEnd.receive(), "closed");
    assert(backEnd.servesFresh);
  });
});
