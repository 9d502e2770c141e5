// Messages that a guest sends past its drivers, through Linux' raw mode: bytes out, bytes back. The expected words are
// written out, so these cases judge the wire format and not only that both ends agree.

import { assert, assertEquals } from "@std/assert";
import { boardSensor } from "../board_sensors.ts";
import type { GuestCase } from "../case.ts";
import { SAME_MESSAGES, WITH_COMMANDS } from "../guest_transports.ts";
import {
  BASE,
  COMMAND,
  commandHex,
  DELAYED_RESPONSE,
  parseMessage,
  POWER,
  type RawMessage,
  SENSOR,
  value64,
} from "../raw_message.ts";

const VERSION = 0x0;
const DISCOVER_VENDOR = 0x3;
const DISCOVER_LIST_PROTOCOLS = 0x6;
const SENSOR_READING_GET = 0x6;
const SENSOR_CONFIG_SET = 0xa;
const SENSOR_NAME_GET = 0xc;

const STATUS = { NOT_SUPPORTED: -1, INVALID_PARAMETERS: -2, NOT_FOUND: -4, PROTOCOL_ERROR: -10 } as const;

/** The cases of this file. */
export const RAW_MODE_CASES: readonly GuestCase[] = [
  {
    name: "raw mode reads version, vendor and protocols of the base protocol",
    over: WITH_COMMANDS,
    async run(context) {
      const report = await context.boot({
        script: `
exchange version "${commandHex(BASE, VERSION, 5)}"
exchange vendor "${commandHex(BASE, DISCOVER_VENDOR, 6)}"
exchange protocols "${commandHex(BASE, DISCOVER_LIST_PROTOCOLS, 7, 0)}"
exchange sensor_version "${commandHex(SENSOR, VERSION, 8)}"
`,
      });
      const version = parseMessage(report.one("version"));
      assertEquals([version.messageId, version.type, version.protocolId, version.token], [
        VERSION,
        COMMAND,
        BASE,
        5,
      ]);
      assertEquals(version.words, [0, 0x20001]);
      const vendor = Uint8Array.fromHex(report.one("vendor")).subarray(8);
      assertEquals(new TextDecoder().decode(vendor), "renesas".padEnd(16, "\0"));
      // All of SCMI 3.2, four to a word.
      const protocols = Uint8Array.fromHex(report.one("protocols")).subarray(8);
      const ids = Array.from({ length: 9 }, (_, index) => POWER + index);
      assertEquals([...protocols], [ids.length, 0, 0, 0, ...ids, 0, 0, 0]);
      assertEquals(parseMessage(report.one("sensor_version")).words, [0, 0x30001]);
    },
  },
  {
    name: "raw mode gets a bare status for a malformed message, and the channel goes on",
    over: ["virtio", "mailbox3"],
    async run(context) {
      const cases: readonly [name: string, command: string, status: number][] = [
        ["short", commandHex(SENSOR, SENSOR_READING_GET, 20, 0), STATUS.PROTOCOL_ERROR],
        ["empty", commandHex(SENSOR, SENSOR_READING_GET, 21), STATUS.PROTOCOL_ERROR],
        ["long", commandHex(SENSOR, SENSOR_READING_GET, 22, 0, 0, 0), STATUS.PROTOCOL_ERROR],
        ["odd", commandHex(SENSOR, SENSOR_READING_GET, 23, 0, 0) + "ff", STATUS.PROTOCOL_ERROR],
        ["no_sensor", commandHex(SENSOR, SENSOR_READING_GET, 24, 0xffff, 0), STATUS.NOT_FOUND],
        ["flags", commandHex(SENSOR, SENSOR_READING_GET, 25, 0, 0xf), STATUS.INVALID_PARAMETERS],
        ["no_message", commandHex(SENSOR, 0x3f, 26), STATUS.NOT_FOUND],
        ["no_protocol", commandHex(0x7f, VERSION, 27), STATUS.NOT_SUPPORTED],
        [
          "longest",
          commandHex(SENSOR, SENSOR_READING_GET, 28, ...new Array<number>(32).fill(~0)),
          STATUS.PROTOCOL_ERROR,
        ],
      ];
      const report = await context.boot({
        script: cases.map(([name, command]) => `exchange ${name} "${command}"\n`).join("") +
          `exchange after "${commandHex(SENSOR, SENSOR_READING_GET, 30, 0, 0)}"\n`,
        // One protocol that is none has no counts.
        expectedCounters: ["err_protocol"],
        expectedRefusals: ["sensor SENSOR_READING_GET", "sensor 0x3f"],
        // The kernel on the protocol that it does not know either.
        expectedLog: [/Using Base channel for protocol 0x7F/],
      });
      for (const [index, [name, , status]] of cases.entries()) {
        const reply = parseMessage(report.one(name));
        assertEquals([name, reply.token, ...reply.words.map((word) => word | 0)], [name, 20 + index, status]);
      }
      const after = parseMessage(report.one("after"));
      assertEquals([after.words[0], after.words.length], [0, 5]);
    },
  },
  {
    name: "raw mode reads a sensor below zero as a signed 64-bit value",
    over: SAME_MESSAGES,
    async run(context) {
      await context.platform.override("thermal1", [-40]);
      const report = await context.boot({
        script: `exchange reading "${commandHex(SENSOR, SENSOR_READING_GET, 9, 0, 0)}"\n`,
      });
      const { words } = parseMessage(report.one("reading"));
      assertEquals([words[0], value64(words, 1)], [0, -40_000n]);
    },
  },
  {
    name: "raw mode gets an asynchronous reading as a delayed response",
    shows: "delayed responses",
    async run(context) {
      const sensor = boardSensor("temp_board");
      assert(sensor.asyncLatencyUs !== null);
      await context.platform.override(sensor.name, [-6.25]);
      const report = await context.boot({
        script: `
exchange_delayed answer "${commandHex(SENSOR, SENSOR_READING_GET, 40, sensor.id, 1)}"
`,
      });
      // Where the delayed response has overtaken the response (see boot_verdict.ts), only the former is told.
      const answers = report.all("answer").map(parseMessage);
      for (const { token } of answers) assertEquals(token, 40);
      const responses = answers.filter(({ type }) => type === COMMAND);
      for (const { words } of responses) assertEquals(words, [0]);
      const delayed = answers.filter(({ type }) => type === DELAYED_RESPONSE);
      assertEquals(delayed.length, 1);
      const [{ words }] = delayed as [RawMessage];
      assertEquals([...words.slice(0, 2), value64(words, 2), words.length], [0, sensor.id, -6250n, 6]);
    },
  },
  {
    name: "raw mode reads the whole of a name that is too long for the descriptor",
    over: SAME_MESSAGES,
    async run(context) {
      const sensor = boardSensor("Vehicle.Powertrain.TractionBattery.StateOfCharge.Current");
      const report = await context.boot({
        script: `exchange name "${commandHex(SENSOR, SENSOR_NAME_GET, 10, sensor.id)}"\n`,
      });
      const { words } = parseMessage(report.one("name"));
      assertEquals([...words.slice(0, 2), words.length], [0, 0, 18]);
      const text = new TextDecoder().decode(Uint8Array.fromHex(report.one("name")).subarray(12));
      assertEquals(text, sensor.name.padEnd(64, "\0"));
    },
  },
  {
    name: "raw mode switches a sensor off, hwmon then fails to read it, and on again",
    async run(context) {
      const { id } = boardSensor("thermal1");
      await context.platform.override("thermal1", [44]);
      const read = "mark_files temperature $HWMON/temp1_input\n";
      const report = await context.boot({
        script: `${read}
exchange off "${commandHex(SENSOR, SENSOR_CONFIG_SET, 11, id, 0)}"
${read}
exchange on "${commandHex(SENSOR, SENSOR_CONFIG_SET, 12, id, 1)}"
${read}`,
        expectedRefusals: ["sensor SENSOR_READING_GET"],
      });
      for (const key of ["off", "on"]) assertEquals(parseMessage(report.one(key)).words, [0], key);
      assertEquals(report.all("temperature"), [
        "temp1_input 44000",
        "temp1_input error Protocol error",
        "temp1_input 44000",
      ]);
    },
  },
];
