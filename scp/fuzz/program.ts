// What the fuzzer runs: a program, which is a list of messages and driver actions for some channels of one platform.
// Programs are plain values that print as text (`program_text.ts`), are generated from the message declarations
// (`grammar.ts`) and carried out by `run_program.ts`.
import type { CommandSchema, Field, Fields } from "../core/schema.ts";
import { fixedSizeOf, list, u32 } from "../core/schema.ts";
import { writeFields } from "../core/codec.ts";
import { HEADER_SIZE, MESSAGE_TYPE, packHeader } from "../core/header.ts";
import type { SampleFailure } from "../model/sensor.ts";
import type { ProtocolMessages, Release } from "../../protocols/protocol.ts";

/** The value of one parameter. A word of bits is its whole number, so that reserved bits can be said, too. */
export type ParamValue = number | bigint | string | Uint8Array | readonly ParamValues[];

/** The values of all parameters of a command, or of an item of a list. */
export interface ParamValues {
  readonly [field: string]: ParamValue;
}

/** A well-formed command; what its values mean to the platform is another matter. */
export interface CommandStep {
  readonly kind: "command";
  /** Place in the program's channels. */
  readonly channel: number;
  readonly protocol: ProtocolMessages;
  readonly schema: CommandSchema;
  readonly token: number;
  readonly params: ParamValues;
}

/** Bytes that need not be a message. */
export interface RawStep {
  readonly kind: "raw";
  readonly channel: number;
  readonly bytes: Uint8Array;
}

/** The agent writes the FastChannel of a command for a domain, or reads it: then there are no words. */
export interface FastStep {
  readonly kind: "fast";
  readonly channel: number;
  readonly protocol: ProtocolMessages;
  readonly messageId: number;
  readonly domainId: number;
  readonly words: readonly number[];
}

/** Virtual time passes. */
export interface TimeStep {
  readonly kind: "time";
  readonly us: number;
}

/** The agent's driver is reset, or its connection is made anew. */
export interface ResetStep {
  readonly kind: "reset";
  readonly channel: number;
}

/** The agent takes the platform-to-agent direction away or brings it back, or gives room for more messages. */
export interface P2aStep {
  readonly kind: "p2a";
  readonly channel: number;
  readonly change: "off" | "on" | number;
}

/** The agent changes how many bytes it can take of a response. */
export interface RoomStep {
  readonly kind: "room";
  readonly channel: number;
  readonly size: number;
}

/** A sensor of the board is made to show a value in its unit, or (null) to measure again. */
export interface OverrideStep {
  readonly kind: "override";
  readonly sensorId: number;
  readonly value: number | null;
}

/** A sensor of the board is made to fail, or (null) to work again. */
export interface FaultStep {
  readonly kind: "fault";
  readonly sensorId: number;
  readonly failure: SampleFailure | null;
}

/** One step of a program. */
export type Step =
  | CommandStep
  | RawStep
  | FastStep
  | TimeStep
  | ResetStep
  | P2aStep
  | RoomStep
  | OverrideStep
  | FaultStep;

/** One channel of a program as it is at the start. */
export interface ChannelPlan {
  readonly agentName: string;
  /** Bytes of a response that the agent can take, header included. */
  readonly room: number;
  /** Messages of the platform's own that the agent can take: `off` = no such direction, `all` = any number. */
  readonly p2a: "off" | "all" | number;
}

/** A program: where it runs, then what happens. */
export interface Program {
  /** Seed of the platform's model. */
  readonly seed: number;
  readonly boardName: string;
  readonly release: Release;
  readonly channels: readonly ChannelPlan[];
  readonly steps: readonly Step[];
}

/** Names the channels: by agent, from an agent's second channel on with a number. */
export function channelLabels(channels: readonly ChannelPlan[]): string[] {
  const seen = new Map<string, number>();
  return channels.map(({ agentName }) => {
    const count = (seen.get(agentName) ?? 0) + 1;
    seen.set(agentName, count);
    return count === 1 ? encodeURIComponent(agentName) : `${encodeURIComponent(agentName)}/${count}`;
  });
}

const plainFields = new WeakMap<Fields, Fields>();

/** The same structure with words of bits as plain numbers and lists of any length: the codec writes whatever they hold. */
export function plainFieldsOf(fields: Fields): Fields {
  let found = plainFields.get(fields);
  if (found === undefined) {
    const entries = Object.entries(fields).map(([name, field]): [string, Field] => {
      if (field.kind === "bits32") return [name, u32()];
      if (field.kind === "list") return [name, list(plainFieldsOf(field.item))];
      return [name, field];
    });
    found = Object.fromEntries(entries);
    plainFields.set(fields, found);
  }
  return found;
}

/** The bytes of a command step. */
export function encodeCommandStep(step: CommandStep): Uint8Array {
  const { schema, params } = step;
  let size = HEADER_SIZE + fixedSizeOf(schema.params);
  for (const [name, field] of Object.entries(schema.params)) {
    const value = params[name];
    if (field.kind === "list") size += (value as readonly ParamValues[]).length * fixedSizeOf(field.item);
    if (field.kind === "bytes") size += ((value as Uint8Array).length + 3) & ~3;
  }
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, packHeader(step.protocol.id, schema.id, MESSAGE_TYPE.command, step.token), true);
  writeFields(plainFieldsOf(schema.params), view, HEADER_SIZE, size, params);
  return bytes;
}
