// The contract that every transport keeps: whoever speaks SCMI over it gets the same answers in the same order. What is
// special to a transport (rings, frames) has tests of its own.
import { assert, assertEquals } from "@std/assert";
import { encodeCommand } from "../../scp/agent/agent.ts";
import { MESSAGE_TYPE, messageTypeOf, packHeader, TOKEN_MAX, tokenOf } from "../../scp/core/header.ts";
import { ASYNC_PENDING_MAX, NOTIFICATIONS_WAITING_MAX } from "../../scp/core/limits.ts";
import { STATUS } from "../../scp/core/status.ts";
import { BASE_DISCOVER_VENDOR, BASE_RESET_AGENT_CONFIGURATION } from "../../protocols/base/messages.ts";
import { PROTOCOL_MESSAGE_ATTRIBUTES, PROTOCOL_VERSION } from "../../protocols/every_protocol.ts";
import {
  SENSOR_CONFIG_GET,
  SENSOR_CONFIG_SET,
  SENSOR_CONTINUOUS_UPDATE_NOTIFY,
  SENSOR_DESCRIPTION_GET,
  SENSOR_READING_GET,
} from "../../protocols/sensor/messages.ts";
import type { Machine } from "../../scp/server/machine.ts";
import { createMachine } from "../support/platform.ts";
import type {
  AgentOptions,
  ClosablePort,
  ContractAgent,
  ContractSite,
  ContractTransport,
} from "./transport.ts";

const BASE = 0x10;
const SENSOR = 0x15;
/** The tests' temperature sensor; its asynchronous reading takes 2 ms. */
const TEMPERATURE = { sensorId: 0 } as const;
const READ_LATER = { ...TEMPERATURE, flags: { async: true } } as const;
const READ_NOW = { ...TEMPERATURE, flags: { async: false } } as const;
const ENOUGH_US = 10_000;

function headerOf(message: Uint8Array | undefined): number {
  assert(message !== undefined, "a message was expected");
  return new DataView(message.buffer, message.byteOffset).getUint32(0, true);
}

function statusOf(message: Uint8Array | undefined): number {
  assert(message !== undefined, "a message was expected");
  return new DataView(message.buffer, message.byteOffset).getInt32(4, true);
}

function typeOf(message: Uint8Array): number {
  return messageTypeOf(headerOf(message));
}

/** A message of zeros behind a header. */
function messageOf(header: number, size: number): Uint8Array {
  const bytes = new Uint8Array(Math.max(size, 4));
  new DataView(bytes.buffer).setUint32(0, header, true);
  return bytes.slice(0, size);
}

function askVersion(token: number): Uint8Array {
  return encodeCommand(BASE, PROTOCOL_VERSION, {}, token);
}

/** A machine with its agent OSPM served by a transport. */
class Fixture {
  readonly machine: Machine = createMachine();
  readonly site: ContractSite;
  readonly agent: ContractAgent;
  readonly #others: ContractAgent[] = [];

  constructor(transport: ContractTransport, options: AgentOptions = {}, wrap = (port: ClosablePort) => port) {
    this.site = transport.serve(() => wrap(this.machine.openChannel("OSPM")!));
    this.agent = this.site.connect(options);
  }

  /** Sends one command and returns its response; what comes beside it fails the test. */
  exchange(message: Uint8Array, room?: number): Uint8Array {
    this.agent.send(message, room);
    const [response, ...others] = this.agent.take();
    assertEquals(others, []);
    assert(response !== undefined, "no response came");
    return response;
  }

  step(us: number): void {
    this.machine.step(this.machine.nowUs() + us);
  }

  reconnect(): ContractAgent {
    const agent = this.site.connect();
    this.#others.push(agent);
    return agent;
  }

  close(): void {
    for (const agent of this.#others) agent.disconnect();
    this.site.close();
  }
}

/** Registers the tests of one transport. */
export function testContract(transport: ContractTransport): void {
  function test(name: string, body: (fixture: Fixture) => void, options: AgentOptions = {}): void {
    Deno.test(`${transport.name} ${name}`, () => {
      const fixture = new Fixture(transport, options);
      body(fixture);
      fixture.agent.disconnect();
      fixture.close();
    });
  }

  test("answers commands in their order, each with its token", ({ agent }) => {
    const tokens = Array.from({ length: transport.inFlightMax }, (_, i) => (i * 37) % (TOKEN_MAX + 1));
    const kinds = [
      (token: number) => askVersion(token),
      (token: number) => encodeCommand(BASE, BASE_DISCOVER_VENDOR, {}, token),
      (token: number) => encodeCommand(SENSOR, SENSOR_READING_GET, READ_NOW, token),
      (token: number) => encodeCommand(SENSOR, SENSOR_CONFIG_GET, { sensorId: 99 }, token),
    ];
    const commands = tokens.map((token, i) => kinds[i % kinds.length]!(token));
    for (const command of commands) agent.send(command);
    assertEquals(agent.take().map(headerOf), commands.map(headerOf));
  });

  test("answers a burst of 4000 commands, one response for each", ({ agent }) => {
    let count = 0;
    for (let sent = 0; sent < 4000; sent += transport.inFlightMax) {
      for (let i = 0; i < transport.inFlightMax; i++) agent.send(askVersion((sent + i) & TOKEN_MAX));
      const tokens = agent.take().map((response) => tokenOf(headerOf(response)));
      assertEquals(tokens, tokens.map((_, i) => (sent + i) & TOKEN_MAX));
      count += tokens.length;
    }
    assert(count >= 4000);
  });

  test("echoes headers bit for bit, whatever is wrong with them", (fixture) => {
    const cases: [number, number][] = [
      [packHeader(BASE, 0x0, 0, 0), STATUS.SUCCESS],
      [packHeader(BASE, 0x0, 0, TOKEN_MAX), STATUS.SUCCESS],
      [packHeader(BASE, 0x0, 1, 5), STATUS.PROTOCOL_ERROR],
      [packHeader(BASE, 0x0, 2, 5), STATUS.PROTOCOL_ERROR],
      [packHeader(BASE, 0x0, 3, 5), STATUS.PROTOCOL_ERROR],
      [(packHeader(BASE, 0x0, 0, 5) | 0x1000_0000) >>> 0, STATUS.PROTOCOL_ERROR],
      [(packHeader(BASE, 0x0, 0, 5) | 0x8000_0000) >>> 0, STATUS.PROTOCOL_ERROR],
      [(packHeader(BASE, 0x0, 0, 5) | 0xf000_0300) >>> 0, STATUS.PROTOCOL_ERROR],
      [packHeader(BASE, 0xff, 0, 9), STATUS.NOT_FOUND],
      [packHeader(0x00, 0x0, 0, 9), STATUS.NOT_SUPPORTED],
      [packHeader(0xff, 0xff, 0, 9), STATUS.NOT_SUPPORTED],
    ];
    for (const [header, status] of cases) {
      const response = fixture.exchange(messageOf(header, 4));
      assertEquals([headerOf(response), statusOf(response)], [header, status], header.toString(16));
    }
  });

  test("refuses commands of a wrong size and serves the next one", (fixture) => {
    const noParameters = packHeader(BASE, PROTOCOL_VERSION.id, 0, 1);
    const oneParameter = packHeader(BASE, PROTOCOL_MESSAGE_ATTRIBUTES.id, 0, 2);
    const cases: [number, number][] = [
      ...[5, 6, 7, 8, 128, 4095, 4096, 4097, 4100].map((size): [number, number] => [noParameters, size]),
      ...[4, 5, 6, 7, 9, 12].map((size): [number, number] => [oneParameter, size]),
    ];
    for (const [header, size] of cases) {
      const response = fixture.exchange(messageOf(header, size));
      const shown = [headerOf(response), statusOf(response), response.length];
      assertEquals(shown, [header, STATUS.PROTOCOL_ERROR, 8], `${size} bytes`);
    }
    assertEquals(statusOf(fixture.exchange(askVersion(3))), STATUS.SUCCESS);
  });

  test(`leaves messages too short for a header ${transport.onShortMessage}`, (fixture) => {
    for (const size of [0, 1, 2, 3]) {
      const agent = transport.onShortMessage === "disconnected" ? fixture.reconnect() : fixture.agent;
      agent.send(messageOf(packHeader(BASE, 0x0, 0, 0), size));
      const answers = agent.take().map((answer) => [statusOf(answer), answer.length]);
      assertEquals(answers, transport.onShortMessage === "refused" ? [[STATUS.PROTOCOL_ERROR, 8]] : []);
    }
    assertEquals(statusOf(fixture.exchange(askVersion(3))), STATUS.SUCCESS);
  });

  test("brings a delayed response after its response, with the same token", (fixture) => {
    const accepted = fixture.exchange(encodeCommand(SENSOR, SENSOR_READING_GET, READ_LATER, 0x2a5));
    assertEquals([statusOf(accepted), accepted.length], [STATUS.SUCCESS, 8]);
    assertEquals(fixture.agent.take(), []);
    fixture.step(ENOUGH_US);
    const [delayed, ...others] = fixture.agent.take();
    assertEquals(others, []);
    assertEquals(
      headerOf(delayed),
      packHeader(SENSOR, SENSOR_READING_GET.id, MESSAGE_TYPE.delayedResponse, 0x2a5),
    );
    assertEquals(statusOf(delayed), STATUS.SUCCESS);
  });

  test("answers BUSY beyond the pending delayed responses, until they are out", (fixture) => {
    const ask = (token: number) =>
      statusOf(fixture.exchange(encodeCommand(SENSOR, SENSOR_READING_GET, READ_LATER, token)));
    const tokens = Array.from({ length: ASYNC_PENDING_MAX }, (_, i) => 100 + i);
    assertEquals(tokens.map(ask), tokens.map(() => STATUS.SUCCESS));
    assertEquals(ask(99), STATUS.BUSY);
    fixture.step(ENOUGH_US);
    assertEquals(fixture.agent.take().map((message) => tokenOf(headerOf(message))), tokens);
    assertEquals(ask(99), STATUS.SUCCESS);
  });

  test("brings notifications to the agent that asked", (fixture) => {
    const enable = { ...TEMPERATURE, notifyEnable: { enable: true } };
    fixture.exchange(encodeCommand(SENSOR, SENSOR_CONTINUOUS_UPDATE_NOTIFY, enable, 1));
    fixture.step(250_000);
    const updates = fixture.agent.take();
    const expected = packHeader(SENSOR, 0x1, MESSAGE_TYPE.notification, 0);
    assertEquals(updates.map(headerOf), [expected, expected]);
  });

  test("keeps delayed responses and the newest notifications for an agent that takes none", (fixture) => {
    const { agent, machine } = fixture;
    const enable = { ...TEMPERATURE, notifyEnable: { enable: true } };
    fixture.exchange(encodeCommand(SENSOR, SENSOR_CONTINUOUS_UPDATE_NOTIFY, enable, 1));
    fixture.exchange(encodeCommand(SENSOR, SENSOR_READING_GET, READ_LATER, 2));
    agent.hold();
    fixture.step(100_000 * 200 + ENOUGH_US);
    agent.release();
    const came = agent.take();
    const notificationCount = came.filter((each) => typeOf(each) === MESSAGE_TYPE.notification).length;
    assertEquals(came.filter((each) => typeOf(each) === MESSAGE_TYPE.delayedResponse).length, 1);
    assertEquals(notificationCount, NOTIFICATIONS_WAITING_MAX);
    assertEquals(machine.trace.count("notificationDropped"), 200 - NOTIFICATIONS_WAITING_MAX);
    fixture.step(100_000);
    assertEquals(agent.take().length, 1);
  }, { p2a: "held" });

  test("answers RESET_AGENT_CONFIGURATION and gives up what was pending", (fixture) => {
    fixture.exchange(encodeCommand(SENSOR, SENSOR_READING_GET, READ_LATER, 1));
    const reset = { agentId: 1, flags: { resetPermissions: false } };
    const response = fixture.exchange(encodeCommand(BASE, BASE_RESET_AGENT_CONFIGURATION, reset, 2));
    assertEquals(statusOf(response), STATUS.SUCCESS);
    fixture.step(ENOUGH_US);
    assertEquals(fixture.agent.take(), []);
    assertEquals(statusOf(fixture.exchange(askVersion(3))), STATUS.SUCCESS);
  });

  Deno.test(`${transport.name} gives a new connection a session of its own`, () => {
    const machine = createMachine();
    const site = transport.serve(() => machine.openChannel("OSPM")!);
    const channelCounts = new Set<number>();
    for (let round = 0; round < 20; round++) {
      const agent = site.connect();
      agent.send(encodeCommand(SENSOR, SENSOR_CONFIG_GET, TEMPERATURE, round));
      const config = agent.take()[0]!;
      const isEnabled = (config[8]! & 1) !== 0;
      assert(isEnabled, `connection ${round} sees what the one before set`);
      const off = {
        intervalMantissa: 0,
        intervalExponent: 0,
        rounding: 0,
        timestamps: false,
        enabled: false,
      };
      agent.send(encodeCommand(SENSOR, SENSOR_READING_GET, READ_LATER, 500 + round));
      agent.send(encodeCommand(SENSOR, SENSOR_CONFIG_SET, { ...TEMPERATURE, config: off }, round));
      assertEquals(agent.take().map(statusOf), [STATUS.SUCCESS, STATUS.SUCCESS]);
      channelCounts.add(machine.agents.find("OSPM")!.channels.length);
      agent.disconnect();
      machine.step(machine.nowUs() + ENOUGH_US);
    }
    assertEquals([...channelCounts], [1], "channels of closed connections are forgotten");
    assertEquals(machine.trace.count("delayedResponse"), 0);
    site.close();
  });

  Deno.test(`${transport.name} serves an agent while another takes nothing`, () => {
    const fixture = new Fixture(transport, { p2a: "held" });
    const other = transport.serve(() => fixture.machine.openChannel("VM1")!);
    const agent = other.connect();
    fixture.agent.send(askVersion(1));
    fixture.agent.hold();
    for (let token = 0; token < 100; token++) {
      agent.send(askVersion(token));
      assertEquals(agent.take().map(headerOf), [headerOf(askVersion(token))]);
    }
    agent.disconnect();
    other.close();
    fixture.agent.disconnect();
    fixture.close();
  });

  testRoom(transport, test);
  if (transport.sharesMemory) testSharedMemory(transport);
}

type Test = (name: string, body: (fixture: Fixture) => void, options?: AgentOptions) => void;

/** Of transports whose agents choose the room of a response, or do without messages of the platform. */
function testRoom(transport: ContractTransport, test: Test): void {
  if (transport.agentChoosesRoom) {
    test("answers COMMS_ERROR when the response does not fit, and keeps to the room", (fixture) => {
      const describe = encodeCommand(SENSOR, SENSOR_DESCRIPTION_GET, { index: 0 }, 7);
      for (let room = 8; room < 64; room++) {
        const response = fixture.exchange(describe, room);
        // The counts and the descriptor of the first sensor: 28 bytes, 24 of extended attributes.
        const fits = room >= 8 + 4 + 52;
        assertEquals(statusOf(response), fits ? STATUS.SUCCESS : STATUS.COMMS_ERROR, `room ${room}`);
        assertEquals(response.length, fits ? 64 : 8);
      }
    });
    test("leaves a command unanswered that has no room for a status", ({ agent, machine }) => {
      for (const room of [1, 4, 7]) {
        agent.send(askVersion(1), room);
        assertEquals(agent.take(), []);
      }
      assertEquals(machine.trace.count("command"), 0);
    });
  }
  if (transport.agentMayLackP2a) {
    test("refuses what needs messages of the platform to an agent without", (fixture) => {
      const enable = { ...TEMPERATURE, notifyEnable: { enable: true } };
      const commands = [
        encodeCommand(SENSOR, SENSOR_CONTINUOUS_UPDATE_NOTIFY, enable, 1),
        encodeCommand(SENSOR, SENSOR_READING_GET, READ_LATER, 2),
      ];
      for (const command of commands) {
        assertEquals(statusOf(fixture.exchange(command)), STATUS.NOT_SUPPORTED);
      }
    }, { p2a: "none" });
  }
}

/** Of transports whose agents can reach a command while it is served. */
function testSharedMemory(transport: ContractTransport): void {
  Deno.test(`${transport.name} answers the command as it was sent, not as it was changed meanwhile`, () => {
    const scribbled: { agent: ContractAgent | null } = { agent: null };
    const wrap = (port: ClosablePort): ClosablePort => ({
      service: port.service,
      agentName: port.agentName,
      serve(request, size, reply, room) {
        scribbled.agent?.scribble();
        return port.serve(request, size, reply, room);
      },
      attach: (sink) => port.attach(sink),
      p2aReady: () => port.p2aReady(),
      reset: () => port.reset(),
      close: () => port.close(),
    });
    const fixture = new Fixture(transport, {}, wrap);
    scribbled.agent = fixture.agent;
    const command = encodeCommand(SENSOR, SENSOR_READING_GET, READ_NOW, 0x155);
    const response = fixture.exchange(command);
    assertEquals([headerOf(response), statusOf(response)], [headerOf(command), STATUS.SUCCESS]);
    fixture.agent.disconnect();
    fixture.close();
  });
}
