// The contract that every transport keeps: whoever speaks SCMI over it gets the same answers in the same order. What is
// special to a transport (rings, frames) has tests of its own.
import { assert, assertEquals } from "@std/assert";
import { encodeCommand } from "../../scp/agent/agent.ts";
import { MESSAGE_TYPE, packHeader, TOKEN_MAX } from "../../scp/core/header.ts";
import { ASYNC_PENDING_MAX } from "../../scp/core/limits.ts";
import { STATUS } from "../../scp/core/status.ts";
import { BASE_DISCOVER_VENDOR } from "../../protocols/base/messages.ts";
import { PROTOCOL_MESSAGE_ATTRIBUTES, PROTOCOL_VERSION } from "../../protocols/every_protocol.ts";
import {
  SENSOR_CONFIG_GET,
  SENSOR_DESCRIPTION_GET,
  SENSOR_READING_GET,
} from "../../protocols/sensor/messages.ts";
import { headerOf, messageOfSize, statusOf, tokenOf } from "../support/messages.ts";
import {
  askVersion,
  BASE,
  ENOUGH_US,
  Fixture,
  READ_NOW,
  readLater,
  SENSOR,
  subscribe,
  testOf,
  WIDE,
  WIDE_RESPONSE_SIZE,
  wrapServe,
} from "./fixture.ts";
import { testSessions } from "./session_suite.ts";
import type { AgentOptions, ContractAgent, ContractTransport, ServeOptions } from "./transport.ts";

/** More commands than any transport has on its way at once. */
const MANY = 64;

/** Registers the tests of one transport. */
export function testContract(transport: ContractTransport): void {
  const test: Test = (...args) => testOf(transport, ...args);

  test("answers commands in their order, each with its token", ({ agent }) => {
    assert(transport.inFlightMax <= MANY);
    const tokens = Array.from({ length: MANY }, (_, i) => (i * 37) % (TOKEN_MAX + 1));
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

  test("answers a burst of 4096 commands, one response for each", ({ agent }) => {
    for (let sent = 0; sent < 4096; sent += MANY) {
      const tokens = Array.from({ length: MANY }, (_, i) => (sent + i) & TOKEN_MAX);
      for (const token of tokens) agent.send(askVersion(token));
      assertEquals(agent.take().map(tokenOf), tokens);
    }
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
      const response = fixture.exchange(messageOfSize(header, 4));
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
      const response = fixture.exchange(messageOfSize(header, size));
      const shown = [headerOf(response), statusOf(response), response.length];
      assertEquals(shown, [header, STATUS.PROTOCOL_ERROR, 8], `${size} bytes`);
    }
    assertEquals(statusOf(fixture.exchange(askVersion(3))), STATUS.SUCCESS);
  });

  test(`leaves messages too short for a header ${transport.onShortMessage}`, (fixture) => {
    for (const size of [0, 1, 2, 3]) {
      const agent = transport.onShortMessage === "disconnected" ? fixture.connect() : fixture.agent;
      agent.send(messageOfSize(packHeader(BASE, 0x0, 0, 0), size));
      const answers = agent.take().map((answer) => [statusOf(answer), answer.length]);
      assertEquals(answers, transport.onShortMessage === "refused" ? [[STATUS.PROTOCOL_ERROR, 8]] : []);
    }
    assertEquals(statusOf(fixture.exchange(askVersion(3))), STATUS.SUCCESS);
  });

  test("brings a delayed response after its response, with the same token", (fixture) => {
    const accepted = fixture.exchange(readLater(0x2a5));
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
    const ask = (token: number) => statusOf(fixture.exchange(readLater(token)));
    const tokens = Array.from({ length: ASYNC_PENDING_MAX }, (_, i) => 100 + i);
    assertEquals(tokens.map(ask), tokens.map(() => STATUS.SUCCESS));
    assertEquals(ask(99), STATUS.BUSY);
    fixture.step(ENOUGH_US);
    assertEquals(fixture.agent.take().map(tokenOf), tokens);
    assertEquals(ask(99), STATUS.SUCCESS);
  });

  testSessions(transport);
  testRoom(transport, test);
  if (transport.sharesMemory) testSharedMemory(transport);
}

type Test = (
  name: string,
  body: (fixture: Fixture) => void,
  options?: AgentOptions & ServeOptions,
) => void;

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
  if (transport.hasAreas) {
    const read = encodeCommand(SENSOR, SENSOR_READING_GET, { ...WIDE, flags: { async: false } }, 7);
    // An area has 24 bytes before its message.
    const areaSize = 24 + WIDE_RESPONSE_SIZE;
    for (const [missing, status] of [[0, STATUS.SUCCESS], [4, STATUS.COMMS_ERROR]] as const) {
      test(`answers a response that has ${missing} bytes too few in its area, and serves on`, (fixture) => {
        const response = fixture.exchange(read);
        const size = status === STATUS.SUCCESS ? WIDE_RESPONSE_SIZE : 8;
        assertEquals([headerOf(response), statusOf(response), response.length], [
          headerOf(read),
          status,
          size,
        ]);
        assertEquals(statusOf(fixture.exchange(askVersion(3))), STATUS.SUCCESS);
      }, { areaSize: areaSize - missing });
    }
  }
  if (transport.agentMayLackP2a) {
    test("refuses what needs messages of the platform to an agent without", (fixture) => {
      for (const command of [subscribe(1), readLater(2)]) {
        assertEquals(statusOf(fixture.exchange(command)), STATUS.NOT_SUPPORTED);
      }
    }, { p2a: "none" });
  }
}

/** Of transports whose agents can reach a command while it is served. */
function testSharedMemory(transport: ContractTransport): void {
  Deno.test(`${transport.name} answers the command as it was sent, not as it was changed meanwhile`, () => {
    const scribbled: { agent: ContractAgent | null } = { agent: null };
    const wrap: ConstructorParameters<typeof Fixture>[2] = (port) =>
      wrapServe(port, (serve) => (...args) => {
        scribbled.agent?.scribble();
        return serve(...args);
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
