// The ways by which guests reach the platform: what a case may run over, which kernels can, and what a kernel says there that it
// does not say elsewhere. What a way consists of comes from scp/control, as for a user.

import type { KernelSeries } from "../../scp/control/guest_cache.ts";
import type { ExpectedLines } from "./boot_verdict.ts";
import type { ConnectionRequest } from "../../scp/control/guest_connection.ts";

/** Lines of the log that some kernels print over a way, so many in a boot at most. */
export interface WayLines extends ExpectedLines {
  /** null = all kernels. */
  readonly kernels: readonly KernelSeries[] | null;
}

/** One way. */
export interface GuestTransportPlan {
  /** Where the README's table has it: ways that differ in details are one there. */
  readonly column: string;
  /** null = all kernels. */
  readonly kernels: readonly KernelSeries[] | null;
  readonly wish: Pick<ConnectionRequest, "transport" | "mhuVersion" | "gpio" | "channels">;
  /** Messages of the log beside those that every boot may print. */
  readonly log: readonly WayLines[];
  /** Messages that the platform refuses because of the way: each of them comes. */
  readonly refusals: readonly string[];
}

// Linux says it of its own driver of these lines.
const OLD_CHIP: WayLines = {
  pattern: /^gpio gpiochip\d+: \(virtio\d+\): not an immutable chip, please consider fixing it!$/,
  kernels: null,
  countMax: 1,
};
// It has 20 slots for commands over a mailbox, whatever its device tree says, and late in boot it switches off all unused power
// domains at once: those without a slot stay on.
const TOO_FEW_SLOTS: WayLines = {
  pattern: /^arm-scmi \S+: failed to get free message slot\(-12\)$/,
  kernels: ["6.12"],
  countMax: 16,
};
// It has as many buffers for notifications that nobody reads from raw mode.
const TOO_FEW_BUFFERS: WayLines = {
  pattern: /^arm-scmi \S+: RAW\[1\] - Buffers exhausted\. Re-using oldest\.$/,
  kernels: ["6.12"],
  countMax: 16,
};
// What these drivers are for are messages of the platform.
const WITHOUT_MESSAGES: readonly WayLines[] = [
  /^iio \S+: error -95: Error in registering sensor update notifier for sensor \S+$/,
  /^scmi-cpufreq \S+: failed to register for limits change notifier for domain \d+$/,
  /^scmi-sensor-iiodev \S+: error -95: failed to allocate IIO device for sensor \S+$/,
  /^scmi-(sensor-iiodev|system-power) \S+: probe with driver \S+ failed with error -95$/,
].map((pattern) => ({ pattern, kernels: null, countMax: 2 }));

const VIRTIO: GuestTransportPlan = {
  column: "virtio",
  kernels: null,
  wish: { transport: "virtio", mhuVersion: null, gpio: false, channels: [] },
  log: [],
  refusals: [],
};

const MAILBOX: GuestTransportPlan = {
  column: "mailbox, interrupt",
  kernels: null,
  wish: { transport: "mailbox", mhuVersion: 2, gpio: true, channels: [] },
  log: [OLD_CHIP, TOO_FEW_SLOTS, TOO_FEW_BUFFERS],
  refusals: [],
};

/** All ways, by the names that cases and the command line use. */
export const GUEST_TRANSPORTS = {
  virtio: VIRTIO,
  /** With a GPIO device beside it, whose lines are the board's. */
  lines: {
    ...VIRTIO,
    wish: { ...VIRTIO.wish, gpio: true },
    log: [OLD_CHIP],
  },
  /** MHUv2, its interrupt a GPIO line. */
  mailbox: MAILBOX,
  /** MHUv3, with a channel of their own for two protocols. */
  mailbox3: {
    ...MAILBOX,
    wish: { transport: "mailbox", mhuVersion: 3, gpio: true, channels: ["sensor", "performance"] },
  },
  /** MHUv1 without an interrupt, which Linux 7 polls and 6.12 cannot use: nothing comes from the platform of itself. */
  polled: {
    ...MAILBOX,
    column: "mailbox, polled",
    kernels: ["7.2"],
    wish: { transport: "mailbox", mhuVersion: 1, gpio: false, channels: [] },
    log: WITHOUT_MESSAGES,
    // Whether it could ask to be notified.
    refusals: ["power", "system_power", "performance", "clock", "sensor", "reset", "powercap"].map((
      protocol,
    ) => `${protocol} PROTOCOL_MESSAGE_ATTRIBUTES`),
  },
} as const satisfies Readonly<Record<string, GuestTransportPlan>>;

/** The name of a way. */
export type GuestTransportName = keyof typeof GUEST_TRANSPORTS;

/** The names, in the order in which a case goes through them. */
export const GUEST_TRANSPORT_NAMES = Object.keys(GUEST_TRANSPORTS) as readonly GuestTransportName[];

/** Cases about virtio itself, or about several guests, whose platform is started with sockets. */
export const ABOUT_VIRTIO = ["virtio"] as const;
/**
 * Cases that judge values and drivers. Their messages have the form of those of a case of the same group that goes over every
 * way, and the platform answers them with the same bytes there (tests/contract).
 */
export const SAME_MESSAGES = ["virtio"] as const;
/** Cases in which the platform sends messages of itself; also what counts when a case says nothing. */
export const WITH_NOTIFICATIONS = ["virtio", "mailbox"] as const;
/** Cases that every way has to pass; GPIO lines are no way of their own. */
export const EVERY_WAY = ["virtio", "mailbox", "mailbox3", "polled"] as const;
/** Cases about GPIO lines. */
export const WITH_LINES = ["lines", "mailbox"] as const;
/** Cases for which commands are enough. */
export const WITH_COMMANDS = ["virtio", "mailbox", "polled"] as const;

/** Tells whether a kernel can take a way. */
export function canReach(series: KernelSeries, name: GuestTransportName): boolean {
  const plan: GuestTransportPlan = GUEST_TRANSPORTS[name];
  return plan.kernels?.includes(series) ?? true;
}
