// One descriptor chain of a driver, good or bad: where tests build it, how it comes back, and whether the ring goes on.
import { assertEquals } from "@std/assert";
import { VERSION_ANSWER, VERSION_COMMAND } from "./front_end_fixture.ts";
import { ALL_FEATURES, FEATURES, type FrontEnd } from "./vhost_user_front_end.ts";
import { type Descriptor, type UsedElement, WRITE_FLAG } from "./virtio_driver_queue.ts";

/** Neither ring feature. */
export const PLAIN = ALL_FEATURES & ~FEATURES.indirect & ~FEATURES.eventIndex;

/** The descriptor that the chain begins with. */
export const HEAD = 20;

/** Offers the chain at HEAD, and returns how it came back; null when it did not. */
export function submitHead(frontEnd: FrontEnd, head = HEAD): UsedElement | null {
  frontEnd.cmdq.offer(head);
  frontEnd.cmdq.submit();
  frontEnd.settle();
  return frontEnd.cmdq.take();
}

/** A good request, where every bad chain finds one. */
export function goodRequest(frontEnd: FrontEnd): Descriptor {
  frontEnd.memory.write(frontEnd.requestAddress(1), VERSION_COMMAND);
  return { address: frontEnd.requestAddress(1), size: 4 };
}

/** Room for its response. */
export function goodRoom(frontEnd: FrontEnd): Descriptor {
  return { address: frontEnd.responseAddress(1), size: 136, flags: WRITE_FLAG };
}

/** The back-end goes on. */
export function assertServes(frontEnd: FrontEnd): void {
  assertEquals(frontEnd.command(VERSION_COMMAND), VERSION_ANSWER);
}
