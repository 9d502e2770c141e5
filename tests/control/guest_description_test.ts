// What the built-in boards say about their guests.
import { assert, assertEquals } from "@std/assert";
import { minimalBoard } from "../../boards/minimal.ts";
import { rcarBoard } from "../../boards/rcar.ts";
import { isVendorProtocol, PROTOCOLS } from "../../protocols/registry.ts";
import { RELEASES } from "../../protocols/protocol.ts";
import { deviceTreeOverlay } from "../../scp/control/device_tree.ts";
import { describeGuest } from "../../scp/control/guest_description.ts";

function zonesOf(board: typeof rcarBoard) {
  return describeGuest(board, board.agents[0]!.name, "3.2").sensors.flatMap(({ name, zone }) =>
    zone === null
      ? []
      : [{ name, trips: zone.trips.map(({ kind, temperatureMc }) => `${kind} ${temperatureMc}`) }]
  );
}

Deno.test("describeGuest gives zones to silicon that heats itself, passive ones to what can throttle", () => {
  assertEquals(zonesOf(rcarBoard), [
    { name: "thermal1", trips: ["critical 120000"] },
    { name: "thermal2", trips: ["critical 120000"] },
    { name: "thermal3", trips: ["passive 100000", "critical 120000"] },
  ]);
  assertEquals(zonesOf(minimalBoard), [{ name: "temp_chip", trips: ["passive 100000", "critical 120000"] }]);
});

Deno.test("describeGuest lists the sensors by the ids that the agent sees, and the protocols of the release", () => {
  const host = describeGuest(rcarBoard, "OSPM", "3.2");
  assertEquals(host.title, "rcar, agent OSPM");
  const settled = PROTOCOLS.filter(({ id, releases }) => !isVendorProtocol(id) && releases["3.2"] !== null);
  assertEquals(host.protocolIds, settled.map(({ id }) => id));
  assertEquals(describeGuest(rcarBoard, "OSPM", "1.0").protocolIds, [0x10, 0x11, 0x12, 0x13, 0x14, 0x15]);
  assertEquals(
    host.sensors.map(({ id, name }) => `${id} ${name}`),
    rcarBoard.sensors.map(({ id, name }) => `${id} ${name}`),
  );
  const guest = describeGuest(rcarBoard, "VM2", "3.2");
  assertEquals(guest.sensors.map(({ id }) => id), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
  assertEquals(guest.sensors[3]!.name, "accel");
  assertEquals(guest.protocolIds, [0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18]);
  assertEquals(describeGuest(rcarBoard, "PSCI", "3.2").protocolIds, [0x10, 0x11, 0x12, 0x13]);
});

Deno.test("describeGuest has no regulators of what the agent may only read: Linux would switch them on", () => {
  assertEquals(describeGuest(rcarBoard, "VM2", "3.2").regulators, []);
});

Deno.test("describeGuest has the tree of the power domains without those that agents are not shown", () => {
  const { powerParents } = describeGuest(rcarBoard, "OSPM", "3.2");
  const nameOf = (id: number) => rcarBoard.powerDomains.find((domain) => domain.id === id)!.name;
  const shown = powerParents.map(({ childId, parentId }) => [nameOf(childId), nameOf(parentId)]);
  const expected = rcarBoard.powerDomains.flatMap(({ name, parent }) =>
    parent === null || parent === "SYSTOP" ? [] : [[name, parent]]
  );
  assertEquals(shown, expected);
  assert(shown.some(([child, parent]) => child === "3dg-e" && parent === "3dg-d"));
});

Deno.test("describeGuest makes what a device tree can say of every built-in board", () => {
  for (const board of [rcarBoard, minimalBoard]) {
    for (const release of RELEASES) {
      assertEquals(deviceTreeOverlay(describeGuest(board, "OSPM", release)).ok, true, release);
    }
  }
});
