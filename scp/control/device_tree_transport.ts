// What a guest's device tree says of the way to the platform: nothing but a name for virtio; for a mailbox
// its registers, the areas of shared memory, and where its interrupt comes from, all inside RAM that the
// kernel has been told to leave alone. QEMU's machine `virt` has none of these devices. Facts: the Linux
// bindings arm,mhu, arm,mhuv2, arm,mhuv3, arm,scmi, gpio-virtio; transports.md 2, 7.3.
import { doorbellLayout } from "../../transports/mailbox/doorbell_layout.ts";
import { indent, isWithin } from "./device_tree_text.ts";

/** A stretch of the guest's memory. */
export interface GuestMemory {
  readonly address: number;
  readonly size: number;
}

/** A doorbell: the cells by which a channel is found at its controller. */
export type GuestDoorbell = readonly number[];

/** A channel for commands: the doorbell that announces them, the one that announces responses, and their area. */
export interface GuestChannel {
  /** The protocol that has the channel for itself; null = the first one, which serves all others. */
  readonly protocolId: number | null;
  readonly area: GuestMemory;
  readonly send: GuestDoorbell;
  readonly receive: GuestDoorbell;
}

/** The channel for what the platform sends of itself. */
export interface GuestP2aChannel {
  readonly area: GuestMemory;
  readonly receive: GuestDoorbell;
}

/** A mailbox in the guest's memory. */
export interface GuestMailbox {
  readonly kind: "mailbox";
  readonly version: 1 | 2 | 3;
  /** The frames of registers: one of version 1; the one that sends, then the one that receives, of later versions. */
  readonly frames: readonly GuestMemory[];
  /** The first serves all protocols that have none of their own. */
  readonly channels: readonly GuestChannel[];
  /** null = the platform sends nothing of itself. It needs an interrupt. */
  readonly p2a: GuestP2aChannel | null;
  /** The line of the GPIO device that carries the mailbox's interrupt; null = none, and the kernel polls: Linux 7. */
  readonly interruptLine: number | null;
}

/** How a guest reaches the platform. */
export type GuestTransport = { readonly kind: "virtio" } | GuestMailbox;

/** The parts of an overlay that depend on the transport. */
export interface TransportNodes {
  /** Properties of the SCMI node. */
  readonly properties: readonly string[];
  /** Properties of a protocol's node. */
  protocolProperties(protocolId: number): readonly string[];
  /** Nodes below the root. */
  readonly nodes: readonly string[];
}

/** The device of QEMU's machine that becomes the first virtio-mmio device there is. */
const FIRST_VIRTIO_MMIO = "/virtio_mmio@a003e00";

/** After those of processors and resets; see device_tree_consumers.ts. */
const GPIO_FRAGMENT = 2000;

/** Nobody raises these; the driver of version 1 leaves the registers alone of a slot without an interrupt. */
const UNUSED_SPIS = [100, 101, 102] as const;
const LEVEL_HIGH = 4;

/**
 * How long Linux waits for a response, ms, instead of 30: the platform is a program among others, and a host that is busy
 * lets it wait.
 */
const RESPONSE_TIMEOUT_MS = 5000;

/** Commands that may wait for the channel, instead of 20: Linux switches off all unused power domains at once. */
const MESSAGE_COUNT_MAX = 256;

/** Bytes of an area that are no payload: what comes before a message, and its header. */
const AREA_OVERHEAD = 28;

const PROTOCOL_MAX = 0xff;

/** Returns what is to be said of a transport. */
export function transportNodes(transport: GuestTransport): TransportNodes {
  if (transport.kind === "virtio") {
    return { properties: ['compatible = "arm,scmi-virtio";'], protocolProperties: () => [], nodes: [] };
  }
  return {
    properties: mailboxProperties(transport),
    protocolProperties(protocolId) {
      const index = transport.channels.findIndex((channel) => channel.protocolId === protocolId);
      return index < 0 ? [] : channelProperties(transport, index, null);
    },
    nodes: ["", ...clockNode(), "", ...controllerNodes(transport), "", ...areaNodes(transport)],
  };
}

/** By which interrupts and lines refer to the GPIO device. */
export const GPIO_LABEL = "scmi_gpio";

/** The fragment that makes QEMU's first virtio-mmio device the GPIO device; interrupts refer to it. */
export function gpioFragment(): string[] {
  return [
    "",
    `fragment@${GPIO_FRAGMENT} {`,
    `\ttarget-path = "${FIRST_VIRTIO_MMIO}";`,
    "\t__overlay__ {",
    `\t\t${GPIO_LABEL}: gpio {`,
    '\t\t\tcompatible = "virtio,device29";',
    "\t\t\tgpio-controller;",
    "\t\t\t#gpio-cells = <2>;",
    "\t\t\tinterrupt-controller;",
    "\t\t\t#interrupt-cells = <2>;",
    "\t\t};",
    "\t};",
    "};",
  ];
}

/** Returns one line that says what is wrong with a transport, or null. */
export function findTransportProblem(transport: GuestTransport, hasGpio: boolean): string | null {
  if (transport.kind === "virtio") return null;
  const { channels, p2a, interruptLine, version } = transport;
  const all = [...transport.frames, ...channels.map(({ area }) => area), ...(p2a === null ? [] : [p2a.area])];
  for (const { address, size } of all) {
    if (!isWithin(address, 0, 2 ** 40) || !isWithin(size, 4, 2 ** 30) || address % 4 !== 0) {
      return `mailbox: 0x${address.toString(16)} is no place for ${size} bytes: give it an aligned one`;
    }
  }
  if (p2a !== null && interruptLine === null) {
    return "mailbox: notifications need an interrupt: add --gpio, or leave out p2a=";
  }
  if (interruptLine !== null && !hasGpio) return "mailbox: its interrupt needs the GPIO device: add --gpio";
  if (interruptLine !== null && version === 1) {
    return "mailbox: the driver of version 1 takes an interrupt from memory more than once: take version=2 or 3";
  }
  const wantedCount = channels.length + (p2a === null ? 0 : 1);
  const { slots } = doorbellLayout(version);
  if (wantedCount > slots.length) {
    const advice = version === 1 ? "take version 2 or 3, or fewer channels" : "take fewer channels";
    return `mailbox: ${wantedCount} areas need as many doorbells, version ${version} has ${slots.length}: ${advice}`;
  }
  const protocols = channels.map(({ protocolId }) => protocolId);
  if (protocols.indexOf(null) !== 0) return "mailbox: the first channel is the one of all protocols";
  if (new Set(protocols).size < protocols.length) return "mailbox: two channels are of the same protocol";
  if (protocols.some((id) => id !== null && !isWithin(id, 0x11, PROTOCOL_MAX))) {
    return "mailbox: a channel of its own is for protocols 0x11 to 0xff";
  }
  return null;
}

function mailboxProperties(mailbox: GuestMailbox): string[] {
  const areas = [...mailbox.channels, ...(mailbox.p2a === null ? [] : [mailbox.p2a])];
  // Linux loses what the platform writes beyond: 7.2 counts with 104 unless told, 6.12 with 128 in any case.
  const payloadMax = Math.min(...areas.map(({ area }) => area.size)) - AREA_OVERHEAD;
  return [
    'compatible = "arm,scmi";',
    ...channelProperties(mailbox, 0, mailbox.p2a),
    `arm,max-rx-timeout-ms = <${RESPONSE_TIMEOUT_MS}>;`,
    `arm,max-msg-size = <${payloadMax}>;`,
    `arm,max-msg = <${MESSAGE_COUNT_MAX}>;`,
    ...(mailbox.interruptLine === null ? ["arm,no-completion-irq;"] : []),
  ];
}

/** Linux tells the use of the doorbells from their number and that of the areas: transports.md 2.1. */
function channelProperties(mailbox: GuestMailbox, index: number, p2a: GuestP2aChannel | null): string[] {
  const { send, receive } = mailbox.channels[index]!;
  const bells: [name: string, controller: string, cells: GuestDoorbell][] = [["tx", sender(mailbox), send]];
  // A doorbell of version 1 works both ways; with the others, what rings back is a doorbell of its own.
  const isTwoWay = mailbox.version === 1;
  if (mailbox.interruptLine !== null && !isTwoWay) bells.push(["tx_reply", receiver(mailbox), receive]);
  if (p2a !== null) bells.push(["rx", receiver(mailbox), p2a.receive]);
  const areas = [areaLabel(index), ...(p2a === null ? [] : [P2A_LABEL])];
  return [
    `mboxes = ${bells.map(([, controller, cells]) => `<&${controller} ${cells.join(" ")}>`).join(", ")};`,
    `mbox-names = ${bells.map(([name]) => `"${name}"`).join(", ")};`,
    `shmem = ${areas.map((label) => `<&${label}>`).join(", ")};`,
  ];
}

/** A clock that the bus of the controllers asks for and nobody has. */
function clockNode(): string[] {
  return [
    "scmi_apb: scmi-apb-clock {",
    '\tcompatible = "fixed-clock";',
    "\t#clock-cells = <0>;",
    "\tclock-frequency = <24000000>;",
    "};",
  ];
}

const SENDER = "scmi_mhu_tx";
const RECEIVER = "scmi_mhu_rx";
const BOTH = "scmi_mhu";
const P2A_LABEL = "scmi_p2a";

function sender({ version }: GuestMailbox): string {
  return version === 1 ? BOTH : SENDER;
}

function receiver({ version }: GuestMailbox): string {
  return version === 1 ? BOTH : RECEIVER;
}

function areaLabel(index: number): string {
  return `scmi_a2p${index}`;
}

function controllerNodes(mailbox: GuestMailbox): string[] {
  const [first, second] = mailbox.frames;
  const line = mailbox.interruptLine;
  const interrupt = line === null ? null : `interrupts-extended = <&${GPIO_LABEL} ${line} ${LEVEL_HIGH}>;`;
  const unused = UNUSED_SPIS.map((spi) => `<0 ${spi} ${LEVEL_HIGH}>`);
  const windowCount = mailbox.channels.length + 1;
  const protocols = `arm,mhuv2-protocols = <0 ${windowCount}>;`;
  switch (mailbox.version) {
    case 1:
      return controllerNode(BOTH, first!, 2, ["arm,mhu-doorbell", "arm,primecell"], [
        "arm,primecell-periphid = <0x001bb098>;",
        interrupt ?? `interrupts = ${unused.join(", ")};`,
      ]);
    case 2:
      return [
        ...controllerNode(SENDER, first!, 2, ["arm,mhuv2-tx", "arm,primecell"], [
          "arm,primecell-periphid = <0x000bb0d1>;",
          protocols,
        ]),
        ...(interrupt === null ? [] : [
          "",
          ...controllerNode(RECEIVER, second!, 2, ["arm,mhuv2-rx", "arm,primecell"], [
            "arm,primecell-periphid = <0x000bb0d1>;",
            protocols,
            interrupt,
          ]),
        ]),
      ];
    case 3:
      return [
        ...controllerNode(SENDER, first!, 3, ["arm,mhuv3"], []),
        ...(interrupt === null ? [] : [
          "",
          ...controllerNode(RECEIVER, second!, 3, ["arm,mhuv3"], [
            interrupt,
            'interrupt-names = "combined";',
          ]),
        ]),
      ];
  }
}

function controllerNode(
  label: string,
  { address, size }: GuestMemory,
  cellCount: number,
  compatible: readonly string[],
  properties: readonly string[],
): string[] {
  return [
    `${label}: mailbox@${address.toString(16)} {`,
    `\tcompatible = ${compatible.map((each) => `"${each}"`).join(", ")};`,
    `\treg = <${cells64(address)} ${cells64(size)}>;`,
    `\t#mbox-cells = <${cellCount}>;`,
    "\tclocks = <&scmi_apb>;",
    '\tclock-names = "apb_pclk";',
    ...indent(1, properties),
    "};",
  ];
}

function areaNodes({ channels, p2a }: GuestMailbox): string[] {
  const areas = [
    ...channels.map(({ area }, index) => ({ label: areaLabel(index), area })),
    ...(p2a === null ? [] : [{ label: P2A_LABEL, area: p2a.area }]),
  ];
  const start = Math.min(...areas.map(({ area }) => area.address));
  const end = Math.max(...areas.map(({ area }) => area.address + area.size));
  return [
    `scmi-sram@${start.toString(16)} {`,
    '\tcompatible = "mmio-sram";',
    `\treg = <${cells64(start)} ${cells64(end - start)}>;`,
    "\t#address-cells = <1>;",
    "\t#size-cells = <1>;",
    `\tranges = <0 ${cells64(start)} ${hex(end - start)}>;`,
    ...indent(1, areas.flatMap(({ label, area }) => areaNode(label, area, start))),
    "};",
  ];
}

/** Linux 7.2 leaves the width of its accesses to chance where it is not said. */
function areaNode(label: string, { address, size }: GuestMemory, start: number): string[] {
  const offset = address - start;
  return [
    "",
    `${label}: scp-sram-section@${offset.toString(16)} {`,
    '\tcompatible = "arm,scmi-shmem";',
    `\treg = <${hex(offset)} ${hex(size)}>;`,
    "\treg-io-width = <1>;",
    "};",
  ];
}

function cells64(value: number): string {
  return `${hex(Math.floor(value / 2 ** 32))} ${hex(value % 2 ** 32)}`;
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
