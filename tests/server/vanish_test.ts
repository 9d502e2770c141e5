// Agents that vanish for real, from sockets: a guest that is killed amid a transaction, one that reboots, a QEMU that comes
// back, a connection that breaks off amid a frame. What becomes of what they had asked for is the policy's matter; others notice
// nothing else, and nothing of them stays behind.
import { assert, assertEquals } from "@std/assert";
import { type Board, defineBoard } from "../../boards/board.ts";
import type { VanishPolicy } from "../../boards/vanish.ts";
import { WHOLE_BOARD } from "../../boards/view.ts";
import * as clock from "../../protocols/clock/messages.ts";
import { encodeCommand } from "../../scp/agent/agent.ts";
import { createPlatform } from "../../scp/control/platform.ts";
import { HEADER_SIZE } from "../../scp/core/header.ts";
import { checkInvariants } from "../../scp/model/invariants.ts";
import type { P2aSink } from "../../transports/channel.ts";
import { createReactor } from "../../transports/ffi/reactor.ts";
import { LoopbackChannel } from "../../transports/loopback.ts";
import { frameOf } from "../../transports/message/frame.ts";
import { MessageSite } from "../contract/message.ts";
import { descriptorCountOf } from "../support/front_end_descriptors.ts";
import { BackEnd, VERSION_COMMAND } from "../support/front_end_fixture.ts";

const GUEST = 1;
const CLOCK = 0x14;
const MS = 1000;
const DROP_AFTER_MS = 10;

const POLICIES: readonly VanishPolicy[] = ["keep", "reset", { dropAfterMs: DROP_AFTER_MS }];

function boardWith(onVanish: VanishPolicy): Board {
  return defineBoard({
    name: "vanish",
    title: "A clock that two guests share",
    identity: { vendor: "test", subVendor: "vanish", implementationVersion: 1 },
    agents: [
      { name: "guest", kind: "OSPM", view: WHOLE_BOARD, onVanish },
      { name: "other", kind: "OSPM", view: WHOLE_BOARD },
    ],
    clocks: [
      {
        id: 0,
        name: "bus",
        rateHz: 800,
        ratio: { kind: "dividers", dividers: [1, 2, 4, 8], divider: 8 },
        hasGate: true,
        startsEnabled: false,
        rateLatencyUs: 1000,
        notifiesRate: true,
        notifiesRequests: true,
      },
    ],
    arbitration: { clock: { "*": { rate: "highest" } } },
    sensors: [],
  });
}

const TURN_ON = encodeCommand(CLOCK, clock.CLOCK_CONFIG_SET, {
  clockId: 0,
  attributes: { state: 1, extendedType: 0 },
  extendedValue: 0,
}, 2);

function rateOf(rateHz: number, isAsync: boolean): Uint8Array {
  return encodeCommand(CLOCK, clock.CLOCK_RATE_SET, {
    flags: { async: isAsync, ignoresDelayed: false, roundsUp: false, roundsToNearest: true },
    clockId: 0,
    rateHz: BigInt(rateHz),
  }, 3);
}

const HEAR_RATES = encodeCommand(CLOCK, clock.CLOCK_RATE_NOTIFY, {
  clockId: 0,
  notifyEnable: { enable: true },
}, 4);

/** What a guest that wants the clock on, at 400 Hz, and to hear of it, sends. */
const SESSION = [TURN_ON, rateOf(400, false), HEAR_RATES];

/** The hardware, and what is there of the guest. */
function open(onVanish: VanishPolicy) {
  const { machine, model } = createPlatform(boardWith(onVanish));
  const real = model.clockTree.clocks[0]!;
  const { presence, channels } = machine.agents.find("guest")!;
  const told: string[] = [];
  machine.presence.add(({ agentId, event }) => agentId === GUEST && told.push(event));
  return {
    machine,
    model,
    channels,
    told,
    isThere: () => presence.isThere,
    state: () => {
      assertEquals(checkInvariants(model), []);
      return [real.isEnabled, real.outputHz];
    },
    pass: (ms: number) => machine.step(machine.nowUs() + ms * MS),
  };
}

const WANTED = [true, 400];
const BOOT = [false, 100];
const OTHERS = [true, 200];

/** What is left of the guest's wishes at once, and after the time it has to come back. */
const LEFT: Readonly<Record<string, readonly [unknown, unknown]>> = {
  keep: [WANTED, WANTED],
  reset: [OTHERS, OTHERS],
  dropAfterMs: [WANTED, OTHERS],
};

function nameOf(policy: VanishPolicy): string {
  return typeof policy === "string" ? policy : "dropAfterMs";
}

/** Two guests at virtio sockets of one platform. */
function withGuests(
  onVanish: VanishPolicy,
  body: (scene: ReturnType<typeof open> & { readonly guest: BackEnd; readonly other: BackEnd }) => void,
): void {
  const scene = open(onVanish);
  const dir = Deno.makeTempDirSync();
  const reactor = createReactor();
  const [guest, other] = ["guest", "other"].map((name) =>
    new BackEnd(reactor, `${dir}/${name}.sock`, scene.machine.openChannel(name)!)
  );
  try {
    body({ ...scene, guest: guest!, other: other! });
  } finally {
    guest!.close();
    other!.close();
    reactor.close();
    Deno.removeSync(dir, { recursive: true });
  }
}

function isSuccess(reply: Uint8Array | null): boolean {
  return reply !== null && new DataView(reply.buffer, reply.byteOffset).getInt32(HEADER_SIZE, true) === 0;
}

for (const policy of POLICIES) {
  const [atOnce, later] = LEFT[nameOf(policy)]!;

  Deno.test(`a guest that is killed amid a transaction leaves what its policy says: ${nameOf(policy)}`, () => {
    withGuests(policy, ({ guest, other, machine, model, state, pass, isThere, told, channels }) => {
      const neighbour = other.start();
      for (const command of [TURN_ON, rateOf(200, false), HEAR_RATES]) {
        assert(isSuccess(neighbour.command(command)));
      }
      const listenerTimers = machine.timeline.size;
      const qemu = guest.start();
      for (const command of SESSION) assert(isSuccess(qemu.command(command)));
      assertEquals([state(), isThere()], [WANTED, true]);
      while (neighbour.takeEvent() !== null);
      // A change that takes its time is on its way, and a command lies in the ring, when the process ends.
      assert(isSuccess(qemu.command(rateOf(800, true))));
      qemu.cmdq.offer(qemu.prepare(1, rateOf(100, false), 64));
      const memory = qemu.memory.fd;
      qemu.disconnect();
      guest.settle();
      assertEquals([descriptorCountOf(memory), isThere(), told.at(-1)], [
        1,
        false,
        policy === "reset" ? "votesDropped" : "left",
      ]);
      assertEquals(state(), atOnce);
      pass(1);
      const isKeptYet = policy !== "reset";
      assertEquals(state(), isKeptYet ? [true, 800] : OTHERS, "what was on its way");
      pass(DROP_AFTER_MS);
      assertEquals(state(), later === WANTED ? [true, 800] : OTHERS);
      assert(isSuccess(neighbour.command(VERSION_COMMAND)));
      assertEquals(channels.length, 1, "the socket waits for the next");
      assertEquals(machine.timeline.size, listenerTimers, "no timer of the guest is left");
      if (policy !== "keep") assertEquals(model.arbitration.votes().map(({ agentId }) => agentId), [2, 2]);
      const next = guest.start();
      assert(isSuccess(next.command(VERSION_COMMAND)));
      qemu.close();
    });
  });

  Deno.test(`a guest that reboots has what its policy says: ${nameOf(policy)}`, () => {
    withGuests(policy, ({ guest, state, pass, told, isThere }) => {
      const qemu = guest.start();
      for (const command of SESSION) assert(isSuccess(qemu.command(command)));
      qemu.stopDevice();
      qemu.startDevice();
      qemu.fillEventq();
      guest.settle();
      assertEquals(isThere(), true);
      const expected = policy === "reset" ? BOOT : WANTED;
      assertEquals(state(), expected);
      pass(2 * DROP_AFTER_MS);
      assertEquals(state(), expected, "it was back in time");
      assertEquals(told.includes("votesDropped"), policy === "reset");
      assert(isSuccess(qemu.command(TURN_ON)));
    });
  });

  Deno.test(`a QEMU that connects again in time finds what its policy says: ${nameOf(policy)}`, () => {
    withGuests(policy, ({ guest, state, pass, isThere }) => {
      const qemu = guest.start();
      for (const command of SESSION) assert(isSuccess(qemu.command(command)));
      qemu.disconnect();
      guest.settle();
      assertEquals(isThere(), false);
      pass(DROP_AFTER_MS / 2);
      const next = guest.start();
      pass(2 * DROP_AFTER_MS);
      assertEquals([state(), isThere()], [policy === "reset" ? BOOT : WANTED, true]);
      assert(isSuccess(next.command(rateOf(800, false))));
      assertEquals(next.takeEvent(), null, "nobody had subscribed on this connection");
      qemu.close();
    });
  });

  Deno.test(`a connection that breaks amid a frame leaves what its policy says: ${nameOf(policy)}`, () => {
    const { machine, model, state, pass, isThere, channels } = open(policy);
    const site = new MessageSite(() => machine.openChannel("guest")!);
    try {
      assertEquals(model.hardwareOf(2).clock[0]!.configure(2, { isEnabled: true, setting: null }), "SUCCESS");
      assertEquals(model.hardwareOf(2).clock[0]!.setRate(2, 200, "nearest"), "SUCCESS");
      const timerCount = machine.timeline.size;
      const agent = site.connect();
      for (const command of SESSION) agent.send(command);
      assertEquals(agent.take().length >= SESSION.length, true);
      assertEquals([state(), isThere(), channels.length], [WANTED, true, 1]);
      agent.sendBytes(frameOf(rateOf(100, false)).slice(0, 9));
      agent.disconnect();
      assertEquals([state(), isThere(), channels.length], [atOnce, false, 0]);
      pass(2 * DROP_AFTER_MS);
      assertEquals(state(), later);
      assertEquals(machine.timeline.size, timerCount);
    } finally {
      site.close();
    }
  });
}

Deno.test("a tool that comes and goes beside a guest takes nothing of what the guest wants", () => {
  withGuests("reset", ({ guest, machine, state, told }) => {
    const qemu = guest.start();
    for (const command of SESSION) assert(isSuccess(qemu.command(command)));
    const tool = machine.openChannel("guest")!;
    tool.attach({ send: () => "sent" });
    tool.close();
    assertEquals([state(), told], [WANTED, ["came"]]);
  });
});

Deno.test("a driver that begins anew and says nothing is gone when its time is over", () => {
  const { machine, told, isThere, state, pass } = open({ dropAfterMs: DROP_AFTER_MS });
  const channel = machine.openChannel("guest")!;
  const loopback = new LoopbackChannel(channel, { hasP2a: false });
  const sink: P2aSink = { send: () => "sent" };
  channel.attach(sink);
  for (const command of SESSION) assert(isSuccess(loopback.exchange(command)));
  // As virtio has it: the device says again where events go, whoever is there.
  channel.reset();
  channel.attach(sink);
  assertEquals([isThere(), told], [false, ["came", "left"]]);
  pass(DROP_AFTER_MS / 2);
  assert(isSuccess(loopback.exchange(VERSION_COMMAND)));
  assertEquals([isThere(), state()], [true, WANTED], "it has spoken in time");
  channel.reset();
  channel.attach(sink);
  pass(DROP_AFTER_MS);
  assertEquals([isThere(), state(), told.slice(3)], [false, BOOT, ["left", "votesDropped"]]);
});
