// The part of shared memory that is there beside messages: FastChannels with their doorbells, and regions that the platform
// fills. What an agent writes is sampled, judged and passed on; what it reads is kept up to date. Nothing here is trusted:
// the agent can write anywhere at any time. SCMI 4.5.4; scmi-core 5.5, transports.md 1.6. Leaves out: when to look (the
// watcher of the transport's memory).
import { assert } from "../../scp/core/assert.ts";
import type { FastChannel, SharedAreas, SharedRegion } from "../../scp/core/shared_area.ts";
import type { AgentPort, FastChannelListener, FastChannelPort } from "../channel.ts";
import type { MemoryWindow } from "../memory/memory_file.ts";
import {
  CELL_SIZE,
  DEFAULT_DOORBELLS,
  type DoorbellOptions,
  type FastLayout,
  layFastChannels,
  REGION_ALIGNMENT,
} from "./layout.ts";
import { RegionRoom } from "./region_room.ts";
import { SilentWords } from "./silent_words.ts";
import { WrittenChannel } from "./written_channel.ts";

/** What the area is like. */
export interface FastAreaOptions {
  /** The agent's address of the memory file's first byte; 0 unless given: addresses are offsets in the file. */
  readonly baseAddress?: number;
  /** Doorbells of what the agent writes, or null: there are none. Registers of 32 bits, one for each, unless given. */
  readonly doorbells?: DoorbellOptions | null;
  /** The least time between two writes to a FastChannel, virtual us, below 2^20; 0 unless given: there is none. */
  readonly rateLimitUs?: number;
  /** Tells that the file was truncated, so that memory reads as zeros. Never, unless given. */
  readonly isLost?: () => boolean;
}

const WORD_SIZE = 4;
const WORDS_PER_CELL = CELL_SIZE / WORD_SIZE;

/** The rate has 20 bits. */
const RATE_LIMIT_MAX_US = 0xf_ffff;

/** How often what the agent reads is written anew, virtual us: regions grow old, and agents may have written to any place. */
export const REFRESH_US = 100_000;

/** FastChannels and regions of one channel of an agent. */
export class FastChannelArea implements SharedAreas, FastChannelListener {
  readonly layout: FastLayout;
  readonly #window: MemoryWindow;
  readonly #port: FastChannelPort;
  readonly #regions: RegionRoom;
  readonly #channels = new Map<string, FastChannel>();
  readonly #written: readonly WrittenChannel[];
  /** Those to be looked at: most of the time none. */
  readonly #listed: WrittenChannel[] = [];
  /** Who is rung for by each bit of each register. */
  readonly #bells: readonly (readonly WrittenChannel[])[];
  readonly #silentWords: SilentWords;
  readonly #read = new Uint32Array(WORDS_PER_CELL);
  readonly #halvesPerRegister: number;
  #refreshedUs = 0;
  #isOpen = true;

  /** Takes the part of a window that begins at a cache line. */
  constructor(wholeWindow: MemoryWindow, port: FastChannelPort, options: FastAreaOptions = {}) {
    const { baseAddress = 0, doorbells = DEFAULT_DOORBELLS, rateLimitUs = 0, isLost = () => false } = options;
    const window = alignedPart(wholeWindow);
    assert(fastChannelsError(0, options) === null, "the rate was judged");
    this.#window = window;
    this.#port = port;
    this.layout = layFastChannels(port.plans, doorbells, window.size);
    const { slots, registerCount, regionsOffset } = this.layout;
    const windowAddress = BigInt(baseAddress) + BigInt(window.offset);
    this.#regions = new RegionRoom(window, regionsOffset, windowAddress);
    for (const { plan, offset, doorbell } of slots) {
      this.#channels.set(keyOf(plan.protocolId, plan.messageId, plan.domainId), {
        address: windowAddress + BigInt(offset),
        size: plan.size,
        rateLimitUs: plan.isWritten ? rateLimitUs : 0,
        doorbell: doorbell === null || doorbells === null ? null : {
          address: windowAddress + BigInt(doorbell.offset),
          width: doorbells.width,
          setMask: doorbell.setMask,
          preserveMask: doorbell.preserveMask,
        },
      });
    }
    this.#written = slots.filter(({ plan }) => plan.isWritten)
      .map((slot) => new WrittenChannel(slot, window.words, port, rateLimitUs, isLost));
    this.#bells = Array.from(
      { length: registerCount },
      (_, register) => this.#written.filter(({ slot }) => slot.doorbell?.register === register),
    );
    this.#silentWords = new SilentWords(window.words, this.#written, (channel) => this.#list(channel));
    this.#halvesPerRegister = (doorbells?.channelsPerRegister ?? 0) > 32 ? 2 : 1;
    window.words.fill(0, 0, regionsOffset / WORD_SIZE);
    port.listen(this);
    this.reset();
    this.#refresh();
  }

  /** Looks once at what the agent writes, and lets it count. Returns whether there was anything new. */
  poll(): boolean {
    if (!this.#isOpen) return false;
    if (this.#port.nowUs() - this.#refreshedUs >= REFRESH_US) this.#refresh();
    // Rings stay where they are, and there is no hurry.
    if (this.#port.isHeld) return false;
    let hasHappened = this.#hearDoorbells();
    this.#silentWords.look();
    const listed = this.#listed;
    let keptCount = 0;
    for (let i = 0; i < listed.length; i++) {
      const channel = listed[i]!;
      // One of those before may have used up what the agent may send.
      const isLeft = this.#port.isHeld;
      if (!isLeft && channel.look()) hasHappened = true;
      channel.isListed = isLeft || !channel.isAtRest;
      if (channel.isListed) listed[keptCount++] = channel;
    }
    listed.length = keptCount;
    return hasHappened;
  }

  findFastChannel(protocolId: number, messageId: number, domainId: number): FastChannel | null {
    return this.#isOpen ? this.#channels.get(keyOf(protocolId, messageId, domainId)) ?? null : null;
  }

  mapRegion(protocolId: number, region: SharedRegion): bigint | null {
    return this.#isOpen ? this.#regions.map(protocolId, region) : null;
  }

  changed(place: number): void {
    const slot = this.layout.slots[place];
    if (slot === undefined || slot.plan.isWritten) return;
    this.#port.read(place, this.#read);
    for (let i = 0; i < slot.plan.size / WORD_SIZE; i++) {
      Atomics.store(this.#window.words, slot.offset / WORD_SIZE + i, this.#read[i]! | 0);
    }
  }

  regionsChanged(): void {
    this.#regions.refresh();
  }

  reset(): void {
    for (const channel of this.#written) channel.reset();
    this.#silentWords.look();
    const first = this.layout.registersOffset / WORD_SIZE;
    this.#window.words.fill(0, first, first + WORDS_PER_CELL * this.layout.registerCount);
  }

  /** Lets go of the memory, which is not touched any more. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#port.listen(null);
    for (const channel of this.#written) channel.close();
  }

  /** Writes all that the agent reads. */
  #refresh(): void {
    this.#refreshedUs = this.#port.nowUs();
    for (const { place } of this.layout.slots) this.changed(place);
    this.#regions.refresh();
  }

  #list(channel: WrittenChannel): void {
    if (channel.isListed) return;
    channel.isListed = true;
    this.#listed.push(channel);
  }

  /** Takes what was rung. Bits that ring for nobody are taken as well, and mean nothing. */
  #hearDoorbells(): boolean {
    const { words } = this.#window;
    const first = this.layout.registersOffset / WORD_SIZE;
    let isRung = false;
    for (let register = 0; register < this.#bells.length; register++) {
      for (let half = 0; half < this.#halvesPerRegister; half++) {
        const word = first + register * WORDS_PER_CELL + half;
        // Nearly always there is nothing: a plain load, as a ring that it misses is found by the next look.
        if (words[word] === 0) continue;
        // Taken away before anything is looked at: a ring that comes from now on is another one.
        this.#ring(this.#bells[register]!, half, Atomics.exchange(words, word, 0));
        isRung = true;
      }
    }
    return isRung;
  }

  /** Rings for those whose bits are set in one half of a register. */
  #ring(channels: readonly WrittenChannel[], half: number, bits: number): void {
    for (const channel of channels) {
      const bit = channel.slot.doorbell!.bit - 32 * half;
      if (bit >= 0 && bit < 32 && ((bits >>> bit) & 1) !== 0) {
        channel.ring();
        this.#list(channel);
      }
    }
  }
}

/** Returns what is wrong with a place and a rate for FastChannels, or null. */
export function fastChannelsError(offset: number, { rateLimitUs = 0 }: FastAreaOptions): string | null {
  if (!Number.isSafeInteger(offset) || offset < 0 || offset % REGION_ALIGNMENT !== 0) {
    return `FastChannels cannot begin at ${offset}: give a multiple of ${REGION_ALIGNMENT}`;
  }
  if (!Number.isSafeInteger(rateLimitUs) || rateLimitUs < 0 || rateLimitUs > RATE_LIMIT_MAX_US) {
    return `${rateLimitUs} us between writes to a FastChannel are not possible: give 0 to ${RATE_LIMIT_MAX_US}`;
  }
  return null;
}

/**
 * Offers an agent FastChannels and regions in a window, on all of its channels over the same memory; FastChannels are those of
 * the first, whose versions count. Returns null where the platform has nothing to offer.
 */
export function offerFastChannels(
  window: MemoryWindow,
  ports: readonly AgentPort[],
  options: FastAreaOptions,
): FastChannelArea | null {
  const port = ports[0]?.fastChannels;
  if (port === undefined) return null;
  const area = new FastChannelArea(window, port, options);
  for (const each of ports) each.sharedAreas = area;
  return area;
}

function alignedPart(window: MemoryWindow): MemoryWindow {
  const begin = Math.min(
    (REGION_ALIGNMENT - window.offset % REGION_ALIGNMENT) % REGION_ALIGNMENT,
    window.size,
  );
  const { words, bytes } = window;
  return {
    offset: window.offset + begin,
    size: window.size - begin,
    words: words.subarray(begin / WORD_SIZE),
    bytes: bytes.subarray(begin),
    view: new DataView(bytes.buffer, bytes.byteOffset + begin, window.size - begin),
  };
}

function keyOf(protocolId: number, messageId: number, domainId: number): string {
  return `${protocolId}/${messageId}/${domainId}`;
}
