// The FastChannels of one channel, as its transport writes and reads them. What an agent writes becomes the command that does
// the same and goes through the dispatcher's checks, so that nothing is allowed here that a message is not; it is counted
// and recorded beside messages. scmi-core 5.5. Leaves out: memory, doorbells and rates (transports/fast_channels).
import { HEADER_SIZE, MESSAGE_TYPE, messageIdOf, packHeader, protocolIdOf } from "../core/header.ts";
import { STATUS, type StatusName } from "../core/status.ts";
import type { Timer, TimerOwner } from "../core/timeline.ts";
import { TRACE_KIND } from "../core/trace.ts";
import {
  createMessageBuffer,
  type FastChannelListener,
  type FastChannelPlan,
  type FastChannelPort,
  type MessageBuffer,
} from "../../transports/channel.ts";
import { COUNTED } from "./command_counters.ts";
import type { Channel, ChannelAgent } from "./dispatcher.ts";
import { STATUS_SIZE } from "./protocol_table.ts";

const WORD_SIZE = 4;
/** Commands with FastChannels, and their responses, are much smaller. */
const COMMAND_SIZE_MAX = 64;
const BODY = HEADER_SIZE + STATUS_SIZE;

/** The FastChannels of a channel. */
export class FastChannelGate implements FastChannelPort, TimerOwner {
  isOpen = true;
  readonly #channel: Channel;
  /** Apart, as what is read may be read again while a write is done. */
  readonly #written = createMessageBuffer(COMMAND_SIZE_MAX);
  readonly #asked = createMessageBuffer(COMMAND_SIZE_MAX);
  readonly #reply = createMessageBuffer(COMMAND_SIZE_MAX);
  /** Made for the first who asks: most channels have no memory to share. */
  #plans: readonly FastChannelPlan[] | null = null;
  #listener: FastChannelListener | null = null;
  /** What ends listening to the hardware. */
  #stops: (() => void)[] = [];

  /** For a channel in the making, of which only host and agent are there. */
  constructor(channel: Channel) {
    this.#channel = channel;
  }

  get plans(): readonly FastChannelPlan[] {
    return this.#plans ??= plansOf(this.#channel.agent);
  }

  get isHeld(): boolean {
    return this.#channel.service.isHeld;
  }

  write(place: number, words: Uint32Array): number {
    const { protocolId, messageId, size: wordsSize, isWritten } = this.plans[place]!;
    const { host, agent, service } = this.#channel;
    service.spend();
    const { values } = agent.counters;
    const countersAt = this.#channel.slotOf(protocolId)!.countersAt + messageId;
    values[countersAt + COUNTED.fastWrites]! += 1;
    const request = this.#written;
    const size = isWritten ? this.#compose(place, request) : 0;
    for (let i = 0; i < wordsSize / WORD_SIZE && size > 0; i++) {
      request.view.setUint32(size - wordsSize + i * WORD_SIZE, words[i]!, true);
    }
    const status = size > 0 ? this.#perform(request, size) : STATUS.NOT_SUPPORTED;
    if (status !== STATUS.SUCCESS) values[countersAt + COUNTED.refusedFastWrites]! += 1;
    const header = packHeader(protocolId, messageId, MESSAGE_TYPE.command, 0);
    const bytes = host.trace.isHeard ? new DataView(request.bytes.buffer, 0, size) : null;
    host.trace.record(TRACE_KIND.fastChannelWrite, host.nowUs(), agent.id, header, status, size, bytes);
    return status;
  }

  read(place: number, words: Uint32Array): void {
    words.fill(0);
    const { isWritten, size: wordsSize } = this.plans[place]!;
    const size = isWritten ? 0 : this.#compose(place, this.#asked);
    if (size === 0 || this.#perform(this.#asked, size) !== STATUS.SUCCESS) return;
    for (let i = 0; i < wordsSize / WORD_SIZE; i++) {
      words[i] = this.#reply.view.getUint32(BODY + i * WORD_SIZE, true);
    }
  }

  listen(listener: FastChannelListener | null): void {
    this.#listener = listener;
    this.#follow();
  }

  nowUs(): number {
    return this.#channel.host.nowUs();
  }

  at(timeUs: number, task: () => void): Timer {
    return this.#channel.host.at(timeUs, task, this);
  }

  /** Begins anew with the contexts that the channel has now. */
  restart(): void {
    this.#follow();
    this.#listener?.reset();
  }

  /** Tells that everything in a protocol, or (null) in all and in regions, may read otherwise now. */
  refresh(protocolId: number | null): void {
    const listener = this.#listener;
    if (listener === null) return;
    this.plans.forEach((plan, place) => {
      if (plan.isWritten || (protocolId !== null && plan.protocolId !== protocolId)) return;
      listener.changed(place);
    });
    if (protocolId === null) listener.regionsChanged();
  }

  /** Ends all that is under way; the channel is not used any more. */
  close(): void {
    this.isOpen = false;
    this.listen(null);
  }

  /** Listens to the hardware, if anybody wants to be told. */
  #follow(): void {
    for (const stop of this.#stops) stop();
    this.#stops = [];
    if (this.#listener === null) return;
    for (const { definition } of this.#channel.agent.protocols) {
      const access = definition.fastChannels;
      if (access === undefined) continue;
      const { context } = this.#channel.slotOf(definition.id)!;
      for (const [domainId, places] of this.#placesByDomain(definition.id)) {
        this.#stops.push(access.listen(domainId, context, () => this.#tell(places)));
      }
    }
  }

  #tell(places: readonly number[]): void {
    for (const place of places) this.#listener?.changed(place);
  }

  /** What is read, by its domain. */
  #placesByDomain(protocolId: number): ReadonlyMap<number, readonly number[]> {
    const places = new Map<number, number[]>();
    this.plans.forEach((plan, place) => {
      if (plan.isWritten || plan.protocolId !== protocolId) return;
      const those = places.get(plan.domainId);
      if (those === undefined) places.set(plan.domainId, [place]);
      else those.push(place);
    });
    return places;
  }

  /** Makes the command of a place, all zeros but for the domain; returns its size, 0 when the version in force has none. */
  #compose(place: number, request: MessageBuffer): number {
    const { protocolId, messageId, domainId } = this.plans[place]!;
    const slot = this.#channel.slotOf(protocolId)!;
    if (slot.version < slot.definition.fastChannels!.since) return 0;
    const { requestSize } = slot.table[messageId]!;
    request.bytes.fill(0, 0, requestSize);
    request.view.setUint32(0, packHeader(protocolId, messageId, MESSAGE_TYPE.command, 0), true);
    request.view.setUint32(HEADER_SIZE, domainId, true);
    return requestSize;
  }

  /** Does a command; returns its status, and puts what it returns where a response has it. */
  #perform(request: MessageBuffer, size: number): number {
    const header = request.view.getUint32(0, true);
    const slot = this.#channel.slotOf(protocolIdOf(header))!;
    const answer = this.#channel.perform(slot, request, size);
    if (typeof answer === "number") return answer;
    if (typeof answer === "string") return STATUS[answer as StatusName];
    slot.table[messageIdOf(header)]!.encode!(this.#reply.view, BODY, COMMAND_SIZE_MAX, answer);
    return STATUS.SUCCESS;
  }
}

/** All FastChannels that an agent may have, by protocol, domain and command. */
function plansOf({ protocols, platform }: ChannelAgent): FastChannelPlan[] {
  return protocols.flatMap(({ definition: { id: protocolId, fastChannels, resource } }) => {
    if (fastChannels === undefined || resource === null) return [];
    return Array.from(
      { length: platform.view[resource].length },
      (_, domainId) =>
        fastChannels.commands.map(({ messageId, wordCount, isWritten }) => ({
          protocolId,
          messageId,
          domainId,
          size: wordCount * WORD_SIZE,
          isWritten,
        })),
    ).flat();
  });
}
