// What `run` prints for a guest: of a virtio socket, of a mailbox whose file says how much memory the guest
// has.
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { makeMemoryFile } from "../../scp/control/guest_places.ts";
import { servedGuestText } from "../../scp/control/served_guest.ts";

const PLAN = { board: "rcar", transports: null, seed: 1, release: "3.2", time: { kind: "stepped" } } as const;

function textOf(result: Awaited<ReturnType<typeof servedGuestText>>): string {
  assert(result.ok, result.ok ? "" : result.problem);
  return result.value;
}

Deno.test("servedGuestText has a guest with an SCMI device for a virtio socket", async () => {
  const endpoint = {
    spec: "virtio:/run/v.sock,agent=VM1",
    transport: "virtio",
    path: "/run/v.sock",
    agent: "VM1",
  };
  const text = textOf(await servedGuestText(PLAN, endpoint, null));
  assertMatch(text, / dts --board rcar --agent VM1 /);
  assertStringIncludes(text, "path=/run/v.sock");
});

Deno.test("servedGuestText gives the guest of a mailbox the memory of its file, and the GPIO socket that is there", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/memory`;
  await makeMemoryFile(path, 128);
  assertEquals((await Deno.stat(path)).mode! & 0o777, 0o600);
  const spec = `mailbox:${path},mhu=0x7f00000,shmem=0x7f40000,p2a=0x7f40100,version=2,agent=OSPM`;
  const endpoint = { spec, transport: "mailbox", path, agent: "OSPM" };
  const text = textOf(await servedGuestText(PLAN, endpoint, "/run/g.sock"));
  for (
    const part of [
      `size=128M,mem-path=${path}`,
      "mem=127M",
      "path=/run/g.sock",
      `--transport ${spec}`,
      "--gpio",
    ]
  ) {
    assertStringIncludes(text, part);
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("servedGuestText says in one line why no guest could have a mailbox", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/memory`;
  await makeMemoryFile(path, 128);
  await Deno.writeFile(`${folder}/odd`, new Uint8Array(2 ** 20 + 4096));
  const top = "mhu=0x7f00000,shmem=0x7f40000";
  const cases: [spec: string, gpio: string | null, part: string][] = [
    [`${path},mhu=0,shmem=0x1000`, null, "too little for a kernel"],
    [`${path},${top},version=1`, "/run/g.sock", "take version=2 or 3"],
    [`${path},${top},p2a=0x7f40100,version=2`, null, "notifications need an interrupt"],
    [`${path},${top}+0x7f40100,version=2`, null, "each area is the channel of one protocol"],
    [`${folder}/odd,mhu=0,shmem=0x1000`, null, "1.00390625 MiB: the memory of a guest is a whole number"],
    [`${folder}/gone,${top}`, null, "cannot be looked at"],
  ];
  for (const [place, gpio, part] of cases) {
    const [file = ""] = place.split(",");
    const endpoint = { spec: `mailbox:${place},agent=OSPM`, transport: "mailbox", path: file, agent: "OSPM" };
    const result = await servedGuestText(PLAN, endpoint, gpio);
    assert(!result.ok, place);
    assertStringIncludes(result.problem, part);
    assertEquals(result.problem.includes("\n"), false);
  }
  await Deno.remove(folder, { recursive: true });
});
