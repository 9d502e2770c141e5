// Transport specifications as text: what is taken, and what is said about what is not.
import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  parseTransportSpec,
  TRANSPORT_SCHEMES,
  transportForm,
  type TransportSpec,
  transportSpecText,
} from "../../scp/control/transport_spec.ts";

function problemOf(text: string): string {
  const result = parseTransportSpec(text);
  return result.ok ? "" : result.problem;
}

/** Compares the parts of a specification that are named. */
function assertMatchesSpec(text: string, parts: Readonly<Record<string, unknown>>): void {
  const result = parseTransportSpec(text);
  const got: Record<string, unknown> = result.ok ? { ...result.spec } : {};
  assertEquals(Object.fromEntries(Object.keys(parts).map((key) => [key, got[key]])), parts);
}

Deno.test("parseTransportSpec takes scheme, path and agent apart", () => {
  assertEquals(parseTransportSpec("virtio:/run/a.sock,agent=VM1"), {
    ok: true,
    spec: { scheme: "virtio", path: "/run/a.sock", agent: "VM1" },
  });
});

Deno.test("parseTransportSpec leaves the agent open when none is named", () => {
  assertEquals(parseTransportSpec("message:./b.sock"), {
    ok: true,
    spec: { scheme: "message", path: "./b.sock", agent: null },
  });
});

Deno.test("parseTransportSpec reads the numbers and choices of a mailbox, and fills in the usual ones", () => {
  const usual = { scheme: "mailbox", path: "/m", agent: null, version: 1, p2a: null, area: 128, size: null };
  assertMatchesSpec("mailbox:/m,mhu=0x1000,shmem=8192", {
    ...usual,
    base: 0x4000_0000,
    mhu: 4096,
    shmem: [8192],
  });
  assertMatchesSpec("mailbox:/m,version=3,shmem=0+0x200,mhu=0XfF,base=0,p2a=256,agent=A", {
    ...usual,
    ...{ agent: "A", version: 3, mhu: 255, shmem: [0, 512], base: 0, p2a: 256 },
  });
});

Deno.test("transportSpecText writes what parseTransportSpec reads, without what is usual", () => {
  const texts = [
    "virtio:/a,agent=A",
    "mailbox:/m,mhu=0x10,shmem=0x20,agent=A",
    "mailbox:/m,mhu=0x10,shmem=0x20+0x120+0x220,area=0x9c,size=0x40000",
    "mailbox:/m,mhu=0x10,shmem=0x20,p2a=0x0,version=2,base=0x80000000,agent=A",
    "mailbox:/m,mhu=0x10,shmem=0x20,fast=0x40,doorbell=8,rate=0x3e8",
    "mailbox:/m,mhu=0x10,shmem=0x20,fast=0x40,doorbell=none",
    "shmem:/s,agent=A",
    "shmem:/s,offset=0x100,size=0x2000,channels=0x3,checksum=crc32",
    "shmem:/s,doorbell=none,rate=0x64",
    "gpio:/g",
  ];
  const specs = texts.map((text) => parseTransportSpec(text));
  assertEquals(specs.map((each) => each.ok ? transportSpecText(each.spec) : each.problem), texts);
});

Deno.test("transportForm shows every option there is, those that may be absent in brackets", () => {
  assertEquals(transportForm("virtio"), "virtio:SOCKET[,agent=NAME]");
  assertStringIncludes(
    transportForm("mailbox"),
    "mailbox:FILE,mhu=OFFSET,shmem=OFFSET[+OFFSET]...[,p2a=OFFSET][,area=BYTES][,version=1|2|3]",
  );
  for (const scheme of TRANSPORT_SCHEMES) {
    const { spec } = parseTransportSpec(`${scheme}:/x,mhu=1,shmem=2`) as { spec?: TransportSpec };
    if (spec === undefined) continue;
    for (const key of Object.keys(spec)) {
      if (key === "scheme" || key === "path") continue;
      assertStringIncludes(transportForm(scheme), `,${key}=`);
    }
  }
});

Deno.test("parseTransportSpec lets a path have colons", () => {
  assertEquals(parseTransportSpec("message:/a:b,agent=x"), {
    ok: true,
    spec: { scheme: "message", path: "/a:b", agent: "x" },
  });
});

Deno.test("parseTransportSpec refuses an unknown scheme and lists the known ones", () => {
  const problem = problemOf("carrier-pigeon:/roof");
  assertStringIncludes(problem, '"carrier-pigeon"');
  assertStringIncludes(problem, "virtio:SOCKET, message:SOCKET, mailbox:FILE, shmem:FILE, gpio:SOCKET");
});

Deno.test("parseTransportSpec says on one line what is wrong", () => {
  const cases = [
    ["/run/a.sock", "no scheme"],
    ["virtio:", "no socket path"],
    ["virtio:,agent=A", "no socket path"],
    ["virtio:/a,agent=", "agent= needs a name"],
    ["virtio:/a,agent=A,agent=B", "given twice"],
    ["virtio:/a,speed=9", 'unknown option "speed"; write virtio:SOCKET[,agent=NAME]'],
    ["mailbox:/m,shmem=1", "no mhu=; write mailbox:FILE,mhu=OFFSET"],
    ["mailbox:/m,mhu=1", "no shmem="],
    ["mailbox:,mhu=1,shmem=1", "no file path"],
    ["mailbox:/m,mhu=-1,shmem=1", 'mhu= needs a whole number, decimal or 0x and hexadecimal, not "-1"'],
    ["mailbox:/m,mhu=1e3,shmem=1", 'not "1e3"'],
    ["mailbox:/m,mhu,shmem=1", 'mhu= needs a whole number, decimal or 0x and hexadecimal, not ""'],
    ["mailbox:/m,mhu=0x20000000000000,shmem=1", "mhu= needs"],
    ["mailbox:/m,mhu=1,shmem=1,version=4", "version= needs one of 1, 2, 3"],
    ["mailbox:/m,mhu=1,shmem=1+", "or several joined by +"],
    ["shmem:/s,checksum=md5", "checksum= needs one of none, xor, j1850, crc32"],
  ] as const;
  for (const [text, part] of cases) {
    const problem = problemOf(text);
    assertStringIncludes(problem, part);
    assertEquals(problem.includes("\n"), false);
  }
});
