// What the device tree says of a mailbox: made from what a guest's connection is, and read back by dtc where
// it is installed.
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { minimalBoard } from "../../boards/minimal.ts";
import { deviceTreeOverlay } from "../../scp/control/device_tree.ts";
import { findTransportProblem, type GuestMailbox } from "../../scp/control/device_tree_transport.ts";
import { connectGuest, type ConnectionRequest } from "../../scp/control/guest_connection.ts";
import { describeGuest } from "../../scp/control/guest_description.ts";
import { parseTransportSpec, transportSpecText } from "../../scp/control/transport_spec.ts";

const PLACES = { virtioSocket: "/run/v.sock", gpioSocket: "/run/g.sock", memoryFile: "/run/memory" };
const WISH: ConnectionRequest = {
  transport: "mailbox",
  mhuVersion: null,
  gpio: false,
  channels: [],
  memoryMib: 512,
};

function connect(wish: Partial<ConnectionRequest>) {
  const result = connectGuest({ ...WISH, ...wish }, "OSPM", PLACES);
  assert(result.ok, result.ok ? "" : result.problem);
  return result.connection;
}

function problemOf(wish: Partial<ConnectionRequest>): string {
  const result = connectGuest({ ...WISH, ...wish }, "OSPM", PLACES);
  return result.ok ? "" : result.problem;
}

function mailboxOf(wish: Partial<ConnectionRequest>): GuestMailbox {
  const { transport } = connect(wish);
  assert(transport.kind === "mailbox");
  return transport;
}

function overlayOf(wish: Partial<ConnectionRequest>): string {
  const { transport, hasGpio } = connect(wish);
  const overlay = deviceTreeOverlay(
    describeGuest(minimalBoard, "OSPM", "3.2", { transport, hasGpio, processorDomains: [], consumers: [] }),
  );
  assert(overlay.ok, overlay.ok ? "" : overlay.problem);
  return overlay.text;
}

/** The lines of a node's properties, by the text it opens with. */
function propertiesOf(text: string, opening: string): string[] {
  const start = text.indexOf(opening);
  assert(start >= 0, `${opening} is in the overlay`);
  const body = text.slice(text.indexOf("{", start) + 1);
  return body.slice(0, body.search(/[{}]/)).split("\n").map((line) => line.trim()).filter((line) =>
    line.endsWith(";")
  );
}

Deno.test("connectGuest lays a mailbox out in the last MiB, which the kernel is told to leave alone", () => {
  const { specs, kernelArguments, memoryFile, scmiSocket } = connect({ memoryMib: 256 });
  const [text = ""] = specs.map(transportSpecText);
  assertMatch(text, /^mailbox:\/run\/memory,mhu=0xff00000,shmem=0xff40000,area=0x9c,.*agent=OSPM$/);
  assertEquals([kernelArguments, memoryFile, scmiSocket], [["mem=255M"], "/run/memory", null]);
});

Deno.test("connectGuest has nothing but a device for virtio, and the sockets that were given", () => {
  const { specs, kernelArguments, memoryFile, scmiSocket, gpioSocket, transport } = connect({
    transport: "virtio",
    gpio: "/tmp/g",
  });
  assertEquals(specs.map(transportSpecText), ["virtio:/run/v.sock,agent=OSPM", "gpio:/tmp/g,agent=OSPM"]);
  assertEquals([kernelArguments, memoryFile, scmiSocket, gpioSocket], [[], null, "/run/v.sock", "/tmp/g"]);
  assertEquals(transport, { kind: "virtio" });
});

Deno.test("connectGuest refuses what no guest has in one line that says what to do", () => {
  const spec = (mhu: number, ...shmem: number[]) => {
    const parsed = parseTransportSpec(`mailbox:/m,mhu=${mhu},shmem=${shmem.join("+")}`);
    assert(parsed.ok);
    return parsed.spec;
  };
  const cases: [Partial<ConnectionRequest>, string][] = [
    [{ transport: "shmem" }, "no guest is reached by shmem"],
    [{ transport: "message" }, "a guest takes virtio or mailbox"],
    [{ transport: "gpio" }, "it carries interrupts only (--gpio)"],
    [{ memoryMib: 64 }, "64 MiB are too little"],
    [{ transport: "virtio", mhuVersion: 2 }, "is for --transport mailbox"],
    [{ transport: spec(0, 4096), mhuVersion: 2 }, "a whole specification says it itself"],
    [{ transport: spec(0, 0x1000_0000) }, "0 MiB are too little"],
    [{ transport: spec(0x1ff0_0000, 0x1fff_ffc0) }, "shmem=0x1fffffc0 is beyond the 512 MiB"],
    [{ transport: spec(0x1fff_ffff, 0x1ff0_0000) }, "mhu=0x1fffffff is beyond"],
    [{ transport: spec(0x1ff0_0000, 0x1ff1_0000, 0x1ff2_0000) }, "1 areas behind the first, --channels 0"],
    [{ channels: ["sensors"] }, 'no protocol is called "sensors": take some of base, '],
    [{ transport: "virtio", channels: ["sensor"] }, "one channel for all protocols"],
  ];
  for (const [wish, part] of cases) {
    assertStringIncludes(problemOf(wish), part);
    assertEquals(problemOf(wish).includes("\n"), false);
  }
});

Deno.test("overlay of a polled mailbox says so, and describes registers and area where they are", () => {
  const text = overlayOf({});
  assertEquals(propertiesOf(text, "scmi {").slice(0, 8), [
    'compatible = "arm,scmi";',
    "mboxes = <&scmi_mhu 0 0>;",
    'mbox-names = "tx";',
    "shmem = <&scmi_a2p0>;",
    "arm,max-rx-timeout-ms = <5000>;",
    "arm,max-msg-size = <128>;",
    "arm,max-msg = <256>;",
    "arm,no-completion-irq;",
  ]);
  const mhu = propertiesOf(text, "scmi_mhu: mailbox@5ff00000");
  assertEquals(mhu.includes("reg = <0x0 0x5ff00000 0x0 0x1000>;"), true);
  assertEquals(mhu.includes("arm,primecell-periphid = <0x001bb098>;"), true);
  assertEquals(mhu.some((line) => line.startsWith("interrupts = <0 ")), true);
  assertStringIncludes(text, "reg = <0x0 0x9c>;");
  assertEquals(text.includes("scmi_gpio"), false);
});

Deno.test("overlay of a mailbox with an interrupt has a doorbell for each direction and the area of notifications", () => {
  const text = overlayOf({ gpio: true });
  assertEquals(propertiesOf(text, "scmi {").slice(0, 6), [
    'compatible = "arm,scmi";',
    "mboxes = <&scmi_mhu_tx 0 0>, <&scmi_mhu_rx 0 0>, <&scmi_mhu_rx 1 0>;",
    'mbox-names = "tx", "tx_reply", "rx";',
    "shmem = <&scmi_a2p0>, <&scmi_p2a>;",
    "arm,max-rx-timeout-ms = <5000>;",
    "arm,max-msg-size = <128>;",
  ]);
  const receiver = propertiesOf(text, "scmi_mhu_rx: mailbox@5ff01000");
  assertEquals(receiver.includes("interrupts-extended = <&scmi_gpio 0 4>;"), true);
  assertMatch(text, /target-path = "\/virtio_mmio@a003e00";[^}]*scmi_gpio: gpio \{/);
});

Deno.test("overlay of MHUv3 names three cells and the combined interrupt", () => {
  const text = overlayOf({ gpio: true, mhuVersion: 3 });
  assertStringIncludes(text, "mboxes = <&scmi_mhu_tx 0 0 0>, <&scmi_mhu_rx 0 0 0>, <&scmi_mhu_rx 0 1 0>;");
  const receiver = propertiesOf(text, "scmi_mhu_rx: mailbox@5ff10000");
  assertEquals(receiver.includes('interrupt-names = "combined";'), true);
  assertEquals(receiver.includes("#mbox-cells = <3>;"), true);
});

Deno.test("overlay gives a protocol with a channel of its own doorbell and area in its node", () => {
  const text = overlayOf({ gpio: true, channels: ["sensor", "clock"] });
  assertEquals(propertiesOf(text, "protocol@15").slice(2), [
    "mboxes = <&scmi_mhu_tx 1 0>, <&scmi_mhu_rx 1 0>;",
    'mbox-names = "tx", "tx_reply";',
    "shmem = <&scmi_a2p1>;",
  ]);
  assertStringIncludes(text, "mboxes = <&scmi_mhu_tx 2 0>, <&scmi_mhu_rx 2 0>;");
  // The one of notifications comes after those of commands.
  assertStringIncludes(text, "<&scmi_mhu_rx 3 0>;");
  assertStringIncludes(text, "arm,mhuv2-protocols = <0 4>;");
});

Deno.test("findTransportProblem refuses a mailbox that no driver could use", () => {
  const polled = mailboxOf({});
  const told = mailboxOf({ gpio: true });
  const [channel] = polled.channels;
  assert(channel !== undefined);
  const cases: [GuestMailbox, boolean, string][] = [
    [{ ...told, interruptLine: null }, true, "notifications need an interrupt"],
    [told, false, "its interrupt needs the GPIO device"],
    [{ ...told, version: 1 }, true, "take version=2 or 3"],
    [{ ...polled, channels: [{ ...channel, protocolId: 0x15 }] }, false, "the first channel"],
    [{ ...polled, channels: [channel, channel] }, false, "of the same protocol"],
    [{ ...polled, channels: [channel, { ...channel, protocolId: 0x10 }] }, false, "0x11 to 0xff"],
    [{ ...polled, frames: [{ address: 2, size: 4096 }] }, false, "0x2 is no place for 4096 bytes"],
  ];
  for (const [mailbox, hasGpio, part] of cases) {
    assertStringIncludes(findTransportProblem(mailbox, hasGpio) ?? "", part);
  }
  assertEquals([findTransportProblem(polled, false), findTransportProblem(told, true)], [null, null]);
});

Deno.test("findTransportProblem finds more channels than a version has doorbells", () => {
  const channels = ["sensor", "performance", "clock"];
  const problem = (mhuVersion: 1 | 2, gpio: boolean, names: readonly string[]) =>
    findTransportProblem(mailboxOf({ mhuVersion, gpio, channels: names }), gpio);
  assertMatch(
    problem(1, false, channels) ?? "",
    /^mailbox: 4 areas need as many doorbells, version 1 has 3: take version 2 or 3, or fewer channels$/,
  );
  assertEquals(problem(1, false, channels.slice(1)), null);
  assertEquals(problem(2, true, channels), null);
});
