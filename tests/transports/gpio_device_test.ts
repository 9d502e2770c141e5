// The virtio-gpio device as a front-end and a guest's driver find it: features, config space, and requests about lines.
// virtio 1.3, 5.18. Numbers are written out, apart from those of the device.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { listenGpio } from "../../transports/gpio/listener.ts";
import { createReactor } from "../../transports/ffi/reactor.ts";
import { InterruptGpioLine } from "../../transports/gpio/interrupt_gpio_line.ts";
import { REQUEST } from "../../transports/vhost_user/messages.ts";
import { FILLING, type GpioDriver, withGpio } from "../support/gpio_driver.ts";

const NAMES = 1;
const GET_DIRECTION = 2;
const SET_DIRECTION = 3;
const GET_VALUE = 4;
const SET_VALUE = 5;
const SET_IRQ_TYPE = 6;

const NONE = 0;
const OUT = 1;
const IN = 2;

const OK = [0, 0];
const ERROR = [1, 0];

const INPUT = 0;
const OUTPUT = 2;
const NO_LINE = 3;

/** The payload of a request for the config space. */
function configRequest(offset: number, size: number, claimed = size): Uint8Array {
  const payload = new Uint8Array(12 + size).fill(FILLING);
  new DataView(payload.buffer).setUint32(0, offset, true);
  new DataView(payload.buffer).setUint32(4, claimed, true);
  new DataView(payload.buffer).setUint32(8, 0, true);
  return payload;
}

/** Asks for a part of the config space; null = the connection was closed. */
function readConfig({ frontEnd }: GpioDriver, payload: Uint8Array): readonly number[] | null {
  frontEnd.send(REQUEST.GET_CONFIG, payload);
  const answer = frontEnd.receive();
  assert(answer !== null, "the front-end waits for an answer");
  if (answer === "closed") return null;
  assertEquals([answer.request, answer.flags], [REQUEST.GET_CONFIG, 5]);
  return [...new Uint8Array(answer.payload.buffer, answer.payload.byteOffset, answer.payload.byteLength)];
}

Deno.test("gpio offers exactly IRQ, INDIRECT_DESC, EVENT_IDX, VERSION_1, MQ, REPLY_ACK and CONFIG, and two queues", () =>
  withGpio((backEnd) => {
    const { frontEnd } = backEnd.connect();
    assertEquals(frontEnd.ask(REQUEST.GET_FEATURES), 0x1_7000_0001n);
    assertEquals(frontEnd.ask(REQUEST.GET_PROTOCOL_FEATURES), 0x209n);
    assertEquals(frontEnd.ask(REQUEST.GET_QUEUE_NUM), 2n);
  }));

Deno.test("gpio tells the number of lines and the size of their names, wholly or in part", () =>
  withGpio((backEnd) => {
    const driver = backEnd.start();
    const size = "door\0wheel\0lamp\0".length;
    assertEquals(readConfig(driver, configRequest(0, 8)), [
      ...[0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0],
      ...[3, 0, 0, 0, size, 0, 0, 0],
    ]);
    assertEquals(readConfig(driver, configRequest(4, 2))?.slice(12), [size, 0]);
    assertEquals(readConfig(driver, configRequest(8, 0))?.slice(12), []);
  }));

Deno.test("gpio answers with nothing where there is no config space, and goes on", () =>
  withGpio((backEnd) => {
    const driver = backEnd.start();
    for (const [offset, size] of [[0, 9], [8, 1], [0xffff_ffff, 8], [0xffff_fff8, 8], [0, 4000]] as const) {
      assertEquals(readConfig(driver, configRequest(offset, size)), []);
    }
    assertEquals(driver.ask(GET_VALUE, INPUT), OK);
    assertMatch(backEnd.reports[0]!, /GET_CONFIG of 9 bytes at 0: the config space has 8$/);
  }));

Deno.test("gpio closes a connection whose request for the config space has another size than it says", () =>
  withGpio((backEnd) => {
    for (
      const payload of [configRequest(0, 8, 9), configRequest(0, 8, 7), new Uint8Array(11), new Uint8Array(0)]
    ) {
      const driver = backEnd.start();
      assertEquals(readConfig(driver, payload), null);
    }
    assertEquals(backEnd.start().ask(GET_VALUE, INPUT), OK);
  }));

Deno.test("gpio tells the names of all lines", () =>
  withGpio((backEnd) => {
    const text = "door\0wheel\0lamp\0";
    const response = backEnd.start().ask(NAMES, 0, 0, 1 + text.length);
    assertEquals(response?.[0], 0);
    assertEquals(new TextDecoder().decode(Uint8Array.from(response!.slice(1))), text);
  }));

Deno.test("gpio refuses to tell names in too little room, and writes all of that", () =>
  withGpio((backEnd) => {
    const driver = backEnd.start();
    assertEquals(driver.ask(NAMES, 0, 0, 40)?.length, 17, "more room is not written to");
    assertEquals(driver.ask(NAMES, 0, 0, 16), [1, ...new Array(15).fill(0)]);
    assertEquals(driver.ask(NAMES, 0, 0, 2), ERROR);
  }));

Deno.test("gpio lines have no direction at first, and keep the one they are given", () =>
  withGpio((backEnd) => {
    const driver = backEnd.start();
    for (const [line, direction] of [[INPUT, IN], [OUTPUT, OUT]] as const) {
      assertEquals(driver.ask(GET_DIRECTION, line), [0, NONE]);
      assertEquals(driver.ask(SET_DIRECTION, line, direction), OK);
      assertEquals(driver.ask(GET_DIRECTION, line), [0, direction]);
      assertEquals(driver.ask(SET_DIRECTION, line, NONE), OK);
      assertEquals(driver.ask(GET_DIRECTION, line), [0, NONE]);
    }
  }));

Deno.test("gpio refuses a direction that a line does not have", () =>
  withGpio((backEnd) => {
    const driver = backEnd.start();
    for (const [line, direction] of [[INPUT, OUT], [OUTPUT, IN], [INPUT, 3], [INPUT, 0x1_0002]] as const) {
      assertEquals(driver.ask(SET_DIRECTION, line, direction), ERROR);
    }
    assertEquals(driver.ask(GET_DIRECTION, INPUT), [0, NONE]);
  }));

Deno.test("gpio tells the level that a line has now", () =>
  withGpio((backEnd) => {
    const driver = backEnd.start();
    driver.ask(SET_DIRECTION, INPUT, IN);
    assertEquals(driver.ask(GET_VALUE, INPUT), [0, 0]);
    backEnd.lines[INPUT]!.raise();
    assertEquals(driver.ask(GET_VALUE, INPUT), [0, 1]);
    assertEquals(driver.ask(GET_VALUE, 1), [0, 0]);
    backEnd.lines[INPUT]!.lower();
    assertEquals(driver.ask(GET_VALUE, INPUT), [0, 0]);
  }));

Deno.test("gpio drives an output from the moment it is one, with the value set before", () =>
  withGpio((backEnd) => {
    const driver = backEnd.start();
    assertEquals(driver.ask(SET_VALUE, OUTPUT, 1), OK);
    assertEquals(backEnd.output.driven, []);
    assertEquals(driver.ask(SET_DIRECTION, OUTPUT, OUT), OK);
    assertEquals(backEnd.output.driven, [1]);
    assertEquals(driver.ask(SET_VALUE, OUTPUT, 0), OK);
    assertEquals(backEnd.output.driven, [1, 0]);
    assertEquals(driver.ask(GET_VALUE, OUTPUT), [0, 0]);
    // What is set while it is none is forgotten with the direction.
    assertEquals(driver.ask(SET_DIRECTION, OUTPUT, NONE), OK);
    assertEquals(driver.ask(SET_DIRECTION, OUTPUT, OUT), OK);
    assertEquals(backEnd.output.driven, [1, 0]);
  }));

Deno.test("gpio refuses values that are none, and to drive an input", () =>
  withGpio((backEnd) => {
    const driver = backEnd.start();
    driver.ask(SET_DIRECTION, OUTPUT, OUT);
    for (
      const [line, value] of [[OUTPUT, 2], [OUTPUT, 0x100], [OUTPUT, 0xffff_ffff], [INPUT, 1], [
        INPUT,
        0,
      ]] as const
    ) {
      assertEquals(driver.ask(SET_VALUE, line, value), ERROR);
    }
    assertEquals(backEnd.output.driven, []);
  }));

Deno.test("gpio refuses interrupt types there are not, and any of an output", () =>
  withGpio((backEnd) => {
    const driver = backEnd.start();
    for (const type of [1, 2, 3, 4, 8, 0]) assertEquals(driver.ask(SET_IRQ_TYPE, INPUT, type), OK);
    for (const type of [5, 6, 7, 9, 12, 0x1_0001]) assertEquals(driver.ask(SET_IRQ_TYPE, INPUT, type), ERROR);
    assertEquals(driver.ask(SET_IRQ_TYPE, OUTPUT, 1), ERROR);
    assertEquals(driver.ask(SET_IRQ_TYPE, OUTPUT, 0), OK);
  }));

Deno.test("gpio refuses lines and requests there are not", () =>
  withGpio((backEnd) => {
    const driver = backEnd.start();
    for (const type of [GET_DIRECTION, SET_DIRECTION, GET_VALUE, SET_VALUE, SET_IRQ_TYPE]) {
      for (const line of [NO_LINE, 0xffff]) assertEquals(driver.ask(type, line), ERROR);
    }
    for (const type of [0, 7, 0xffff]) assertEquals(driver.ask(type, INPUT), ERROR);
  }));

Deno.test("gpio forgets what a driver made of its lines when another one starts", () =>
  withGpio((backEnd) => {
    const driver = backEnd.start();
    driver.ask(SET_DIRECTION, INPUT, IN);
    driver.reboot();
    assertEquals(driver.ask(GET_DIRECTION, INPUT), [0, NONE]);
  }));

Deno.test("gpio keeps what a driver made of its lines while the machine is paused", () =>
  withGpio((backEnd) => {
    const driver = backEnd.start();
    driver.ask(SET_DIRECTION, INPUT, IN);
    driver.pause(() => {});
    assertEquals(driver.ask(GET_DIRECTION, INPUT), [0, IN]);
  }));

Deno.test("gpio serves the next front-end, with lines as after a reset", () =>
  withGpio((backEnd) => {
    const first = backEnd.start();
    first.ask(SET_DIRECTION, INPUT, IN);
    first.frontEnd.disconnect();
    first.frontEnd.settle();
    assertEquals(backEnd.start().ask(GET_DIRECTION, INPUT), [0, NONE]);
  }));

Deno.test("listenGpio says in one line what it cannot serve", () => {
  const reactor = createReactor();
  const many = Array.from({ length: 1025 }, (_, n) => new InterruptGpioLine(`line${n}`));
  const errorOf = (path: string, lines: InterruptGpioLine[]) => {
    const endpoint = listenGpio(reactor, path, lines);
    return "error" in endpoint ? endpoint.error : "";
  };
  assertEquals(
    errorOf("/nowhere/gpio.sock", []),
    "Cannot serve 0 GPIO lines at /nowhere/gpio.sock: 1 to 1024 can be",
  );
  assertMatch(errorOf("/nowhere/gpio.sock", many), /^Cannot serve 1025 GPIO lines/);
  assertMatch(errorOf("/nowhere/gpio.sock", many.slice(1)), /\/nowhere\/gpio\.sock/);
  reactor.close();
});
