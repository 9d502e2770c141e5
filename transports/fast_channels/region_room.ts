// Room in shared memory for regions that the platform fills and the agent reads, such as statistics. A protocol has one
// region, which stays where it is, since an agent asks once where that is. scmi-core 5.8.
import type { SharedRegion } from "../../scp/core/shared_area.ts";
import type { MemoryWindow } from "../memory/memory_file.ts";
import { REGION_ALIGNMENT } from "./layout.ts";

/** A region in its place. */
interface MappedRegion {
  readonly offset: number;
  readonly size: number;
  region: SharedRegion;
}

/** The regions of one window. */
export class RegionRoom {
  readonly #window: MemoryWindow;
  readonly #windowAddress: bigint;
  readonly #regions = new Map<number, MappedRegion>();
  #free: number;
  /** What a region writes is put together here: the agent is not to find it half written for longer than a copy takes. */
  #draft = new Uint8Array(0);

  /** For what lies from an offset of the window on; `windowAddress` is the agent's address of the window. */
  constructor(window: MemoryWindow, offset: number, windowAddress: bigint) {
    this.#window = window;
    this.#windowAddress = windowAddress;
    this.#free = offset;
  }

  /** Shows a region; returns the agent's address of it, null when there is no room. A new one of a protocol takes its place. */
  map(protocolId: number, region: SharedRegion): bigint | null {
    let mapped = this.#regions.get(protocolId);
    if (mapped === undefined) {
      if (region.size > this.#window.size - this.#free) return null;
      mapped = { offset: this.#free, size: region.size, region };
      this.#regions.set(protocolId, mapped);
      this.#free += Math.ceil(region.size / REGION_ALIGNMENT) * REGION_ALIGNMENT;
      if (region.size > this.#draft.length) this.#draft = new Uint8Array(region.size);
    }
    if (region.size > mapped.size) return null;
    mapped.region = region;
    this.#write(mapped);
    return this.#windowAddress + BigInt(mapped.offset);
  }

  /** Writes all regions anew. */
  refresh(): void {
    for (const mapped of this.#regions.values()) this.#write(mapped);
  }

  #write({ offset, region }: MappedRegion): void {
    const draft = this.#draft.subarray(0, region.size);
    region.write(new DataView(draft.buffer, 0, region.size));
    this.#window.bytes.set(draft, offset);
  }
}
