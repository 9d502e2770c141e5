// The agent's side of a channel: which message answers which call, and what becomes of calls that nobody answers.
import { assert, assertEquals, assertThrows } from "@std/assert";
import { PROTOCOL_VERSION } from "../../protocols/every_protocol.ts";
import * as pin from "../../protocols/pin_control/messages.ts";
import * as sensor from "../../protocols/sensor/messages.ts";
import { AgentClient, encodeCommand } from "../../scp/agent/agent.ts";
import { MESSAGE_TYPE, packHeader, TOKEN_MAX, tokenOf } from "../../scp/core/header.ts";
import type { AgentChannel } from "../../transports/channel.ts";

const SENSOR = 0x15;
const CLOCK = 0x14;
const PIN = 0x19;
const READ = { sensorId: 0, flags: { async: true } } as const;

/** A platform that answers when the test says so. */
class ScriptedChannel implements AgentChannel {
  onMessage: ((message: Uint8Array) => void) | null = null;
  onClose: ((reason: string) => void) | null = null;
  readonly sent: Uint8Array[] = [];

  send(message: Uint8Array): void {
    this.sent.push(message);
  }

  /** Sends a header with words behind it. */
  answer(header: number, ...words: number[]): void {
    this.onMessage?.(new Uint8Array(Uint32Array.of(header, ...words).buffer));
  }

  close(): void {
    this.onClose?.("closed");
  }
}

function setup() {
  const channel = new ScriptedChannel();
  const client = new AgentClient(channel);
  const unasked: number[] = [];
  client.onNotification = ({ header }) => unasked.push(header);
  return { channel, client, unasked };
}

Deno.test("AgentClient takes for an answer what has the header of its command, and nothing else", async () => {
  const { channel, client, unasked } = setup();
  const { command, delayedResponse, notification } = MESSAGE_TYPE;
  const call = client.call(SENSOR, PROTOCOL_VERSION, {});
  const others = [
    packHeader(CLOCK, PROTOCOL_VERSION.id, command, 0),
    packHeader(SENSOR, 0x1, command, 0),
    packHeader(SENSOR, PROTOCOL_VERSION.id, delayedResponse, 0),
    packHeader(SENSOR, PROTOCOL_VERSION.id, notification, 0),
    packHeader(SENSOR, PROTOCOL_VERSION.id, command, 1),
  ];
  for (const header of others) channel.answer(header, 0, 1);
  assertEquals(unasked, others);
  channel.answer(packHeader(SENSOR, PROTOCOL_VERSION.id, command, 0), 0, 0x30001);
  assertEquals(await call, { ok: true, values: { version: 0x30001 } });
});

Deno.test("AgentClient takes a delayed response of another protocol for no answer to a call that waits for one", async () => {
  const { channel, client } = setup();
  const call = client.callDelayed(SENSOR, sensor.SENSOR_READING_GET, READ);
  const header = (protocolId: number, type: number) =>
    packHeader(protocolId, sensor.SENSOR_READING_GET.id, type, 0);
  channel.answer(header(SENSOR, MESSAGE_TYPE.command), 0);
  channel.answer(header(CLOCK, MESSAGE_TYPE.delayedResponse), 0, 7);
  channel.answer(header(SENSOR, MESSAGE_TYPE.delayedResponse), 0, 0);
  assertEquals(await call, { ok: true, values: { sensorId: 0, readings: [] } });
});

Deno.test("AgentClient sends nothing while all tokens wait, and goes on with the first that is free", async () => {
  const { channel, client } = setup();
  const calls = Array.from({ length: TOKEN_MAX + 1 }, () => client.call(SENSOR, PROTOCOL_VERSION, {}));
  assertEquals(await client.call(SENSOR, PROTOCOL_VERSION, {}), { ok: false, status: "NO_TOKEN" });
  assertEquals(await client.callDelayed(SENSOR, sensor.SENSOR_READING_GET, READ), {
    ok: false,
    status: "NO_TOKEN",
  });
  assertEquals(channel.sent.length, TOKEN_MAX + 1);
  channel.answer(packHeader(SENSOR, PROTOCOL_VERSION.id, MESSAGE_TYPE.command, 77), 0, 5);
  assertEquals(await calls[77], { ok: true, values: { version: 5 } });
  void client.call(SENSOR, PROTOCOL_VERSION, {});
  const last = channel.sent.at(-1)!;
  assertEquals([channel.sent.length, tokenOf(new DataView(last.buffer).getUint32(0, true))], [
    TOKEN_MAX + 2,
    77,
  ]);
});

Deno.test("AgentClient tells calls on a channel that is closed that there is no answer, before and after", async () => {
  for (const end of ["client", "channel"] as const) {
    const parts = setup();
    const before = parts.client.callDelayed(SENSOR, sensor.SENSOR_READING_GET, READ);
    parts[end].close();
    const after = parts.client.call(SENSOR, PROTOCOL_VERSION, {});
    const none = { ok: false, status: "NO_ANSWER" } as const;
    assertEquals([await before, await after], [none, none]);
    assertEquals(parts.channel.sent.length, 1);
  }
});

Deno.test("encodeCommand() takes parameters in any order, and none that do not make the whole message", () => {
  const attributes = {
    selector: 0,
    setsFunction: false,
    configCount: 1,
  };
  const configs = [{ type: { typeCode: 4 }, value: 1 }];
  const inOrder = { identifier: 1, functionId: 2, attributes, configs };
  const mixed = { configs, attributes, functionId: 2, identifier: 1 };
  const bytes = encodeCommand(PIN, pin.PINCTRL_SETTINGS_CONFIGURE, inOrder, 3);
  assertEquals(encodeCommand(PIN, pin.PINCTRL_SETTINGS_CONFIGURE, mixed, 3), bytes);
  assert(bytes.length > 4 + 12);
  const without = { identifier: 1, functionId: 2, attributes } as unknown as typeof inOrder;
  assertThrows(() => encodeCommand(PIN, pin.PINCTRL_SETTINGS_CONFIGURE, without, 3));
});
