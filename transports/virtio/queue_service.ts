// What every queue of requests has in common: takes chains within the bound of one turn, has each served, gives it back
// and calls the driver. A chain that is kept is given back later by whoever keeps it. virtio 1.3, 2.7.

import type { AgentService } from "../channel.ts";
import type { DescriptorChain } from "./descriptor_chain.ts";
import type { GuestMemory } from "./guest_memory.ts";
import type { DriverCall } from "./virtio_device.ts";
import { NEXT, type Virtqueue } from "./virtqueue.ts";

/**
 * What one turn may cost: a unit is a descriptor, or 64 bytes copied. A usual SCMI command has three, hence about a
 * thousand commands; a ring that the guest keeps full cannot hold up others for longer.
 */
export const WORK_PER_TURN = 3072;
/** Answers are shown to the driver after so many at the latest: it may look for them while more are being served. */
const COMPLETIONS_PER_PUBLICATION = 64;

/** What `serveChain` returns for a chain that is not to be given back yet. */
export const CHAIN_KEPT = -1;

/** A device, as its queues see it. */
export interface ChainServer {
  readonly memory: GuestMemory;
  /** How its queues are served beside those of other devices. */
  readonly service: AgentService;
  /** Serves one good chain. Returns the bytes written to it, or CHAIN_KEPT. */
  serveChain(queueIndex: number, head: number, chain: DescriptorChain): number;
}

/** Serves what a queue holds. Returns whether more is left. `chain` is filled anew by each walk. */
export function serveChains(
  server: ChainServer,
  driver: DriverCall,
  queueIndex: number,
  queue: Virtqueue,
  chain: DescriptorChain,
): boolean {
  const { memory } = server;
  let work = 0;
  let unpublished = 0;
  let left = server.service.turnMessageMax;
  while (work < WORK_PER_TURN && left > 0) {
    const found = queue.next(memory, chain);
    if (found === NEXT.chain || found === NEXT.badChain) {
      work += 1 + chain.visitedCount;
      left--;
      let written = 0;
      if (found === NEXT.chain) {
        written = server.serveChain(queueIndex, queue.head, chain);
        work += (chain.readableSize + written) >>> 6;
      } else driver.chainRefused(queueIndex, queue.head, chain.fault);
      if (written !== CHAIN_KEPT) queue.complete(queue.head, written);
      if (++unpublished < COMPLETIONS_PER_PUBLICATION) continue;
    }
    unpublished = 0;
    if (queue.publish()) driver.callDriver(queueIndex);
    if (found === NEXT.badRing) {
      driver.queueBroke(queueIndex);
      return false;
    }
    // Counted as work: an index that another processor of the guest keeps changing must not hold us here.
    if (found === NEXT.empty && work++ >= 0 && !queue.askForKick()) return false;
  }
  if (queue.publish()) driver.callDriver(queueIndex);
  return true;
}
