// Makes JavaScript from message declarations, once at start: the decoder of a command's parameters with the
// dispatcher's checks, and the encoder of what the platform sends. Interpreting costs 70 to 90 ns for each message,
// the made source 20 to 30; `codec.ts` is the oracle it is tested against.
import { assert } from "./assert.ts";
import { writeSafe64, writeText } from "./codec.ts";
import {
  type Access,
  type BitPart,
  type Bits32Field,
  type Field,
  type Fields,
  fixedSizeOf,
  maskOf,
  type PartPlace,
  reservedMaskOf,
  type ResourceKind,
  sizeOfField,
  type U32Field,
} from "./schema.ts";
import { STATUS } from "./status.ts";

/** The resources of one kind that an agent can name: ids 0 to count - 1. */
export interface ResourcePool {
  /** One more than the largest id. */
  count: number;
  /** Per id, not 0 = the agent may not touch it; null = it may touch all. */
  denied: Uint8Array | null;
  /** Per id, not 0 = the agent may not control it, be it denied or only read; null = it may control all. */
  locked: Uint8Array | null;
}

/** A pool of which an agent may control everything. */
export function openPool(count: number): ResourcePool {
  return { count, denied: null, locked: null };
}

/** An agent's pools, one of every kind. */
export type ResourcePools = Readonly<Record<ResourceKind, ResourcePool>>;

/**
 * Decodes parameters in `view[offset, end)`, whose shape has been checked. Returns the values, or the status number of
 * the first refusal: PROTOCOL_ERROR for a list not as long as its count, NOT_FOUND for an id that does not exist, DENIED
 * for one the agent may not touch, or not control where the command does, INVALID_PARAMETERS for reserved bits and for
 * selectors that select nothing, in this order over all fields (scmi-core 1.5, steps 4 and 7 to 9). `own` is the pool of
 * the kind that the decoder was compiled for, at hand without a look into `pools`; without such a kind it is not needed.
 */
export type ParamsDecoder = (
  view: DataView,
  offset: number,
  end: number,
  pools: ResourcePools,
  own?: ResourcePool,
) => object | number;

/** Writes a structure into `view[offset, limit)`; returns the offset behind it, or -1 when it does not fit. */
export type StructEncoder = (view: DataView, offset: number, limit: number, values: object) => number;

function unpackSource(part: BitPart, word: string): string {
  if (part.isFlag) return `(${word} & ${hex(2 ** part.low)}) !== 0`;
  if (part.isSigned) return `(${word} << ${32 - part.low - part.width}) >> ${32 - part.width}`;
  return part.width === 32 ? `${word} >>> 0` : `(${word} >>> ${part.low}) & ${hex(maskOf(part))}`;
}

function packSource(field: Bits32Field, value: string): string {
  const parts = Object.entries(field.parts).map(([name, part]) => {
    const from = `${value}.${name}`;
    if (part.isFlag) return `(${from} ? ${hex(2 ** part.low)} : 0)`;
    return `((${from} & ${hex(maskOf(part))}) << ${part.low})`;
  });
  return parts.length === 0 ? "0" : parts.join(" | ");
}

function hex(value: number): string {
  return `0x${(value >>> 0).toString(16)}`;
}

function readSource(field: Field, at: string): string {
  switch (field.kind) {
    case "u32":
      return `view.getUint32(${at}, true)`;
    case "i32":
      return `view.getInt32(${at}, true)`;
    case "i64":
      return `view.getBigInt64(${at}, true)`;
    default:
      assert(false, `parameters have no ${field.kind} fields outside lists`);
  }
}

/** The named bits of a word, as an object. */
function partsSource(field: Bits32Field, word: string): string {
  const parts = Object.entries(field.parts).map(([name, part]) => `${name}: ${unpackSource(part, word)}`);
  return `{ ${parts.join(", ")} }`;
}

/** How an item of a list at `p` is read: its words of bits, all values, and what collects the reserved bits. */
function itemSource(item: Fields): { words: string[]; parts: string[]; surplus: string } {
  const words: string[] = [];
  const parts: string[] = [];
  const masked: string[] = [];
  let offset = 0;
  for (const [name, field] of Object.entries(item)) {
    if (field.kind === "bits32") {
      words.push(`const $$${name} = view.getInt32(p + ${offset}, true);`);
      parts.push(`${name}: ${partsSource(field, `$$${name}`)}`);
      const mask = reservedMaskOf(field);
      if (mask !== 0) masked.push(`($$${name} & ${hex(mask)})`);
    } else {
      parts.push(`${name}: ${readSource(field, `p + ${offset}`)}`);
    }
    offset += sizeOfField(field);
  }
  return { words, parts, surplus: masked.length === 0 ? "" : `surplus |= ${masked.join(" | ")};` };
}

/** The value of a part, in the word that the decoder has read. */
function partSource(fields: Fields, place: PartPlace): string {
  const field = fields[place.field];
  assert(field?.kind === "bits32", `${place.field} is a word of bits`);
  const part = field.parts[place.part];
  assert(part !== undefined, `${place.field} has a part ${place.part}`);
  return `(($${place.field} >>> ${part.low}) & ${hex(maskOf(part))})`;
}

/** Where the pool of a kind is at hand. */
function poolSource(kind: ResourceKind, ownKind: ResourceKind | null): string {
  return kind === ownKind ? "own" : `pools.${kind}`;
}

/** The pools that an id may be of, each with what has to hold for it to be of that one; none with null. */
function poolsOf(
  field: U32Field,
  fields: Fields,
  ownKind: ResourceKind | null,
): { pool: string; test: string }[] {
  const { resource, selector } = field;
  if (resource !== null) return [{ pool: poolSource(resource, ownKind), test: "" }];
  if (selector === null) return [];
  const value = partSource(fields, selector);
  return selector.kinds.flatMap((kind, i) =>
    kind === null ? [] : [{ pool: poolSource(kind, ownKind), test: `${value} === ${i} && ` }]
  );
}

/**
 * Compiles the decoder of a command's parameters. One that takes control looks for that at its first id; without any, at id 0 of
 * the kind that its protocol is about.
 */
export function compileParamsDecoder(
  fields: Fields,
  access: Access = "read",
  ownKind: ResourceKind | null = null,
): ParamsDecoder {
  const reads: string[] = [];
  const lengths: string[] = [];
  const found: string[] = [];
  const allowed: string[] = [];
  const reserved: string[] = [];
  const results: string[] = [];
  let offset = 0;
  let barred = access === "control" ? "locked" : "denied";
  for (const [name, field] of Object.entries(fields)) {
    assert(field.when.length === 0, "parameters have no conditional fields");
    const at = `offset + ${offset}`;
    const local = `$${name}`;
    offset += sizeOfField(field);
    if (field.kind === "bits32") {
      reads.push(`const ${local} = view.getInt32(${at}, true);`);
      const mask = reservedMaskOf(field);
      if (mask !== 0) {
        reserved.push(`if ((${local} & ${hex(mask)}) !== 0) return ${STATUS.INVALID_PARAMETERS};`);
      }
      results.push(`${name}: ${partsSource(field, local)}`);
    } else if (field.kind === "list") {
      const size = fixedSizeOf(field.item);
      const { words, parts, surplus } = itemSource(field.item);
      if (field.count !== null) {
        const told = partSource(fields, field.count);
        lengths.push(`if (end - (${at}) !== ${size} * ${told}) return ${STATUS.PROTOCOL_ERROR};`);
      }
      reads.push(`const ${local} = [];`);
      if (surplus !== "") {
        reads.push("let surplus = 0;");
        reserved.push(`if (surplus !== 0) return ${STATUS.INVALID_PARAMETERS};`);
      }
      reads.push(`for (let p = ${at}; p < end; p += ${size}) {`, ...words, surplus);
      reads.push(`${local}.push({ ${parts.join(", ")} });`, "}");
      results.push(`${name}: ${local}`);
    } else {
      const isOmittable = field.kind === "u32" && field.isOmittable;
      const source = readSource(field, at);
      reads.push(`const ${local} = ${isOmittable ? `${at} < end ? ${source} : 0` : source};`);
      results.push(`${name}: ${local}`);
      if (field.kind !== "u32") continue;
      const pools = poolsOf(field, fields, ownKind);
      for (const { pool, test } of pools) {
        const isDenied = `${pool}.${barred} !== null && ${pool}.${barred}[${local}] !== 0`;
        found.push(`if (${test}${local} >= ${pool}.count) return ${STATUS.NOT_FOUND};`);
        allowed.push(`if (${test}${isDenied}) return ${STATUS.DENIED};`);
      }
      if (pools.length > 0) barred = "denied";
      if (field.selector !== null) {
        const value = partSource(fields, field.selector);
        const count = field.selector.kinds.length;
        reserved.push(`if (${value} >= ${count}) return ${STATUS.INVALID_PARAMETERS};`);
      }
    }
  }
  if (barred === "locked" && ownKind !== null) {
    allowed.push(`if (own.locked !== null && own.locked[0] === 1) return ${STATUS.DENIED};`);
  }
  const checks = [...lengths, ...found, ...allowed, ...reserved];
  const body = [...reads, ...checks, `return { ${results.join(", ")} };`].join("\n");
  return new Function("view", "offset", "end", "pools", "own", body) as ParamsDecoder;
}

class EncoderSource {
  readonly lines: string[] = [];
  #constant = 0;
  #isFloating = false;

  constructor(private readonly base: string) {}

  /** Where the next `size` bytes go; from the first conditional field on the place is kept in a variable. */
  #place(size: number): string {
    if (this.#isFloating) return `${this.base}`;
    const at = `${this.base} + ${this.#constant}`;
    this.#constant += size;
    return at;
  }

  get isFloating(): boolean {
    return this.#isFloating;
  }

  float(): void {
    if (this.#isFloating) return;
    if (this.#constant > 0) this.lines.push(`${this.base} += ${this.#constant};`);
    this.#isFloating = true;
  }

  write(field: Field, value: string): void {
    const size = sizeOfField(field);
    const at = this.#place(size);
    switch (field.kind) {
      case "u32":
      case "i32":
        this.lines.push(`view.setInt32(${at}, ${value}, true);`);
        break;
      case "i64":
        this.lines.push(`view.setBigInt64(${at}, ${value}, true);`);
        break;
      case "safe64":
        this.lines.push(`writeSafe64(view, ${at}, ${value});`);
        break;
      case "bits32":
        this.lines.push(`view.setInt32(${at}, ${packSource(field, value)}, true);`);
        break;
      case "text":
        this.lines.push(`writeText(view, ${at}, ${field.size}, ${value});`);
        break;
      default:
        assert(false, `${field.kind} is the last field of a message only`);
    }
    if (this.#isFloating) this.lines.push(`${this.base} += ${size};`);
  }
}

function fieldsSource(fields: Fields, base: string, value: string): string[] {
  const source = new EncoderSource(base);
  source.lines.push(`if (${base} + ${fixedSizeOf(fields)} > limit) return -1;`);
  for (const [name, field] of Object.entries(fields)) {
    const from = `${value}.${name}`;
    if (field.kind === "list") {
      source.float();
      source.lines.push(`for (let i = 0; i < ${from}.length; i++) {`, `const item = ${from}[i];`);
      source.lines.push(...fieldsSource(field.item, base, "item"), "}");
    } else if (field.kind === "bytes") {
      source.float();
      source.lines.push(
        `const padded = (${from}.length + 3) & ~3;`,
        `if (${base} + padded > limit) return -1;`,
        `for (let i = 0; i < padded; i++) view.setUint8(${base} + i, i < ${from}.length ? ${from}[i] : 0);`,
        `${base} += padded;`,
      );
    } else if (field.kind === "halves") {
      source.float();
      source.lines.push(
        `const size = (2 * ${from}.length + 3) & ~3;`,
        `if (${base} + size > limit) return -1;`,
        `for (let i = 0; 2 * i < size; i++) {`,
        `view.setUint16(${base} + 2 * i, i < ${from}.length ? ${from}[i] : 0, true);`,
        "}",
        `${base} += size;`,
      );
    } else if (field.when.length > 0) {
      source.float();
      const test = field.when.map((c) => `${value}.${c.field}.${c.part} === ${c.is}`).join(" && ");
      source.lines.push(`if (${test}) {`, `if (${base} + ${sizeOfField(field)} > limit) return -1;`);
      source.write(field, from);
      source.lines.push("}");
    } else {
      if (source.isFloating) source.lines.push(`if (${base} + ${sizeOfField(field)} > limit) return -1;`);
      source.write(field, from);
    }
  }
  source.float();
  return source.lines;
}

/** Compiles the encoder of a structure. */
export function compileEncoder(fields: Fields): StructEncoder {
  const body = [...fieldsSource(fields, "p", "values"), "return p;"].join("\n");
  const make = new Function(
    "writeSafe64",
    "writeText",
    `return function encode(view, p, limit, values) {\n${body}\n};`,
  );
  return make(writeSafe64, writeText) as StructEncoder;
}
