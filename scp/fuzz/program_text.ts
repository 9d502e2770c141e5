// Programs as text: one line for each step, the options first, comments from `#` to the end of the line. What is
// printed parses back to the same program, so a finding can be mailed, edited and replayed.
import { type Bits32Field, type Field, type Fields, maskOf, reservedMaskOf } from "../core/schema.ts";
import type { CommandSchema } from "../core/schema.ts";
import { messageName, PROTOCOL_MESSAGES } from "../../protocols/registry.ts";
import { DEFAULT_RELEASE, type ProtocolMessages, type Release, RELEASES } from "../../protocols/protocol.ts";
import { FAST_COMMANDS, fastCommandOf } from "./fast_channels.ts";
import {
  channelLabels,
  type ChannelPlan,
  type CommandStep,
  type FastStep,
  type ParamValue,
  type ParamValues,
  type Program,
  type Step,
} from "./program.ts";

/** What parsing gives: the program, or which line is wrong and why. */
export type ParseResult = { readonly ok: true; readonly program: Program } | {
  readonly ok: false;
  readonly error: string;
};

const RESERVED = "reserved";
const WORD_MAX = 0xffff_ffff;
/** The longest step of time, us: a longer one takes the platform minutes. */
const TIME_MAX_US = 3_600_000_000;

/** The newest declaration of a name goes without its version. */
function commandName(protocol: ProtocolMessages, schema: CommandSchema): string {
  const newest = protocol.commands.findLast(({ name }) => name === schema.name);
  return newest === schema ? schema.name : `${schema.name}@${versionText(schema.since)}`;
}

/** A protocol version for people. */
export function versionText(version: number): string {
  return `${version >>> 16}.${version & 0xffff}`;
}

function numberText(value: number): string {
  return value >= 0x10000 ? `0x${value.toString(16)}` : String(value);
}

function hexText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function valueTexts(path: string, field: Field, value: ParamValue): string[] {
  switch (field.kind) {
    case "bits32": {
      const word = value as number;
      const parts = Object.entries(field.parts).map(([name, part]) => {
        const raw = (word >>> part.low) & maskOf(part);
        const shown = part.isSigned ? (raw << (32 - part.width)) >> (32 - part.width) : raw >>> 0;
        return `${path}.${name}=${numberText(shown)}`;
      });
      const reserved = (word & reservedMaskOf(field)) >>> 0;
      return reserved === 0 ? parts : [...parts, `${path}.${RESERVED}=0x${reserved.toString(16)}`];
    }
    case "list":
      return (value as readonly ParamValues[]).flatMap((item, i) =>
        fieldsTexts(`${path}[${i}].`, field.item, item)
      );
    case "text":
      return [
        `${path}=${JSON.stringify(value).replace(/[ #]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`)}`,
      ];
    case "bytes":
      return [`${path}=${hexText(value as Uint8Array)}`];
    case "u32":
      return [`${path}=${numberText(value as number)}`];
    default:
      return [`${path}=${value}`];
  }
}

function fieldsTexts(prefix: string, fields: Fields, values: ParamValues): string[] {
  return Object.entries(fields).flatMap(([name, field]) =>
    valueTexts(`${prefix}${name}`, field, values[name]!)
  );
}

/** One line for a step; `labels` are the names of the program's channels. */
export function printStep(step: Step, labels: readonly string[]): string {
  switch (step.kind) {
    case "command": {
      const { protocol, schema, token, params } = step;
      const name = commandName(protocol, schema);
      return [
        labels[step.channel],
        protocol.name,
        name,
        `token=${token}`,
        ...fieldsTexts("", schema.params, params),
      ]
        .join(" ");
    }
    case "raw": {
      const { bytes } = step;
      const header = bytes.length < 4
        ? null
        : new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
      const comment = `# ${bytes.length} bytes${header === null ? "" : `, ${messageName(header)}`}`;
      return `${labels[step.channel]} raw ${hexText(bytes) || "-"} ${comment}`;
    }
    case "fast": {
      const { channel, protocol, domainId, words } = step;
      const written = words.length === 0 ? [] : [`words=${words.map(numberText).join(",")}`];
      return [
        labels[channel],
        "fast",
        protocol.name,
        fastCommandOf(step).name,
        `domainId=${domainId}`,
        ...written,
      ]
        .join(" ");
    }
    case "time":
      return `time ${step.us}`;
    case "reset":
      return `reset ${labels[step.channel]}`;
    case "p2a":
      return `p2a ${labels[step.channel]} ${step.change}`;
    case "room":
      return `room ${labels[step.channel]} ${step.size}`;
    case "override":
      return `override ${step.sensorId} ${step.value ?? "off"}`;
    case "fault":
      return `fault ${step.sensorId} ${step.failure ?? "off"}`;
  }
}

/** A name as one word; the paths of most boards stay as they are. */
function wordOf(name: string): string {
  return encodeURIComponent(name).replaceAll("%2F", "/");
}

/** The text of a program. */
export function printProgram(program: Program): string {
  const labels = channelLabels(program.channels);
  return [
    `seed ${program.seed}`,
    `board ${wordOf(program.boardName)}`,
    `release ${program.release}`,
    ...program.channels.map(({ agentName, room, p2a }) =>
      `channel ${encodeURIComponent(agentName)} room=${room} p2a=${p2a}`
    ),
    "",
    ...program.steps.map((step) => printStep(step, labels)),
    "",
  ].join("\n");
}

/** Why a line cannot be read. */
class LineError extends Error {}

function wholeNumber(
  text: string | undefined,
  what: string,
  min = Number.MIN_SAFE_INTEGER,
  max = Number.MAX_SAFE_INTEGER,
): number {
  const value = text === undefined || text === "" ? NaN : Number(text);
  if (!Number.isSafeInteger(value)) {
    throw new LineError(`${what} has to be a whole number, not '${text ?? ""}'`);
  }
  if (value < min || value > max) throw new LineError(`${what} is ${min} to ${max}, not ${value}`);
  return value;
}

/** A name from one word, as it was printed. */
function nameOf(word: string | undefined): string {
  try {
    return decodeURIComponent(word ?? "");
  } catch {
    throw new LineError(`'${word}' is not a name: a % is followed by two hexadecimal digits`);
  }
}

function hexBytes(text: string): Uint8Array {
  if (text === "-" || text === "") return new Uint8Array(0);
  if (!/^([0-9a-f]{2})+$/.test(text)) throw new LineError(`'${text}' is not a row of hexadecimal bytes`);
  return Uint8Array.from(text.match(/../g)!, (pair) => parseInt(pair, 16));
}

/** The name=value pairs of a line, each to be taken once. */
class Pairs {
  readonly #pairs = new Map<string, string>();

  constructor(words: readonly string[]) {
    for (const word of words) {
      const at = word.indexOf("=");
      if (at < 0) throw new LineError(`'${word}' is not of the form field=value`);
      this.#pairs.set(word.slice(0, at), word.slice(at + 1));
    }
  }

  take(name: string): string | undefined {
    const value = this.#pairs.get(name);
    this.#pairs.delete(name);
    return value;
  }

  number(name: string): number {
    return wholeNumber(this.take(name) ?? "0", name);
  }

  hasAny(prefix: string): boolean {
    return [...this.#pairs.keys()].some((name) => name.startsWith(prefix));
  }

  finish(): void {
    const [rest] = this.#pairs.keys();
    if (rest !== undefined) throw new LineError(`the message has no field '${rest}'`);
  }
}

function takeBits(field: Bits32Field, path: string, pairs: Pairs): number {
  let word = pairs.number(`${path}.${RESERVED}`) & reservedMaskOf(field);
  for (const [name, part] of Object.entries(field.parts)) {
    const value = pairs.number(`${path}.${name}`);
    const least = part.isSigned ? -(2 ** (part.width - 1)) : 0;
    if (value < least || value >= least + 2 ** part.width) {
      throw new LineError(`${value} does not fit the ${part.width} bits of ${path}.${name}`);
    }
    word |= (value & maskOf(part)) << part.low;
  }
  return word >>> 0;
}

function takeValue(field: Field, path: string, pairs: Pairs): ParamValue {
  switch (field.kind) {
    case "bits32":
      return takeBits(field, path, pairs);
    case "i64":
      try {
        return BigInt.asIntN(64, BigInt(pairs.take(path) ?? "0"));
      } catch {
        throw new LineError(`${path} has to be a whole number`);
      }
    case "text":
      return String(JSON.parse(pairs.take(path) ?? '""'));
    case "bytes":
      return hexBytes(pairs.take(path) ?? "");
    case "list": {
      const items: ParamValues[] = [];
      while (pairs.hasAny(`${path}[${items.length}].`)) {
        items.push(takeFields(field.item, `${path}[${items.length}].`, pairs));
      }
      return items;
    }
    default:
      return pairs.number(path);
  }
}

function takeFields(fields: Fields, prefix: string, pairs: Pairs): ParamValues {
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, takeValue(field, `${prefix}${name}`, pairs)]),
  );
}

function parseCommand(
  channel: number,
  words: readonly string[],
  protocols: readonly ProtocolMessages[],
): CommandStep {
  const [protocolName, name = "", ...rest] = words;
  const protocol = protocols.find((each) => each.name === protocolName);
  if (protocol === undefined) throw new LineError(`there is no protocol '${protocolName}'`);
  const schema = protocol.commands.findLast((each) => commandName(protocol, each) === name);
  if (schema === undefined) throw new LineError(`protocol ${protocol.name} has no command '${name}'`);
  const pairs = new Pairs(rest);
  const token = pairs.number("token");
  if (token < 0 || token > 0x3ff) throw new LineError("a token is 0 to 1023");
  const params = takeFields(schema.params, "", pairs);
  pairs.finish();
  return { kind: "command", channel, protocol, schema, token, params };
}

function parseFast(channel: number, words: readonly string[]): FastStep {
  const [protocolName, name, ...rest] = words;
  const command = FAST_COMMANDS.find((each) => each.protocol.name === protocolName && each.name === name);
  if (command === undefined) throw new LineError(`there is no FastChannel of ${protocolName} ${name}`);
  const { protocol, messageId, wordCount, isWritten } = command;
  const pairs = new Pairs(rest);
  const domainId = wholeNumber(pairs.take("domainId") ?? "0", "domainId", 0, WORD_MAX);
  const written = pairs.take("words")?.split(",").map((word) => wholeNumber(word, "a word", 0, WORD_MAX)) ??
    [];
  pairs.finish();
  const count = isWritten ? wordCount : 0;
  if (written.length !== count) throw new LineError(`${name} takes ${count} words, not ${written.length}`);
  return { kind: "fast", channel, protocol, messageId, domainId, words: written };
}

function parseStep(
  words: readonly string[],
  labels: readonly string[],
  protocols: readonly ProtocolMessages[],
): Step {
  const [first = "", second = "", third = ""] = words;
  const channelOf = (label: string): number => {
    const channel = labels.indexOf(label);
    if (channel < 0) {
      throw new LineError(`there is no channel '${label}'; the channels are ${labels.join(", ")}`);
    }
    return channel;
  };
  switch (first) {
    case "time":
      return { kind: "time", us: wholeNumber(second, "time", 0, TIME_MAX_US) };
    case "reset":
      return { kind: "reset", channel: channelOf(second) };
    case "p2a": {
      const change = third === "on" || third === "off" ? third : wholeNumber(third, "p2a", 0);
      return { kind: "p2a", channel: channelOf(second), change };
    }
    case "room":
      return { kind: "room", channel: channelOf(second), size: wholeNumber(third, "room", 0) };
    case "override": {
      const value = third === "off" ? null : Number(third);
      if (value !== null && !Number.isFinite(value)) throw new LineError(`'${third}' is not a number`);
      return { kind: "override", sensorId: wholeNumber(second, "sensor", 0), value };
    }
    case "fault": {
      if (third !== "off" && third !== "HARDWARE_ERROR" && third !== "BUSY") {
        throw new LineError("a fault is HARDWARE_ERROR, BUSY or off");
      }
      return {
        kind: "fault",
        sensorId: wholeNumber(second, "sensor", 0),
        failure: third === "off" ? null : third,
      };
    }
  }
  const channel = channelOf(first);
  if (second === "fast") return parseFast(channel, words.slice(2));
  if (second === "raw") return { kind: "raw", channel, bytes: hexBytes(third) };
  return parseCommand(channel, words.slice(1), protocols);
}

function parseChannel(words: readonly string[]): ChannelPlan {
  const pairs = new Pairs(words.slice(2));
  const p2a = pairs.take("p2a") ?? "all";
  const room = wholeNumber(pairs.take("room") ?? "4096", "room", 0);
  pairs.finish();
  return {
    agentName: nameOf(words[1]),
    room,
    p2a: p2a === "off" || p2a === "all" ? p2a : wholeNumber(p2a, "p2a", 0),
  };
}

/** Reads a program whose commands are those of the protocols. */
export function parseProgram(
  text: string,
  protocols: readonly ProtocolMessages[] = PROTOCOL_MESSAGES,
): ParseResult {
  let seed = 1;
  let boardName = "";
  let release: Release = DEFAULT_RELEASE;
  const channels: ChannelPlan[] = [];
  const steps: Step[] = [];
  let labels: string[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const words = line.replace(/#.*/, "").split(/\s+/).filter((word) => word !== "");
    if (words.length === 0) continue;
    try {
      if (words[0] === "seed") seed = wholeNumber(words[1], "seed", 0, WORD_MAX);
      else if (words[0] === "board") boardName = nameOf(words[1]);
      else if (words[0] === "release") {
        const found = RELEASES.find((each) => each === words[1]);
        if (found === undefined) throw new LineError(`a release is one of ${RELEASES.join(", ")}`);
        release = found;
      } else if (words[0] === "channel") {
        channels.push(parseChannel(words));
        labels = channelLabels(channels);
      } else steps.push(parseStep(words, labels, protocols));
    } catch (error) {
      if (error instanceof Error) return { ok: false, error: `line ${index + 1}: ${error.message}` };
      throw error;
    }
  }
  if (boardName === "") return { ok: false, error: "the line 'board NAME' is missing" };
  return { ok: true, program: { seed, boardName, release, channels, steps } };
}
