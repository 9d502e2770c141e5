// The endpoints of a run: all planned ones are opened, or none is. The folder that sockets get by default
// goes with them.
import type { GpioLine } from "../../transports/gpio/gpio_line.ts";
import { InterruptGpioLine } from "../../transports/gpio/interrupt_gpio_line.ts";
import type { InterruptLine } from "../../transports/gpio/interrupt_line.ts";
import { listenGpio } from "../../transports/gpio/listener.ts";
import type { Channel } from "../server/dispatcher.ts";
import type { Endpoint } from "../../transports/channel.ts";
import type { FastAreaOptions } from "../../transports/fast_channels/fast_channel_area.ts";
import type { Reactor } from "../../transports/ffi/reactor.ts";
import { listenMailbox } from "../../transports/mailbox/mailbox.ts";
import { MHU_V1_SLOTS } from "../../transports/mailbox/mhu_v1.ts";
import type { MailboxOptions } from "../../transports/mailbox/options.ts";
import { listenMessage } from "../../transports/message/listener.ts";
import { listenShmem } from "../../transports/shmem/listener.ts";
import { listenVhostUser } from "../../transports/vhost_user/vhost_user.ts";
import { FIRST_BOARD_LINE } from "./device_tree_gpio.ts";
import type { Platform } from "./platform.ts";
import { prepareSocketFolder, removeSocketFolder, socketFolderOf } from "./socket_folder.ts";
import { type TransportScheme, type TransportSpecOf, transportSpecText } from "./transport_spec.ts";
import type { EndpointPlan } from "./endpoint_plans.ts";

/** An endpoint that is served. */
export interface OpenEndpoint {
  readonly plan: EndpointPlan;
  readonly spec: string;
  readonly endpoint: Endpoint;
}

/** All endpoints of a run. */
export interface Endpoints {
  readonly open: readonly OpenEndpoint[];
  /** Returns the specification of the endpoint that a channel belongs to, or null when it belongs to none. */
  specOf(channel: Channel): string | null;
  /** Closes all of them and removes the default folder. */
  close(): void;
}

/** Hears one line for each thing that an agent's side of a transport does wrong. */
export type Report = (line: string) => void;

/** What opening an endpoint takes beside its plan. */
interface Surroundings {
  readonly reactor: Reactor;
  /** Opens a channel of the endpoint's agent. */
  openChannel(): Channel;
  /** The lines of the agent's GPIO device; empty where it has none. */
  readonly gpioLines: readonly GpioLine[];
  /** The line of this endpoint; null = there is none. */
  readonly interruptLine: InterruptLine | null;
  readonly report: Report;
}

type Listen<S extends TransportScheme> = (
  plan: TransportSpecOf<S>,
  surroundings: Surroundings,
) => Endpoint | { error: string };

const LISTENERS: { readonly [S in TransportScheme]: Listen<S> } = {
  // One driver at a time, whoever it is: a device has one channel.
  virtio: ({ path }, { reactor, openChannel, report }) =>
    listenVhostUser(reactor, path, openChannel(), report),
  message: ({ path }, { reactor, openChannel, report }) => listenMessage(reactor, path, openChannel, report),
  shmem: ({ channels, doorbell, rate, ...plan }, { reactor, openChannel, report }) => {
    const fastChannels = fastAreaOptions(doorbell, rate);
    return listenShmem(reactor, { ...plan, channelCount: channels, fastChannels }, openChannel, report);
  },
  mailbox: (plan, { reactor, openChannel, interruptLine, report }) =>
    listenMailbox(reactor, mailboxOptions(plan, interruptLine), openChannel(), report),
  gpio: ({ path }, { reactor, gpioLines, report }) => listenGpio(reactor, path, gpioLines, report),
};

function mailboxOptions(
  { path, mhu, shmem, p2a, area, version, size, base, fast, doorbell, rate }: TransportSpecOf<"mailbox">,
  line: InterruptLine | null,
): MailboxOptions {
  // Version 1 has a line for each slot: all of them are one here.
  const lineCount = version === 1 ? MHU_V1_SLOTS.length : 1;
  return {
    path,
    createSize: size,
    version,
    mhuOffset: mhu,
    commandOffsets: shmem,
    notificationOffset: p2a,
    areaSize: area,
    interrupts: line === null ? [] : new Array(lineCount).fill(line),
    fastChannels: fast === null ? null : {
      offset: fast,
      baseAddress: base,
      ...fastAreaOptions(doorbell, rate),
    },
  };
}

function fastAreaOptions(
  doorbell: TransportSpecOf<"shmem">["doorbell"],
  rateLimitUs: number,
): FastAreaOptions {
  return { rateLimitUs, doorbells: doorbell === "none" ? null : { width: doorbell, channelsPerRegister: 1 } };
}

/** Opens endpoints; when one cannot be opened, none is. */
export function openEndpoints(
  reactor: Reactor,
  { machine, model }: Pick<Platform, "machine" | "model">,
  plans: readonly EndpointPlan[],
  defaultFolderOf: string | null,
  report: Report,
): Endpoints | { readonly problem: string } {
  if (defaultFolderOf !== null) {
    const folder = prepareSocketFolder(defaultFolderOf);
    if (!folder.ok) return { problem: folder.problem };
  }
  const open: OpenEndpoint[] = [];
  const specs = new WeakMap<Channel, string>();
  const close = () => {
    for (const { endpoint } of open) endpoint.close();
    open.length = 0;
    if (defaultFolderOf !== null) removeSocketFolder(socketFolderOf(defaultFolderOf));
  };
  const wiring = new GpioWiring(plans, model.gpioLines);
  try {
    for (const plan of plans) {
      const spec = transportSpecText(plan);
      const openChannel = () => {
        const channel = machine.openChannel(plan.agent)!;
        specs.set(channel, spec);
        return channel;
      };
      const gpioLines = wiring.ofAgent(plan.agent);
      const interruptLine = wiring.ofMailbox(plan);
      const endpoint = listen(plan, { reactor, openChannel, gpioLines, interruptLine, report });
      if ("error" in endpoint) {
        close();
        return { problem: endpoint.error };
      }
      open.push({ plan, spec, endpoint });
    }
  } catch (error) {
    // A mistake of ours is no reason to leave sockets behind.
    close();
    throw error;
  }
  return { open, specOf: (channel) => specs.get(channel) ?? null, close };
}

function listen<S extends TransportScheme>(
  plan: TransportSpecOf<S>,
  surroundings: Surroundings,
): Endpoint | { error: string } {
  const listener: Listen<S> = LISTENERS[plan.scheme];
  return listener(plan, surroundings);
}

/**
 * The lines of the agents' GPIO devices: first the interrupt of the agent's mailbox, which is there also without one; then
 * the board's lines; then the interrupts of further mailboxes.
 */
class GpioWiring {
  readonly #lines = new Map<string, readonly GpioLine[]>();
  readonly #ofMailbox = new Map<EndpointPlan, InterruptGpioLine>();

  constructor(plans: readonly EndpointPlan[], boardLines: readonly GpioLine[]) {
    for (const { agent } of plans.filter(({ scheme }) => scheme === "gpio")) {
      const mailboxes = plans.filter((plan) => plan.scheme === "mailbox" && plan.agent === agent);
      const count = Math.max(mailboxes.length, 1);
      const lines = Array.from({ length: count }, (_, n) => new InterruptGpioLine(`scmi-mailbox${n}`));
      this.#lines.set(agent, [
        ...lines.slice(0, FIRST_BOARD_LINE),
        ...boardLines,
        ...lines.slice(FIRST_BOARD_LINE),
      ]);
      mailboxes.forEach((plan, index) => this.#ofMailbox.set(plan, lines[index]!));
    }
  }

  ofAgent(agent: string): readonly GpioLine[] {
    return this.#lines.get(agent) ?? [];
  }

  ofMailbox(plan: EndpointPlan): InterruptLine | null {
    return this.#ofMailbox.get(plan) ?? null;
  }
}
