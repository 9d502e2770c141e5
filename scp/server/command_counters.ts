// How often each command of each agent came, and was refused, as messages and through FastChannels. All counters of a platform
// stand in one array: an array for each channel would be one more place in memory that a message of its agent has to touch.
import { assert } from "../core/assert.ts";

/** Message ids of one protocol. */
const MESSAGE_COUNT = 256;

/** Where a kind of counters begins within the block of an agent's protocol. The message id comes on top. */
export const COUNTED = {
  messages: 0,
  refusedMessages: MESSAGE_COUNT,
  fastWrites: 2 * MESSAGE_COUNT,
  refusedFastWrites: 3 * MESSAGE_COUNT,
} as const;

const BLOCK_SIZE = 4 * MESSAGE_COUNT;

/** The counters of all agents. */
export class CommandCounters {
  /** To be counted up at `blockOf(...) + COUNTED... + messageId`. */
  readonly values: Float64Array;
  readonly #protocolIds: readonly number[];

  constructor(agentCount: number, protocolIds: readonly number[]) {
    this.#protocolIds = protocolIds;
    this.values = new Float64Array(agentCount * protocolIds.length * BLOCK_SIZE);
  }

  /** Where the counters of an agent (ids from 1 on) for a protocol begin. */
  blockOf(agentId: number, protocolId: number): number {
    const place = this.#protocolIds.indexOf(protocolId);
    assert(place >= 0, "the platform has the protocol");
    return ((agentId - 1) * this.#protocolIds.length + place) * BLOCK_SIZE;
  }

  /** The counters of an agent for a protocol, of one kind, by message id: a view, not a copy. */
  read(agentId: number, protocolId: number, kind: keyof typeof COUNTED): Float64Array {
    const start = this.blockOf(agentId, protocolId) + COUNTED[kind];
    return this.values.subarray(start, start + MESSAGE_COUNT);
  }
}
