// Interrupts of the virtio-gpio device: when an event buffer comes back and when an edge waits. virtio 1.3, 5.18.6.3.

import { assertEquals, assertMatch } from "@std/assert";
import { REQUEST } from "../../transports/vhost_user/messages.ts";
import { type GpioBackEnd, type GpioDriver, withGpio } from "../support/gpio_driver.ts";
import { EVENTQ, u64 } from "../support/vhost_user_front_end.ts";

const SET_DIRECTION = 3;
const SET_IRQ_TYPE = 6;

const NONE = 0;
const RISING = 1;
const FALLING = 2;
const BOTH = 3;
const HIGH = 4;
const LOW = 8;

const DOOR = 0;
const WHEEL = 1;

const VALID = { line: DOOR, size: 1, status: 1 };
const INVALID = { line: DOOR, size: 1, status: 0 };

/** Runs a test with a driver that has set the interrupt type of the door. */
function withType(type: number, body: (driver: GpioDriver, backEnd: GpioBackEnd) => void): void {
  withGpio((backEnd) => {
    const driver = backEnd.start();
    assertEquals(driver.ask(SET_IRQ_TYPE, DOOR, type), [0, 0]);
    body(driver, backEnd);
  });
}

for (
  const [name, type, raised, lowered] of [
    ["rising edge", RISING, 1, 0],
    ["falling edge", FALLING, 0, 1],
    ["both edges", BOTH, 1, 1],
  ] as const
) {
  Deno.test(`gpio interrupts on a ${name} and on no other`, () =>
    withType(type, (driver, { lines: [door] }) => {
      driver.unmask(DOOR);
      assertEquals(driver.takeBuffers(), []);
      door!.raise();
      const first = driver.takeBuffers();
      assertEquals(first, new Array(raised).fill(VALID));
      if (first.length > 0) driver.unmask(DOOR);
      door!.lower();
      assertEquals(driver.takeBuffers(), new Array(lowered).fill(VALID));
    }));
}

Deno.test("gpio calls the driver once for each interrupt", () =>
  withType(BOTH, (driver, { lines: [door] }) => {
    driver.frontEnd.eventq.hasEventIndex = true;
    driver.takeCalls();
    for (let i = 0; i < 10; i++) {
      driver.unmask(DOOR);
      driver.frontEnd.eventq.askForCall();
      if (i % 2 === 0) door!.raise();
      else door!.lower();
      assertEquals([driver.takeBuffers(), driver.takeCalls()], [[VALID], 1]);
    }
  }));

Deno.test("gpio keeps an edge that comes while the line is masked, and of several one", () =>
  withType(RISING, (driver, { lines: [door] }) => {
    for (let i = 0; i < 5; i++) {
      door!.raise();
      door!.lower();
    }
    assertEquals(driver.takeBuffers(), []);
    driver.unmask(DOOR);
    assertEquals(driver.takeBuffers(), [VALID]);
    driver.unmask(DOOR);
    assertEquals(driver.takeBuffers(), []);
  }));

Deno.test("gpio keeps no edge that came before the type was set, nor one of another type", () =>
  withGpio((backEnd) => {
    const driver = backEnd.start();
    const [door] = backEnd.lines;
    door!.raise();
    driver.ask(SET_IRQ_TYPE, DOOR, RISING);
    door!.lower();
    driver.unmask(DOOR);
    assertEquals(driver.takeBuffers(), []);
    door!.raise();
    assertEquals(driver.takeBuffers(), [VALID]);
    door!.lower();
    door!.raise();
    driver.ask(SET_IRQ_TYPE, DOOR, FALLING);
    driver.unmask(DOOR);
    assertEquals(driver.takeBuffers(), []);
  }));

for (const [name, type, isHigh] of [["high", HIGH, true], ["low", LOW, false]] as const) {
  Deno.test(`gpio interrupts at each unmasking while the level is ${name}, and not for one that is over`, () =>
    withGpio((backEnd) => {
      const driver = backEnd.start();
      const [door] = backEnd.lines;
      const begin = () => isHigh ? door!.raise() : door!.lower();
      const end = () => isHigh ? door!.lower() : door!.raise();
      end();
      driver.ask(SET_IRQ_TYPE, DOOR, type);
      driver.unmask(DOOR);
      assertEquals(driver.takeBuffers(), []);
      begin();
      assertEquals(driver.takeBuffers(), [VALID]);
      for (let i = 0; i < 3; i++) {
        driver.unmask(DOOR);
        assertEquals(driver.takeBuffers(), [VALID]);
      }
      end();
      driver.unmask(DOOR);
      assertEquals(driver.takeBuffers(), []);
      begin();
      assertEquals(driver.takeBuffers(), [VALID]);
      // Masked: a level that comes and goes is not heard of.
      end();
      begin();
      end();
      driver.unmask(DOOR);
      assertEquals(driver.takeBuffers(), []);
    }));
}

Deno.test("gpio asks whoever drives a line before it looks at it for an unmasked guest", () =>
  withType(HIGH, (driver, { lines: [door] }) => {
    let askedCount = 0;
    door!.beforeSample = () => {
      askedCount++;
      door!.lower();
    };
    door!.raise();
    assertEquals(askedCount, 0, "a change is no look");
    driver.unmask(DOOR);
    assertEquals([askedCount, driver.takeBuffers()], [1, []]);
    door!.beforeSample = () => door!.raise();
    driver.ask(SET_IRQ_TYPE, DOOR, LOW);
    assertEquals(driver.takeBuffers(), []);
  }));

Deno.test("gpio interrupts once where the look itself makes the line change", () =>
  withType(BOTH, (driver, { lines: [door] }) => {
    door!.beforeSample = () => door!.raise();
    driver.unmask(DOOR);
    assertEquals(driver.takeBuffers(), [VALID]);
    driver.unmask(DOOR);
    assertEquals(driver.takeBuffers(), []);
  }));

Deno.test("gpio gives the buffer back without an interrupt when the type becomes none, and forgets the edge", () =>
  withType(RISING, (driver, { lines: [door] }) => {
    driver.unmask(DOOR);
    assertEquals(driver.ask(SET_IRQ_TYPE, DOOR, NONE), [0, 0]);
    assertEquals(driver.takeBuffers(), [INVALID]);
    driver.ask(SET_IRQ_TYPE, DOOR, RISING);
    door!.raise();
    driver.ask(SET_IRQ_TYPE, DOOR, NONE);
    driver.ask(SET_IRQ_TYPE, DOOR, RISING);
    driver.unmask(DOOR);
    assertEquals(driver.takeBuffers(), []);
  }));

Deno.test("gpio gives a buffer back at once that is for a line without a type", () =>
  withGpio((backEnd) => {
    const driver = backEnd.start();
    backEnd.lines[DOOR]!.raise();
    driver.unmask(DOOR);
    assertEquals(driver.takeBuffers(), [INVALID]);
  }));

Deno.test("gpio forgets a line's interrupts with its direction", () =>
  withType(RISING, (driver, { lines: [door] }) => {
    driver.unmask(DOOR);
    driver.ask(SET_DIRECTION, DOOR, 0);
    assertEquals(driver.takeBuffers(), [INVALID]);
    door!.raise();
    driver.unmask(DOOR);
    assertEquals(driver.takeBuffers(), [INVALID]);
  }));

Deno.test("gpio interrupts on each line by its own buffer", () =>
  withType(RISING, (driver, { lines: [door, wheel] }) => {
    driver.ask(SET_IRQ_TYPE, WHEEL, BOTH);
    driver.unmask(WHEEL);
    driver.unmask(DOOR);
    door!.raise();
    wheel!.raise();
    wheel!.lower();
    assertEquals(driver.takeBuffers(), [VALID, { ...VALID, line: WHEEL }]);
    driver.unmask(WHEEL);
    assertEquals(driver.takeBuffers(), [{ ...VALID, line: WHEEL }]);
  }));

Deno.test("gpio gives a second buffer of a line back, and the first one serves on", () =>
  withType(RISING, (driver, { lines: [door], reports }) => {
    driver.unmask(DOOR);
    driver.offerBuffer(5, DOOR);
    driver.submit();
    assertEquals(driver.takeBuffers(), [INVALID]);
    assertMatch(
      reports[0]!,
      /queue 1: the chain at 10 is given back unused: line 0 has an event buffer already$/,
    );
    door!.raise();
    assertEquals(driver.takeBuffers(), [VALID]);
  }));

Deno.test("gpio goes on after a pause with the buffers it has, and with edges that came meanwhile", () =>
  withType(RISING, (driver, { lines: [door] }) => {
    driver.unmask(DOOR);
    driver.pause(() => {
      door!.raise();
      assertEquals(driver.frontEnd.eventq.usedCount, 0, "nothing is written in a stopped queue");
    });
    assertEquals(driver.takeBuffers(), [VALID]);
    driver.unmask(DOOR);
    driver.pause(() => {});
    assertEquals(driver.takeBuffers(), []);
    door!.lower();
    door!.raise();
    assertEquals(driver.takeBuffers(), [VALID]);
  }));

Deno.test("gpio gives back after a pause what the driver took the type of meanwhile", () =>
  withType(RISING, (driver) => {
    driver.unmask(DOOR);
    driver.frontEnd.enable(1, false);
    driver.ask(SET_IRQ_TYPE, DOOR, NONE);
    assertEquals(driver.takeBuffers(), []);
    driver.frontEnd.enable(1, true);
    assertEquals(driver.takeBuffers(), [INVALID]);
  }));

Deno.test("gpio forgets the buffers of a driver that is gone", () =>
  withType(RISING, (driver, { lines: [door] }) => {
    driver.unmask(DOOR);
    driver.reboot();
    door!.raise();
    assertEquals(driver.takeBuffers(), []);
    door!.lower();
    driver.ask(SET_IRQ_TYPE, DOOR, RISING);
    driver.unmask(DOOR);
    door!.raise();
    assertEquals(driver.takeBuffers(), [VALID]);
  }));

Deno.test("gpio gives a buffer back unwritten whose memory is gone", () =>
  withType(RISING, (driver, { lines: [door] }) => {
    driver.unmask(DOOR);
    const [rings, ...buffers] = driver.frontEnd.memory.regions();
    driver.frontEnd.shareMemory([rings!]);
    door!.raise();
    assertEquals(driver.takeBuffers().map(({ size }) => size), [0]);
    driver.frontEnd.shareMemory([rings!, ...buffers]);
    driver.unmask(DOOR);
    door!.lower();
    door!.raise();
    assertEquals(driver.takeBuffers(), [VALID]);
  }));

Deno.test("gpio lets go of the lines when the guest is gone", () =>
  withGpio((backEnd) => {
    const driver = backEnd.start();
    driver.ask(SET_IRQ_TYPE, DOOR, RISING);
    driver.unmask(DOOR);
    driver.frontEnd.disconnect();
    driver.frontEnd.settle();
    backEnd.lines[DOOR]!.raise();
    const next = backEnd.start();
    next.ask(SET_IRQ_TYPE, DOOR, HIGH);
    next.unmask(DOOR);
    assertEquals(next.takeBuffers(), [VALID]);
  }));

Deno.test("gpio listens to a line exactly while it has a type", () =>
  withGpio((backEnd) => {
    const [door] = backEnd.lines;
    const driver = backEnd.start();
    const counts = [RISING, HIGH, NONE, BOTH, NONE, LOW].map((type) => {
      driver.ask(SET_IRQ_TYPE, DOOR, type);
      return door!.listenerCount;
    });
    assertEquals(counts, [1, 1, 0, 1, 0, 1]);
    driver.reboot();
    assertEquals(door!.listenerCount, 0);
    driver.ask(SET_IRQ_TYPE, DOOR, LOW);
    driver.frontEnd.disconnect();
    driver.frontEnd.settle();
    assertEquals(door!.listenerCount, 0);
  }));

Deno.test("gpio tells of a guest that is lost only those lines which it could interrupt on", () =>
  withGpio((backEnd) => {
    const lost: string[] = [];
    for (const line of backEnd.lines) line.onGuestLost = () => lost.push(line.name);
    const driver = backEnd.start();
    driver.reboot();
    assertEquals(lost, []);
    driver.ask(SET_IRQ_TYPE, WHEEL, HIGH);
    driver.reboot();
    assertEquals(lost, ["wheel"]);
    driver.ask(SET_IRQ_TYPE, DOOR, RISING);
    driver.frontEnd.close();
    backEnd.start();
    assertEquals(lost, ["wheel", "door"]);
  }));

Deno.test("gpio forgets the buffers of an event queue that begins anew by itself", () =>
  withType(RISING, (driver, { lines: [door] }) => {
    driver.unmask(DOOR);
    const { frontEnd } = driver;
    frontEnd.enable(EVENTQ, false);
    frontEnd.stopQueue(EVENTQ);
    frontEnd.eventq.clear();
    frontEnd.startQueue(EVENTQ, 0);
    frontEnd.enable(EVENTQ, true);
    door!.raise();
    assertEquals(driver.takeBuffers(), []);
    driver.unmask(DOOR);
    assertEquals(driver.takeBuffers(), [VALID], "the edge was kept");
  }));

Deno.test("gpio without the feature of interrupts serves requests", () =>
  withGpio((backEnd) => {
    const driver = backEnd.connect({ features: 0x1_7000_0000n });
    driver.start();
    assertEquals(driver.ask(SET_DIRECTION, DOOR, 2), [0, 0]);
    backEnd.lines[DOOR]!.raise();
    assertEquals(driver.ask(4, DOOR), [0, 1]);
    assertEquals(driver.frontEnd.set(REQUEST.SET_FEATURES, u64(0x1_7000_0002n)), false);
  }));
