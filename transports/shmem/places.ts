// Where things lie in the file of the shmem transport: from its offset on, A2P and P2A area of each channel, all of one
// size, in the first half; FastChannels in the second. Areas are numbered in this order, and a byte on the bell socket is
// the number of an area: from the agent an even one says that there is a command, an odd one that a message of the
// platform was taken; from the platform an even one says that the response is there, an odd one that there is a message.
// The number behind the last is that of the FastChannels: an agent may ring for them, or for nobody.
import { REGION_ALIGNMENT } from "../fast_channels/layout.ts";
import { areaSizeError } from "../smt/layout.ts";
import type { NamedPlace } from "../memory/memory_file.ts";

/** Bytes of the part of the file that is used, unless told: areas of 4096, and 8192 for FastChannels. */
export const SHMEM_SIZE = 16384;

/** Channels of one endpoint: more than an agent has protocols. */
export const CHANNEL_COUNT_MAX = 32;

/** Areas of each channel: A2P and P2A. */
export const AREAS_PER_CHANNEL = 2;

/** Which part of a file is shared, and by how many channels. */
export interface ShmemShape {
  /** Where the part begins, a multiple of 4; 0 unless given. */
  readonly offset?: number;
  /** Bytes of the part, 16384 unless given. */
  readonly size?: number;
  /** Channels, 1 unless given. */
  readonly channelCount?: number;
}

/** Where everything lies. */
export interface ShmemPlaces {
  /** The areas in the order of their numbers: A2P of the first channel, P2A of it, A2P of the second ... */
  readonly areas: readonly NamedPlace[];
  readonly fastChannels: NamedPlace;
  /** Bytes that the file has at least. */
  readonly end: number;
}

/** Returns the path of the bell socket of a file. */
export function bellPathOf(path: string): string {
  return `${path}.bell`;
}

/** Divides a part of a file. An error is one line that says what to do. */
export function placesOf(shape: ShmemShape): ShmemPlaces | { error: string } {
  const { offset = 0, size = SHMEM_SIZE, channelCount = 1 } = shape;
  if (!Number.isSafeInteger(channelCount) || channelCount < 1 || channelCount > CHANNEL_COUNT_MAX) {
    return { error: `${channelCount} channels are not possible: give 1 to ${CHANNEL_COUNT_MAX}` };
  }
  if (!Number.isSafeInteger(offset) || offset < 0 || offset % 4 !== 0) {
    return { error: `offset ${offset} is not possible: give a multiple of 4` };
  }
  if (!Number.isSafeInteger(offset + size) || size % 4 !== 0) {
    return { error: `size ${size} is not possible: give a multiple of 4` };
  }
  const areaCount = AREAS_PER_CHANNEL * channelCount;
  // Whole words: what is left over lies between the last area and the FastChannels.
  const areaSize = Math.floor(size / 2 / areaCount / 4) * 4;
  const error = areaSizeError(areaSize);
  if (error !== null) {
    return { error: `size ${size} is too small for ${channelCount} channels and FastChannels: ${error}` };
  }
  const areas = Array.from({ length: areaCount }, (_, number) => ({
    name: `${number % AREAS_PER_CHANNEL === 0 ? "A2P" : "P2A"} ${Math.floor(number / AREAS_PER_CHANNEL)}`,
    offset: offset + number * areaSize,
    size: areaSize,
  }));
  const end = offset + size;
  const fastOffset = Math.ceil((offset + size / 2) / REGION_ALIGNMENT) * REGION_ALIGNMENT;
  const fastChannels = { name: "FastChannels", offset: fastOffset, size: end - fastOffset };
  return { areas, fastChannels, end };
}
