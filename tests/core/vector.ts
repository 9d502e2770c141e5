// Annotated hex vectors: one structure of a message as bytes, a comment behind each line, and as values. They are written
// by hand from the message tables, and checked both ways against both codecs.
import { assertEquals } from "@std/assert";
import { readFields, writeFields } from "../../scp/core/codec.ts";
import {
  compileEncoder,
  compileParamsDecoder,
  openPool,
  type ResourcePool,
  type ResourcePools,
} from "../../scp/core/codec_compiler.ts";
import {
  type CommandSchema,
  type Fields,
  HARDWARE_KINDS,
  type NotificationSchema,
  type ResourceKind,
  type ValuesOf,
} from "../../scp/core/schema.ts";

/** Which structure of a message a vector is of. */
export type Part = "params" | "returns" | "delayed" | "payload";

/** One vector. */
export interface Vector {
  readonly message: CommandSchema | NotificationSchema;
  readonly part: Part;
  readonly fields: Fields;
  readonly values: Readonly<Record<string, unknown>>;
  readonly bytes: Uint8Array;
}

type FieldsOf<S, P extends Part> = S extends Readonly<Record<P, infer F>> ? (F extends Fields ? F : never)
  : never;

/** Reads hex: two digits and a space for each byte, two spaces before a comment. */
function bytesOf(hex: string): Uint8Array {
  const words = hex.split("\n").flatMap((line) => line.trim().split(/ {2,}/)[0]!.split(" "));
  return Uint8Array.from(words.filter((word) => word !== ""), (word) => {
    if (!/^[0-9a-f]{2}$/.test(word)) throw new Error(`${word} is not a byte`);
    return parseInt(word, 16);
  });
}

/** Makes a vector of one part of a message; the values are typed by the declaration. */
export function vector<S extends CommandSchema | NotificationSchema, P extends Part>(
  message: S,
  part: P,
  values: ValuesOf<FieldsOf<S, P>>,
  hex: string,
): Vector {
  const fields = (message as unknown as Record<P, Fields>)[part];
  return { message, part, fields, values: values as Vector["values"], bytes: bytesOf(hex) };
}

/** All that an id can mean. */
export const RESOURCE_KINDS: readonly ResourceKind[] = [
  "agent",
  "device",
  "suppliedSensor",
  ...HARDWARE_KINDS,
];

/** Makes a pool of every kind. */
export function poolsFrom(make: (kind: ResourceKind, place: number) => ResourcePool): ResourcePools {
  const pools = RESOURCE_KINDS.map((kind, place) => [kind, make(kind, place)] as const);
  return Object.fromEntries(pools) as Record<ResourceKind, ResourcePool>;
}

/** Pools in which every id exists and nothing is denied. */
export const OPEN_POOLS: ResourcePools = poolsFrom(() => openPool(2 ** 32));

const MARGIN = 8;
const UNTOUCHED = 0xa5;

type Writer = (view: DataView, offset: number, limit: number, values: object) => number;

/** Writes with a margin on both sides and returns what was written; the margins have to be as they were. */
export function writeBetweenMargins(write: Writer, size: number, values: object): Uint8Array {
  const area = new Uint8Array(MARGIN + size + MARGIN).fill(UNTOUCHED);
  const end = write(new DataView(area.buffer), MARGIN, MARGIN + size, values);
  assertEquals(end, MARGIN + size, "the end of the structure");
  const margin = new Uint8Array(MARGIN).fill(UNTOUCHED);
  assertEquals(
    [area.slice(0, MARGIN), area.slice(MARGIN + size)],
    [margin, margin],
    "bytes beside the structure",
  );
  return area.slice(MARGIN, MARGIN + size);
}

/** Checks a vector both ways against the interpreting and the compiled codec. */
export function checkVector({ message, part, fields, values, bytes }: Vector): void {
  const name = `${message.name} ${part}`;
  const interpret: Writer = (view, offset, limit, given) =>
    writeFields(fields, view, offset, limit, given as Record<string, unknown>);
  assertEquals(writeBetweenMargins(interpret, bytes.length, values), bytes, `${name} written`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  assertEquals(readFields(fields, view, 0, bytes.length), values as never, `${name} read`);
  if (part === "params") {
    const decoded = compileParamsDecoder(fields)(view, 0, bytes.length, OPEN_POOLS);
    assertEquals(decoded, values, `${name} read by the compiled decoder`);
  } else {
    const written = writeBetweenMargins(compileEncoder(fields), bytes.length, values);
    assertEquals(written, bytes, `${name} written by the compiled encoder`);
  }
}
