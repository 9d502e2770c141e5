// Where a guest's memory goes when nobody says.
import { assertEquals, assertRejects } from "@std/assert";
import { rcarBoard } from "../../boards/rcar.ts";
import { defaultPlacesOf, makeMemoryFile, memoryFolder } from "../../scp/control/guest_places.ts";
import { socketFolderOf } from "../../scp/control/socket_folder.ts";

const MEBIBYTE = 2 ** 20;

Deno.test("defaultPlacesOf puts everything of a guest beside the sockets of its agent", () => {
  const folder = socketFolderOf("rcar");
  assertEquals(defaultPlacesOf(rcarBoard, "VM1"), {
    virtioSocket: `${folder}/vm1.virtio.sock`,
    gpioSocket: `${folder}/vm1.gpio.sock`,
    memoryFile: `${folder}/vm1.memory`,
  });
});

Deno.test("memoryFolder is that of temporary files where memory has no room for the guest", () => {
  assertEquals(memoryFolder(2 ** 30), Deno.env.get("TMPDIR") || "/tmp");
});

Deno.test("makeMemoryFile makes a file of the guest's size that takes no room yet, and replaces none", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/memory`;
  await makeMemoryFile(path, 100);
  const { size, blocks, mode } = await Deno.stat(path);
  assertEquals([size, blocks, (mode ?? 0) & 0o777], [100 * MEBIBYTE, 0, 0o600]);
  await assertRejects(() => makeMemoryFile(path, 1), "exists");
  await Deno.remove(folder, { recursive: true });
});
