// Delayed responses behind responses: a driver that tells what it has taken finds the response first, one that tells nothing
// still gets everything. Time is that of the host, in waits that an alarm ends.
import { assert, assertEquals } from "@std/assert";
import { packHeader } from "../../scp/core/header.ts";
import { createMessageBuffer } from "../../transports/channel.ts";
import { type BackEnd, VERSION_ANSWER, VERSION_COMMAND, withBackEnd } from "../support/front_end_fixture.ts";
import { ALL_FEATURES, FEATURES, type FrontEnd } from "../support/vhost_user_front_end.ts";

const DELAYED = createMessageBuffer(12);
DELAYED.view.setUint32(0, packHeader(0x15, 0x6, 2, 1), true);
const NOTIFICATION = createMessageBuffer(12);
NOTIFICATION.view.setUint32(0, packHeader(0x15, 0x1, 3, 0), true);
/** Each look waits twice as long as the one before; there are eight. */
const LOOK_COUNT = 8;

/** A front-end whose driver has not taken the response to a command. */
function startWithResponse(backEnd: BackEnd, features?: bigint): FrontEnd {
  const frontEnd = backEnd.start(features === undefined ? {} : { features });
  serve(frontEnd);
  return frontEnd;
}

function serve(frontEnd: FrontEnd): void {
  frontEnd.cmdq.offer(frontEnd.prepare(0, VERSION_COMMAND, 136));
  frontEnd.cmdq.submit();
  frontEnd.settle();
  assertEquals(frontEnd.cmdq.usedCount, 1);
}

/** Takes the response as Linux does: then it asks to be called for the next. */
function takeResponse(frontEnd: FrontEnd): void {
  assertEquals(frontEnd.cmdq.take()?.size, VERSION_ANSWER.length);
  assertEquals(frontEnd.cmdq.askForCall(), false);
}

const send = (backEnd: BackEnd, message = DELAYED) => backEnd.port.sink?.send(message, 12);

/** Waits until the device has looked at its driver again; returns whether the platform was told to go on. */
function waitForLook(backEnd: BackEnd): boolean {
  const before = backEnd.port.p2aReadyCount;
  assertEquals(backEnd.reactor.runOnce(10_000), 1);
  return backEnd.port.p2aReadyCount > before;
}

Deno.test("a delayed response waits until the driver has taken the response, and goes at the next look", () => {
  withBackEnd((backEnd) => {
    const frontEnd = startWithResponse(backEnd);
    assertEquals(send(backEnd), "full");
    assertEquals(waitForLook(backEnd), true);
    assertEquals(send(backEnd), "full");
    assertEquals(frontEnd.takeEvent(), null);
    takeResponse(frontEnd);
    assertEquals(waitForLook(backEnd), true);
    assertEquals(send(backEnd), "sent");
    assertEquals(frontEnd.takeEvent(), DELAYED.bytes);
    // Now that nothing is on its way, all go at once.
    assertEquals(send(backEnd), "sent");
    assertEquals(frontEnd.command(VERSION_COMMAND), VERSION_ANSWER);
  });
});

Deno.test("a delayed response waits for the responses before it only, also while more come", () => {
  withBackEnd((backEnd) => {
    const frontEnd = startWithResponse(backEnd);
    assertEquals(send(backEnd), "full");
    takeResponse(frontEnd);
    serve(frontEnd);
    assertEquals(send(backEnd), "sent");
    // The next one is behind the second response, too.
    assertEquals(send(backEnd), "full");
    takeResponse(frontEnd);
    assertEquals(send(backEnd), "sent");
  });
});

Deno.test("a driver that does not tell what it has taken is waited for once, and gets everything", () => {
  withBackEnd((backEnd) => {
    const frontEnd = startWithResponse(backEnd);
    for (let look = 0; look < LOOK_COUNT; look++) {
      assertEquals(send(backEnd), "full");
      assertEquals(waitForLook(backEnd), true);
    }
    assertEquals(send(backEnd), "sent");
    for (let i = 0; i < 3; i++) {
      assertEquals(frontEnd.cmdq.take()?.size, VERSION_ANSWER.length);
      serve(frontEnd);
      assertEquals(send(backEnd), "sent");
    }
    // Once it tells it is trusted again.
    takeResponse(frontEnd);
    assertEquals(send(backEnd), "sent");
    serve(frontEnd);
    assertEquals(send(backEnd), "full");
  });
});

Deno.test("asking again does not put off the look at the driver", () => {
  withBackEnd((backEnd) => {
    startWithResponse(backEnd);
    // However often the platform tries meanwhile, the looks come, and there is an end of them.
    for (let tries = 0; send(backEnd) === "full"; tries++) {
      assert(tries < 1_000_000);
      backEnd.reactor.runOnce(0);
    }
  });
});

Deno.test("delayed responses go at once where rings have no event index, and notifications in any case", () => {
  withBackEnd((backEnd) => {
    startWithResponse(backEnd, ALL_FEATURES & ~FEATURES.eventIndex);
    assertEquals(send(backEnd), "sent");
  });
  withBackEnd((backEnd) => {
    startWithResponse(backEnd);
    assertEquals(send(backEnd, NOTIFICATION), "sent");
    assertEquals(send(backEnd), "full");
    assertEquals(send(backEnd, NOTIFICATION), "sent");
  });
});

Deno.test("a look that comes after the device was stopped and started finds nothing held", () => {
  withBackEnd((backEnd) => {
    const frontEnd = startWithResponse(backEnd);
    // The last look is far enough for the device to be started before it.
    for (let look = 0; look < LOOK_COUNT - 1; look++) {
      assertEquals(send(backEnd), "full");
      assertEquals(waitForLook(backEnd), true);
    }
    assertEquals(send(backEnd), "full");
    frontEnd.stopDevice();
    frontEnd.startDevice();
    const before = backEnd.port.p2aReadyCount;
    backEnd.reactor.runOnce(30);
    assertEquals(backEnd.port.p2aReadyCount, before);
    assertEquals(send(backEnd), "full", "the response is still there");
  });
});
