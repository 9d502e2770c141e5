// The way between a guest and the platform, as seen from all who have to agree on it: what the platform
// serves, what QEMU attaches, what the device tree says, what the kernel keeps away from. Text and numbers
// only: nothing is opened.
import { PROTOCOLS } from "../../protocols/registry.ts";
import type { GuestTransport } from "./device_tree_transport.ts";
import { guestMailbox, mailboxInGuest } from "./guest_mailbox.ts";
import type { QemuAttachment } from "./qemu_command.ts";
import type { TransportScheme, TransportSpec, TransportSpecOf } from "./transport_spec.ts";

/** Which way a guest takes: a scheme, whose place is ours to choose, or a specification that says everything. */
export type TransportChoice = TransportScheme | TransportSpec;

/** What is asked for. */
export interface ConnectionRequest {
  readonly transport: TransportChoice;
  /** The registers of a mailbox that is ours to lay out; null = what goes best with the rest. */
  readonly mhuVersion: 1 | 2 | 3 | null;
  /** A GPIO device, which carries a mailbox's interrupt: its socket, `true` = where we choose, false = none. */
  readonly gpio: string | boolean;
  readonly memoryMib: number;
  /** Names of protocols that have a channel of their own. */
  readonly channels: readonly string[];
}

/** Where sockets and files are that are ours to choose: the agent's names in some folder. */
export interface ConnectionPlaces {
  readonly virtioSocket: string;
  readonly gpioSocket: string;
  readonly memoryFile: string;
}

/** How a guest reaches the platform. */
export interface GuestConnection extends QemuAttachment {
  /** What the platform has to serve. */
  readonly specs: readonly TransportSpec[];
  readonly transport: GuestTransport;
  readonly hasGpio: boolean;
  /** What the kernel is told. */
  readonly kernelArguments: readonly string[];
}

/** A connection, or one line that says why there is none. */
export type ConnectionResult =
  | { readonly ok: true; readonly connection: GuestConnection }
  | { readonly ok: false; readonly problem: string };

/** Lays out what connects a guest of an agent to the platform. */
export function connectGuest(
  request: ConnectionRequest,
  agent: string,
  places: ConnectionPlaces,
): ConnectionResult {
  const { gpio } = request;
  const gpioSocket = gpio === false ? null : gpio === true ? places.gpioSocket : gpio;
  const gpioSpecs: TransportSpec[] = gpioSocket === null ? [] : [{ scheme: "gpio", path: gpioSocket, agent }];
  const channels = request.channels.map((name) => PROTOCOLS.find((each) => each.name === name)?.id ?? name);
  const unknown = channels.find((each) => typeof each === "string");
  if (unknown !== undefined) {
    const known = PROTOCOLS.map(({ name }) => name).join(", ");
    return { ok: false, problem: `no protocol is called ${JSON.stringify(unknown)}: take some of ${known}` };
  }
  const spec = chooseSpec(request, agent, places);
  if (typeof spec === "string") return { ok: false, problem: spec };
  const common = { specs: [spec, ...gpioSpecs], gpioSocket, hasGpio: gpioSocket !== null };
  if (spec.scheme === "virtio") {
    if (channels.length > 0) return { ok: false, problem: "virtio has one channel for all protocols" };
    return done({
      ...common,
      scmiSocket: spec.path,
      memoryFile: null,
      transport: { kind: "virtio" },
      kernelArguments: [],
    });
  }
  const protocolIds = channels.filter((each) => typeof each === "number");
  const mailbox = mailboxInGuest(spec, request.memoryMib, gpioSocket !== null, protocolIds);
  if (typeof mailbox === "string") return { ok: false, problem: mailbox };
  return done({
    ...common,
    scmiSocket: null,
    memoryFile: spec.path,
    transport: mailbox.transport,
    kernelArguments: [`mem=${mailbox.keptMib}M`],
  });
}

function chooseSpec(
  { transport, mhuVersion, gpio, memoryMib, channels }: ConnectionRequest,
  agent: string,
  places: ConnectionPlaces,
): TransportSpecOf<"virtio"> | TransportSpecOf<"mailbox"> | string {
  const scheme = typeof transport === "string" ? transport : transport.scheme;
  if (scheme !== "virtio" && scheme !== "mailbox") {
    return `no guest is reached by ${scheme}: ${WHO_ELSE[scheme]}; a guest takes virtio or mailbox`;
  }
  if (mhuVersion !== null && transport !== "mailbox") {
    return "a version of the MHU is for --transport mailbox; a whole specification says it itself";
  }
  if (typeof transport !== "string") {
    // Its scheme is one of the two: the other schemes were turned away above.
    return { ...transport, agent } as TransportSpecOf<"virtio"> | TransportSpecOf<"mailbox">;
  }
  if (scheme === "virtio") return { scheme, path: places.virtioSocket, agent };
  const hasInterrupt = gpio !== false;
  // The driver of version 1 reads the status again at once, when memory still holds what it has just cleared.
  const version = mhuVersion ?? (hasInterrupt ? 2 : 1);
  return guestMailbox({
    path: places.memoryFile,
    agent,
    memoryMib,
    version,
    hasInterrupt,
    moreChannelCount: channels.length,
  });
}

/** Who speaks the schemes that are not for guests. */
const WHO_ELSE: Readonly<Record<Exclude<TransportScheme, "virtio" | "mailbox">, string>> = {
  message: "it is for programs that open its socket",
  shmem: "it is for programs of this machine that map its file",
  gpio: "it carries interrupts only (--gpio)",
};

function done(connection: GuestConnection): ConnectionResult {
  return { ok: true, connection };
}
