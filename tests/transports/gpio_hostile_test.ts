// Guests and drivers that break the rules of a virtio-gpio device: nothing they do stops the device for longer than it
// concerns themselves. transports.md 8, items 14 to 22.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { GpioDriver, withGpio } from "../support/gpio_driver.ts";
import { MEMORY_END, OUTSIDE } from "../support/virtio_driver_memory.ts";
import { type Descriptor, NEXT_FLAG, WRITE_FLAG } from "../support/virtio_driver_queue.ts";
import { CMDQ, EVENTQ } from "../support/vhost_user_front_end.ts";

const GET_VALUE = 4;
const SET_IRQ_TYPE = 6;
const RISING = 1;
const HIGH = 4;
const DOOR = 0;

const VALID = { line: DOOR, size: 1, status: 1 };

/** A head that no buffer of the driver uses. */
const HEAD = 40;

/** Good parts of a chain of either queue, in memory that nothing else uses. */
function parts({ frontEnd }: GpioDriver, queue: number): { request: Descriptor; room: Descriptor } {
  const address = frontEnd.eventAddress(100);
  frontEnd.memory.write(address, Uint8Array.of(4, 0, 0, 0, 0, 0, 0, 0));
  const size = queue === CMDQ ? 8 : 2;
  return {
    request: { address, size },
    room: { address: address + 64, size: 2, flags: WRITE_FLAG },
  };
}

const BAD_CHAINS: Readonly<Record<string, (request: Descriptor, room: Descriptor) => Descriptor[]>> = {
  "without room": (request) => [request],
  "without a request": (_request, room) => [room],
  "whose request is a byte short": (request, room) => [{ ...request, size: request.size - 1 }, room],
  "that is readable after writable": (request, room) => [room, request],
  "whose request lies outside": (request, room) => [{ ...request, address: OUTSIDE }, room],
  "whose room reaches outside": (request, room) => [request, { ...room, address: MEMORY_END - 1 }],
  "whose room has 4 GiB": (request, room) => [request, { ...room, size: 0xffff_ffff }],
  "linked to itself": (request) => [{ ...request, flags: NEXT_FLAG, next: HEAD }],
  "whose address wraps": (request, room) => [{ ...request, address: 0xffff_ffff_ffff_fffen }, room],
};

for (const queue of [CMDQ, EVENTQ]) {
  for (const [name, build] of Object.entries(BAD_CHAINS)) {
    Deno.test(`gpio gives back a chain ${name} on queue ${queue} with length 0, and goes on`, () =>
      withGpio((backEnd) => {
        const driver = backEnd.start();
        driver.ask(SET_IRQ_TYPE, DOOR, RISING);
        const { request, room } = parts(driver, queue);
        const ring = driver.frontEnd.queues[queue]!;
        const chain = build(request, room);
        ring.describeChain(HEAD, chain);
        if (chain.length === 1 && chain[0]!.next === HEAD) ring.describe(HEAD, chain[0]!);
        ring.offer(HEAD);
        ring.submit();
        driver.frontEnd.settle();
        assertEquals(ring.take(), { head: HEAD, size: 0 });
        assertEquals(backEnd.reports.length, 1);
        assertEquals(driver.ask(GET_VALUE, DOOR), [0, 0]);
        driver.unmask(DOOR);
        backEnd.lines[DOOR]!.raise();
        assertEquals(driver.takeBuffers(), [VALID]);
      }));
  }
}

Deno.test("gpio gives a buffer back that is for no line", () =>
  withGpio((backEnd) => {
    const driver = backEnd.start();
    for (const line of [3, 0xffff]) {
      driver.offerBuffer(7, line);
      driver.submit();
      assertEquals(driver.takeBuffers(), [{ line, size: 1, status: 0 }]);
    }
    assertMatch(backEnd.reports[0]!, /there is no line 3$/);
  }));

Deno.test("gpio takes no head that it still has", () =>
  withGpio((backEnd) => {
    const driver = backEnd.start();
    driver.ask(SET_IRQ_TYPE, 0, RISING);
    driver.ask(SET_IRQ_TYPE, 1, RISING);
    driver.unmask(0);
    // The same place of the table, now for the other line.
    driver.offerBuffer(0, 1);
    driver.submit();
    assertEquals(driver.frontEnd.eventq.take(), { head: 0, size: 0 });
    assertMatch(backEnd.reports[0]!, /the device has this chain already$/);
    backEnd.lines[0]!.raise();
    backEnd.lines[1]!.raise();
    assertEquals(driver.takeBuffers().length, 1);
  }));

Deno.test("gpio writes the status of a buffer to where it was when it came", () =>
  withGpio((backEnd) => {
    const driver = backEnd.start();
    driver.ask(SET_IRQ_TYPE, DOOR, RISING);
    driver.unmask(DOOR);
    const { eventq } = driver.frontEnd;
    eventq.describe(1, { address: OUTSIDE, size: 1, flags: WRITE_FLAG });
    backEnd.lines[DOOR]!.raise();
    assertEquals(driver.takeBuffers(), [VALID]);
  }));

for (const [name, index] of [["jumps", 1000], ["moves backwards", 0xffff]] as const) {
  Deno.test(`gpio stops an event queue whose available index ${name}, and serves requests on`, () =>
    withGpio((backEnd) => {
      const driver = backEnd.start();
      driver.ask(SET_IRQ_TYPE, DOOR, RISING);
      driver.unmask(DOOR);
      const { eventq } = driver.frontEnd;
      eventq.forceAvailableIndex(eventq.availableIndex + index);
      eventq.kick();
      driver.frontEnd.settle();
      backEnd.lines[DOOR]!.raise();
      assertEquals(driver.takeBuffers(), []);
      assertEquals(driver.ask(GET_VALUE, DOOR), [0, 1]);
      assertMatch(backEnd.reports[0]!, /the available index of queue 1 is impossible/);
      driver.reboot();
      driver.ask(SET_IRQ_TYPE, DOOR, HIGH);
      driver.unmask(DOOR);
      assertEquals(driver.takeBuffers(), [VALID]);
    }));
}

Deno.test("gpio serves a level that never ends in bounded pieces", () =>
  withGpio((backEnd) => {
    const driver = backEnd.start();
    driver.ask(SET_IRQ_TYPE, DOOR, HIGH);
    backEnd.lines[DOOR]!.raise();
    // A guest that unmasks without ever taking a buffer back: the ring is full of them, over and over.
    const { eventq } = driver.frontEnd;
    for (let round = 0; round < 50; round++) {
      for (let place = 0; place < eventq.size / 2; place++) driver.offerBuffer(place, DOOR);
      driver.submit();
      assertEquals(driver.takeBuffers().length, eventq.size / 2);
    }
    assertEquals(driver.ask(GET_VALUE, DOOR), [0, 1]);
  }));

Deno.test("gpio ends a connection whose memory was truncated, with buffers in it, and survives", () =>
  withGpio((backEnd) => {
    const driver = backEnd.start({ isSealed: false });
    driver.ask(SET_IRQ_TYPE, DOOR, RISING);
    driver.unmask(DOOR);
    driver.frontEnd.memory.truncate();
    backEnd.lines[DOOR]!.raise();
    driver.frontEnd.cmdq.kick();
    driver.frontEnd.settle();
    assertEquals(driver.frontEnd.isAlive, false);
    const next = backEnd.start();
    assertEquals(next.ask(GET_VALUE, DOOR), [0, 1]);
  }));

Deno.test("gpio writes nothing in queues after they were stopped, whatever the lines do", () =>
  withGpio((backEnd) => {
    const driver = backEnd.start();
    driver.ask(SET_IRQ_TYPE, DOOR, RISING);
    driver.unmask(DOOR);
    driver.frontEnd.stopDevice();
    const before = driver.frontEnd.memory.bytes.slice();
    backEnd.lines[DOOR]!.raise();
    backEnd.lines[DOOR]!.lower();
    driver.frontEnd.settle();
    assert(before.every((byte, i) => byte === driver.frontEnd.memory.bytes[i]));
  }));
