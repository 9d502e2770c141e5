// What `run` prints for a guest: of a virtio socket, of a mailbox whose file says how much memory the guest has.
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { makeMemoryFile } from "../../scp/control/guest_places.ts";
import { servedGuestText } from "../../scp/control/served_guest.ts";

const PLAN = { board: "rcar", transports: null, seed: 1, release: "3.2", time: { kind: "stepped" } } as const;

Deno.test("servedGuestText has a guest with an SCMI device for a virtio socket", async () => {
  const endpoint = {
    spec: "virtio:/run/v.sock,agent=VM1",
    transport: "virtio",
    path: "/run/v.sock",
    agent: "VM1",
  };
  const text = await servedGuestText(PLAN, endpoint, null);
  assert(text !== null);
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
  const text = await servedGuestText(PLAN, endpoint, "/run/g.sock");
  assert(text !== null);
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

Deno.test("servedGuestText has nothing for a mailbox that no guest could have", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/memory`;
  await makeMemoryFile(path, 128);
  const endpoint = { spec: `mailbox:${path},mhu=0,shmem=0x1000`, transport: "mailbox", path, agent: "OSPM" };
  assertEquals(await servedGuestText(PLAN, endpoint, null), null);
  await Deno.remove(folder, { recursive: true });
});
