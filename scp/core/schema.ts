// The declaration of a message: which fields, in which order, since which protocol version, with which failures. It is
// data; codec, dispatcher checks, agent side, trace, fuzzer and documentation all read it. All fields are
// little-endian and multiples of 4 bytes; offsets exist in the codecs only. SCMI 4.1.2 and 4.2 onwards.
import type { ResourceKind } from "./resources.ts";
import type { FailureName } from "./status.ts";

export { fixedSizeOf, maskOf, omittableSizeOf, reservedMaskOf, sizeOfField } from "./field_sizes.ts";
export {
  byKind,
  HARDWARE_KINDS,
  type HardwareKind,
  type ResourceKind,
  SYSTEM_POWER_NAME,
} from "./resources.ts";

/** A condition on a flag of an earlier `bits32` field of the same structure. */
export interface Condition {
  readonly field: string;
  readonly part: string;
  readonly is: boolean;
}

interface Conditional {
  /** All have to hold, else the field is not on the wire and reads as zero. */
  readonly when: readonly Condition[];
}

/** A part of an unconditional `bits32` field of the same structure. */
export interface PartPlace {
  readonly field: string;
  readonly part: string;
}

/** The part of a word that decides what an id means. */
export interface Selector extends PartPlace {
  /** By the part's value; null = the id means nothing then. A value beyond is refused as reserved bits are. */
  readonly kinds: readonly (ResourceKind | null)[];
}

/** An unsigned 32-bit number; with a resource kind or a selector it is an id, which the dispatcher checks. */
export interface U32Field extends Conditional {
  readonly kind: "u32";
  readonly resource: ResourceKind | null;
  readonly selector: Selector | null;
  /** Whether a sender may end the message before it, which then reads as 0. Last field only. */
  readonly isOmittable: boolean;
}

/** A signed 32-bit number. */
export interface I32Field extends Conditional {
  readonly kind: "i32";
}

/** 64 bits, low word first, as bigint: for values an agent may choose freely. */
export interface I64Field extends Conditional {
  readonly kind: "i64";
}

/** 64 bits, low word first, as a number: for values the platform makes, which stay within +-2^53. */
export interface SafeI64Field extends Conditional {
  readonly kind: "safe64";
}

/** One named part of a word. */
export interface BitPart<T extends boolean | number = boolean | number> {
  readonly low: number;
  readonly width: number;
  readonly isSigned: boolean;
  readonly isFlag: boolean;
  /** Only carries the type; never read. */
  readonly type?: T;
}

/** A word of named bits; bits without a name are reserved: 0 on sending, refused in parameters. */
export interface Bits32Field<P extends Record<string, BitPart> = Record<string, BitPart>>
  extends Conditional {
  readonly kind: "bits32";
  readonly parts: P;
}

/** Text of `size` bytes on the wire, NUL-terminated inside them, the rest zero. */
export interface TextField extends Conditional {
  readonly kind: "text";
  readonly size: number;
}

/** Bytes up to the end of the message, zero padded to a multiple of 4. Last field only. */
export interface BytesField extends Conditional {
  readonly kind: "bytes";
}

/** Unsigned 16-bit numbers, zero padded to a multiple of 4 bytes. Last field only. */
export interface HalvesField extends Conditional {
  readonly kind: "halves";
  /** What tells their number: the padding would count as one otherwise. */
  readonly count: PartPlace;
}

/** Structures up to the end of the message. Last field only. */
export interface ListField<F extends Fields = Fields> extends Conditional {
  readonly kind: "list";
  readonly item: F;
  /** What has to tell their number; null = nothing that is checked. */
  readonly count: PartPlace | null;
}

/** The declaration of any field. */
export type Field =
  | U32Field
  | I32Field
  | I64Field
  | SafeI64Field
  | Bits32Field
  | TextField
  | BytesField
  | HalvesField
  | ListField;

/** The fields of a structure, in wire order. */
export interface Fields {
  readonly [name: string]: Field;
}

type BitsValue<P> = {
  readonly [K in keyof P]: P[K] extends BitPart<infer T> ? (boolean extends T ? boolean : number) : never;
};

/** The value of one field. */
export type ValueOf<F> = F extends U32Field | I32Field | SafeI64Field ? number
  : F extends I64Field ? bigint
  : F extends Bits32Field<infer P> ? BitsValue<P>
  : F extends TextField ? string
  : F extends BytesField ? Uint8Array
  : F extends HalvesField ? readonly number[]
  : F extends ListField<infer I> ? readonly ValuesOf<I>[]
  : never;

/** The value of a structure: every key, always. */
export type ValuesOf<F extends Fields> = { readonly [K in keyof F]: ValueOf<F[K]> };

const ALWAYS: readonly Condition[] = [];

/** Declares an unsigned number. */
export function u32(): U32Field {
  return { kind: "u32", resource: null, selector: null, isOmittable: false, when: ALWAYS };
}

/** Declares a number at the end of parameters that agents which know an older layout leave away: it reads as 0. */
export function omittable(field: U32Field): U32Field {
  return { ...field, isOmittable: true };
}

/**
 * Declares the id of a resource, the agent's own. In parameters one that does not exist is answered with NOT_FOUND, a denied one
 * with DENIED; what the platform tells may also be a number that stands for none.
 */
export function ref(resource: ResourceKind): U32Field {
  return { ...u32(), resource };
}

/**
 * Declares an id whose kind a part of another word selects: `selectedRef({ flags: "selector" }, ["pin", "pinGroup"])`. Checked
 * as `ref` is; null is a kind with which the id means nothing.
 */
export function selectedRef(
  by: Readonly<Record<string, string>>,
  kinds: readonly (ResourceKind | null)[],
): U32Field {
  return { ...u32(), selector: { ...placeOf(by), kinds } };
}

/** The one field and part that an object of the form `{ field: "part" }` names. */
function placeOf(by: Readonly<Record<string, string>>): PartPlace {
  const [field, part] = Object.entries(by)[0]!;
  return { field, part };
}

/** Declares a signed number. */
export function i32(): I32Field {
  return { kind: "i32", when: ALWAYS };
}

/** Declares a signed 64-bit number as bigint. */
export function i64(): I64Field {
  return { kind: "i64", when: ALWAYS };
}

/** Declares a signed 64-bit number that the platform makes, as a number. */
export function safe64(): SafeI64Field {
  return { kind: "safe64", when: ALWAYS };
}

/** Declares a word of named bits. */
export function bits32<const P extends Record<string, BitPart>>(parts: P): Bits32Field<P> {
  return { kind: "bits32", parts, when: ALWAYS };
}

/** Declares one bit. */
export function flag(bit: number): BitPart<boolean> {
  return { low: bit, width: 1, isSigned: false, isFlag: true };
}

/** Declares the unsigned number in bits `high` to `low`. */
export function bits(high: number, low: number): BitPart<number> {
  return { low, width: high - low + 1, isSigned: false, isFlag: false };
}

/** Declares the two's complement number in bits `high` to `low`. */
export function signedBits(high: number, low: number): BitPart<number> {
  return { low, width: high - low + 1, isSigned: true, isFlag: false };
}

/** Declares a short (16 bytes) or extended (64 bytes) name. */
export function text(size: 16 | 64): TextField {
  return { kind: "text", size, when: ALWAYS };
}

/** Declares bytes up to the end of the message. */
export function bytes(): BytesField {
  return { kind: "bytes", when: ALWAYS };
}

/** Declares unsigned 16-bit numbers at the end of the message, as many as a part tells: `halves({ flags: "returned" })`. */
export function halves(count: Readonly<Record<string, string>>): HalvesField {
  return { kind: "halves", count: placeOf(count), when: ALWAYS };
}

/** Declares structures up to the end of the message. */
export function list<const F extends Fields>(item: F): ListField<F> {
  return { kind: "list", item, count: null, when: ALWAYS };
}

/** Declares that a part tells the length of a list; in parameters another length is answered with PROTOCOL_ERROR. */
export function counted<F extends Fields>(
  count: Readonly<Record<string, string>>,
  field: ListField<F>,
): ListField<F> {
  return { ...field, count: placeOf(count) };
}

/** Puts a field on the wire only while the conditions hold: `{ attributes: "flag" }`, or `"!flag"` for a clear one. */
export function when<F extends Field>(conditions: Readonly<Record<string, string>>, field: F): F {
  const all = Object.entries(conditions).map(([name, part]) => ({
    field: name,
    part: part.replace(/^!/, ""),
    is: !part.startsWith("!"),
  }));
  return { ...field, when: all };
}

/** A command: what an agent may send and what comes back. */
export interface CommandSchema<
  P extends Fields = Fields,
  R extends Fields = Fields,
  F extends FailureName = FailureName,
  D extends Fields = Fields,
> {
  readonly kind: "command";
  readonly id: number;
  readonly name: string;
  /** First and last protocol version with this layout. */
  readonly since: number;
  readonly until: number;
  /** One line of meaning, for documentation and traces. */
  readonly summary: string;
  readonly params: P;
  readonly returns: R;
  /** What the handler itself may answer; the dispatcher's own refusals are not listed. */
  readonly fails: readonly F[];
  /** Return values of the delayed response, when the command has an asynchronous form. */
  readonly delayed: D | null;
  /** Whether the command makes sense only with a platform-to-agent channel. */
  readonly needsP2a: boolean;
  /**
   * `control`: it changes, for all agents, the resource that its first id names, or, without an id, the one its protocol is
   * about; further ids it only names. What an agent has for itself (notifications, trip points) it sets by `read`.
   */
  readonly access: Access;
}

/** What an agent has to be allowed to do with a resource. */
export type Access = "read" | "control";

/** A notification: what the platform sends unasked. */
export interface NotificationSchema<P extends Fields = Fields> {
  readonly kind: "notification";
  readonly id: number;
  readonly name: string;
  readonly since: number;
  readonly until: number;
  readonly summary: string;
  readonly payload: P;
}

/** The declaration of anything that can be sent but answers, which their commands declare. */
export type MessageSchema = CommandSchema | NotificationSchema;

/** No version is newer than this. */
export const EVERY_LATER_VERSION = 0xffff_ffff;

/** Declares a command; `since` is 0x10000, `until` open, its access `read` and the parts empty unless given. */
export function command<
  const P extends Fields = Record<never, never>,
  const R extends Fields = Record<never, never>,
  const F extends FailureName = never,
  const D extends Fields = Record<never, never>,
>(
  declaration: {
    id: number;
    name: string;
    summary: string;
    since?: number;
    until?: number;
    params?: P;
    returns?: R;
    fails?: readonly F[];
    delayed?: D;
    needsP2a?: boolean;
    access?: Access;
  },
): CommandSchema<P, R, F, D> {
  return {
    kind: "command",
    id: declaration.id,
    name: declaration.name,
    since: declaration.since ?? 0x10000,
    until: declaration.until ?? EVERY_LATER_VERSION,
    summary: declaration.summary,
    params: declaration.params ?? ({} as P),
    returns: declaration.returns ?? ({} as R),
    fails: declaration.fails ?? [],
    delayed: declaration.delayed ?? null,
    needsP2a: declaration.needsP2a ?? false,
    access: declaration.access ?? "read",
  };
}

/** Declares a notification. */
export function notification<const P extends Fields>(
  declaration: { id: number; name: string; summary: string; since?: number; until?: number; payload: P },
): NotificationSchema<P> {
  return {
    kind: "notification",
    id: declaration.id,
    name: declaration.name,
    since: declaration.since ?? 0x10000,
    until: declaration.until ?? EVERY_LATER_VERSION,
    summary: declaration.summary,
    payload: declaration.payload,
  };
}

/** The parameters of a command. */
export type ParamsOf<S> = S extends CommandSchema<infer P, infer _R, infer _F, infer _D> ? ValuesOf<P>
  : never;

/** The return values of a command. */
export type ReturnsOf<S> = S extends CommandSchema<infer _P, infer R, infer _F, infer _D> ? ValuesOf<R>
  : never;

/** The failures a handler of the command may answer. */
export type FailuresOf<S> = S extends CommandSchema<infer _P, infer _R, infer F, infer _D> ? F : never;

/** The return values of a command's delayed response. */
export type DelayedOf<S> = S extends CommandSchema<infer _P, infer _R, infer _F, infer D> ? ValuesOf<D>
  : never;

/** The payload of a notification. */
export type PayloadOf<S> = S extends NotificationSchema<infer P> ? ValuesOf<P> : never;

/** What a handler answers: the return values, `"SUCCESS"` where there are none, or a failure of its list. */
export type AnswerOf<S> =
  | (S extends CommandSchema<infer _P, infer R, infer _F, infer _D>
    ? (keyof R extends never ? "SUCCESS" : ValuesOf<R>)
    : never)
  | FailuresOf<S>;
