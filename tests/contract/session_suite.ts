// The part of the contract that is about more than one connection: what the platform sends of itself, agents that go away in the
// middle, and agents beside each other on one event loop.
import { assert, assertEquals } from "@std/assert";
import { encodeCommand } from "../../scp/agent/agent.ts";
import { MESSAGE_TYPE, packHeader } from "../../scp/core/header.ts";
import { NOTIFICATIONS_WAITING_MAX } from "../../scp/core/limits.ts";
import { STATUS } from "../../scp/core/status.ts";
import { BASE_RESET_AGENT_CONFIGURATION } from "../../protocols/base/messages.ts";
import { SENSOR_CONFIG_GET, SENSOR_CONFIG_SET } from "../../protocols/sensor/messages.ts";
import { createReactor } from "../../transports/ffi/reactor.ts";
import { headerOf, statusOf, tokenOf, typeOf } from "../support/messages.ts";
import {
  askVersion,
  BASE,
  ENOUGH_US,
  Fixture,
  readLater,
  SENSOR,
  subscribe,
  TEMPERATURE,
  testOf,
  UPDATE_US,
  valueOfUpdate,
  wrapServe,
} from "./fixture.ts";
import type { ContractAgent, ContractTransport } from "./transport.ts";

/** Registers the tests of one transport. */
export function testSessions(transport: ContractTransport): void {
  testNotifications(transport);
  testReset(transport);
  testNeighbours(transport);
  if (transport.channelMax > 1) testChannels(transport);
}

function testNotifications(transport: ContractTransport): void {
  testOf(transport, "brings notifications to the agent that asked", (fixture) => {
    fixture.exchange(subscribe(1));
    fixture.step(2.5 * UPDATE_US);
    const updates = fixture.agent.take();
    const expected = packHeader(SENSOR, 0x1, MESSAGE_TYPE.notification, 0);
    assertEquals(updates.map(headerOf), [expected, expected]);
  });

  testOf(
    transport,
    "keeps delayed responses and the newest notifications for an agent that takes none",
    (fixture) => {
      const { agent, machine, temperature } = fixture;
      const periodCount = 200;
      const pass = () => {
        temperature.values = [temperature.values[0]! + 1];
        fixture.step(UPDATE_US);
        return temperature.values[0]!;
      };
      fixture.exchange(subscribe(1));
      fixture.exchange(readLater(2));
      agent.hold();
      const values = Array.from({ length: periodCount }, pass);
      agent.release();
      const came = agent.take();
      assertEquals(came.filter((each) => typeOf(each) === MESSAGE_TYPE.delayedResponse).map(tokenOf), [2]);
      const updates = came.filter((each) => typeOf(each) === MESSAGE_TYPE.notification);
      assertEquals(updates.map(valueOfUpdate), values.slice(-NOTIFICATIONS_WAITING_MAX));
      assertEquals(came.length, 1 + NOTIFICATIONS_WAITING_MAX);
      assertEquals(machine.trace.count("notificationDropped"), periodCount - NOTIFICATIONS_WAITING_MAX);
      const next = pass();
      assertEquals(agent.take().map(valueOfUpdate), [next]);
    },
    { p2a: "held" },
  );
}

/** What an agent has that begins: nothing has come, nothing comes, and its commands are answered. */
function assertFresh(fixture: Fixture, agent: ContractAgent): void {
  assertEquals(agent.take(), [], "nothing has come");
  fixture.step(2.5 * UPDATE_US);
  assertEquals(agent.take(), [], "nothing comes");
  const command = askVersion(0x3a5);
  const response = fixture.exchange(command, undefined, agent);
  assertEquals([headerOf(response), statusOf(response)], [headerOf(command), STATUS.SUCCESS]);
}

function testReset(transport: ContractTransport): void {
  testOf(transport, "answers RESET_AGENT_CONFIGURATION and gives up what was asked for", (fixture) => {
    fixture.exchange(subscribe(1));
    fixture.exchange(readLater(2));
    const reset = { agentId: 1, flags: { resetPermissions: false } };
    const response = fixture.exchange(encodeCommand(BASE, BASE_RESET_AGENT_CONFIGURATION, reset, 3));
    assertEquals(statusOf(response), STATUS.SUCCESS);
    assertFresh(fixture, fixture.agent);
    fixture.exchange(subscribe(4));
    fixture.step(UPDATE_US);
    assertEquals(fixture.agent.take().length, 1, "it may ask again");
  });

  testOf(transport, "gives a new connection a session of its own", (fixture) => {
    const { machine } = fixture;
    fixture.agent.disconnect();
    const channelCounts = new Set<number>();
    for (let round = 0; round < 20; round++) {
      const agent = fixture.connect();
      const config = fixture.exchange(
        encodeCommand(SENSOR, SENSOR_CONFIG_GET, TEMPERATURE, round),
        undefined,
        agent,
      );
      const isEnabled = (config[8]! & 1) !== 0;
      assert(isEnabled, `connection ${round} sees what the one before set`);
      const off = {
        intervalMantissa: 0,
        intervalExponent: 0,
        rounding: 0,
        timestamps: false,
        enabled: false,
      };
      agent.send(readLater(500 + round));
      agent.send(encodeCommand(SENSOR, SENSOR_CONFIG_SET, { ...TEMPERATURE, config: off }, round));
      assertEquals(agent.take().map(statusOf), [STATUS.SUCCESS, STATUS.SUCCESS]);
      channelCounts.add(machine.agents.find("OSPM")!.channels.length);
      agent.disconnect();
      fixture.step(ENOUGH_US);
    }
    assertEquals([...channelCounts], [1], "channels of closed connections are forgotten");
    assertEquals(machine.trace.count("delayedResponse"), 0);
  });

  testOf(
    transport,
    "leaves nothing of an agent that goes between its messages and their service",
    (fixture) => {
      const { agent } = fixture;
      for (let round = 0; round < 5; round++) {
        const leaver = round === 0 ? agent : fixture.connect();
        fixture.exchange(subscribe(1), undefined, leaver);
        fixture.exchange(readLater(2), undefined, leaver);
        for (let token = 3; token < 10; token++) {
          leaver.send(
            token % 2 === 0 ? askVersion(token) : readLater(token),
          );
        }
        leaver.vanish();
        leaver.disconnect();
        const next = fixture.connect();
        assertFresh(fixture, next);
        next.disconnect();
      }
    },
  );

  for (const moment of ["before", "after"] as const) {
    Deno.test(`${transport.name} leaves nothing of an agent that goes just ${moment} its command is carried out`, () => {
      const reactor = createReactor();
      const leaving: { agent: ContractAgent | null; count: number } = { agent: null, count: 0 };
      const leave = () => {
        if (leaving.agent === null) return;
        leaving.agent.vanish();
        leaving.agent = null;
        leaving.count++;
      };
      const fixture = new Fixture(transport, { reactor }, (port) =>
        wrapServe(port, (serve) => (...args) => {
          if (moment === "before") leave();
          const size = serve(...args);
          leave();
          return size;
        }));
      fixture.agent.disconnect();
      for (const command of [askVersion(1), readLater(2), subscribe(3)]) {
        const agent = fixture.connect();
        fixture.exchange(subscribe(4), undefined, agent);
        leaving.agent = agent;
        agent.send(command);
        agent.send(askVersion(5));
        fixture.site.look();
        while (reactor.runOnce(0) > 0);
        agent.disconnect();
        const next = fixture.connect();
        assertFresh(fixture, next);
        next.disconnect();
      }
      assertEquals(leaving.count, 3);
      fixture.close();
      reactor.close();
    });
  }
}

function testNeighbours(transport: ContractTransport): void {
  Deno.test(`${transport.name} serves an agent while another on its event loop takes nothing`, () => {
    const reactor = createReactor();
    const fixture = new Fixture(transport, { p2a: "held", reactor });
    const site = transport.serve(() => fixture.machine.openChannel("VM1")!, { reactor });
    const other = site.connect();
    fixture.exchange(subscribe(1));
    fixture.exchange(readLater(2));
    fixture.exchange(subscribe(3), undefined, other);
    fixture.agent.hold();
    let updateCount = 0;
    for (let token = 0; token < 100; token++) {
      other.send(askVersion(token));
      const came = other.take();
      assertEquals(came.map(headerOf), [headerOf(askVersion(token))]);
      fixture.step(UPDATE_US / 10);
      updateCount += other.take().filter((each) => typeOf(each) === MESSAGE_TYPE.notification).length;
    }
    assertEquals(updateCount, 10);
    fixture.agent.release();
    const came = fixture.agent.take();
    const countOf = (type: number) => came.filter((each) => typeOf(each) === type).length;
    const counts = [came.length, countOf(MESSAGE_TYPE.delayedResponse), countOf(MESSAGE_TYPE.notification)];
    assertEquals(counts, [11, 1, 10], "nothing is lost of the one that took nothing");
    fixture.exchange(askVersion(4));
    other.disconnect();
    site.close();
    fixture.agent.disconnect();
    fixture.close();
    reactor.close();
  });
}

/** Of transports on which an agent has several channels. */
function testChannels(transport: ContractTransport): void {
  const channelCount = Math.min(transport.channelMax, 5);
  testOf(
    transport,
    `answers on each of ${channelCount} channels in its order, whatever the others do`,
    (fixture) => {
      fixture.agent.disconnect();
      const channels = fixture.site.connectSeveral();
      assertEquals(channels.length, channelCount);
      const tokens = (channel: number) => Array.from({ length: 64 }, (_, i) => 100 * channel + i);
      for (let i = 0; i < 64; i++) {
        channels.forEach((channel, number) => channel.send(askVersion(100 * number + i)));
      }
      const came = channels.map(() => [] as number[]);
      for (let isBusy = true; isBusy;) {
        isBusy = false;
        channels.forEach((channel, number) => {
          const messages = channel.take();
          came[number]!.push(...messages.map(tokenOf));
          if (messages.length > 0) isBusy = true;
        });
      }
      assertEquals(came, channels.map((_, number) => tokens(number)));
      // What comes later comes once, with the token of its command.
      channels.forEach((channel, number) => {
        channel.send(readLater(900 + number));
        assertEquals(channel.take().map(tokenOf), [900 + number]);
      });
      fixture.step(ENOUGH_US);
      const later = channels.flatMap((channel) => channel.take().map(tokenOf));
      assertEquals(later.toSorted(), channels.map((_, number) => 900 + number));
      for (const channel of channels) channel.disconnect();
    },
    { channelCount },
  );
}
