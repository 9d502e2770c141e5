// The loop on a real reactor, with pipes in place of transports and a clock that the test moves.
import { assertEquals } from "@std/assert";
import { minimalBoard } from "../../boards/minimal.ts";
import { ControlInbox } from "../../scp/control/control_inbox.ts";
import { CoreLoop } from "../../scp/control/core_loop.ts";
import { createPlatform } from "../../scp/control/platform.ts";
import { HostTime, SteppedTime, type TimeDriver } from "../../scp/core/clock.ts";
import { EFD_NONBLOCK, libc, READABLE } from "../../transports/ffi/libc.ts";

const ONE = new Uint8Array([1, 0, 0, 0, 0, 0, 0, 0]);

function createLoop(driver: TimeDriver) {
  const platform = createPlatform(minimalBoard, { seed: 1 });
  const loop = new CoreLoop(platform.machine, platform.model, driver);
  return { ...platform, loop };
}

/** A descriptor that is ready until its handler has run; each run of the handler is a turn of the loop. */
function addEvent(loop: CoreLoop, onReady: () => void): () => void {
  const fd = libc.eventfd(0, EFD_NONBLOCK);
  const count = new Uint8Array(8);
  loop.reactor.register(fd, READABLE, false, {
    onReady: () => {
      libc.read(fd, count, 8);
      onReady();
      return false;
    },
  });
  return () => void libc.write(fd, ONE, 8);
}

Deno.test("CoreLoop sets virtual time before the first handler of a turn, and once per turn", () => {
  let looks = 0;
  const driver: TimeDriver = { usPerHostMs: 1000, nowUs: () => ++looks * 1000, waitMs: () => 0 };
  const { loop, machine } = createLoop(driver);
  const seenUs: number[] = [];
  const handler = () => {
    seenUs.push(machine.nowUs());
    if (seenUs.length === 2) loop.stop();
  };
  const ring = [addEvent(loop, handler), addEvent(loop, handler)];
  for (const write of ring) write();
  loop.run();
  assertEquals(seenUs, [1000, 1000]);
});

Deno.test("CoreLoop runs timers that are due without any message", () => {
  const clock = { ms: 0 };
  const { loop, machine } = createLoop(new HostTime(1, () => clock.ms++));
  const firedUs: number[] = [];
  machine.at(2500, () => firedUs.push(machine.nowUs()));
  machine.at(4000, () => loop.stop());
  loop.run();
  assertEquals(firedUs, [2500]);
});

Deno.test("CoreLoop keeps the physics at the present", () => {
  const clock = { ms: 0 };
  const { loop, machine, model } = createLoop(new HostTime(1, () => clock.ms += 60_000));
  const before = model.truth(0);
  machine.at(120_000_000, () => loop.stop());
  loop.run();
  assertEquals(machine.nowUs() >= 120_000_000, true);
  assertEquals(model.truth(0)[0]! > before[0]! + 1, true);
});

Deno.test("CoreLoop sleeps for ever in stepped time unless something is due", () => {
  const { loop, machine } = createLoop(new SteppedTime());
  const write = addEvent(loop, () => loop.stop());
  machine.at(1, () => {
    throw new Error("time has not been stepped");
  });
  write();
  loop.run();
  assertEquals(machine.nowUs(), 0);
});

Deno.test("ControlInbox serves one call per turn, and all that wait for one wake-up", () => {
  const { loop } = createLoop(new SteppedTime());
  const order: string[] = [];
  const calls = ["first", "second"];
  const inbox = new ControlInbox(loop.reactor, () => {
    const call = calls.shift();
    if (call === undefined) return false;
    order.push(call);
    // An agent's message that comes meanwhile is served before the next call.
    if (call === "first") ring();
    else loop.stop();
    return true;
  });
  const ring = addEvent(loop, () => order.push("agent"));
  libc.write(inbox.wakeFd, ONE, 8);
  loop.run();
  assertEquals(order, ["first", "agent", "second"]);
});
