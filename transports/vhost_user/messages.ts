// The requests of vhost-user that this back-end knows: numbers, sizes, how many descriptors come with each, which are
// answered. Judges the form of a message; what it means is the session's matter. vhost-user "Message Specification".

/** Bytes of the header: request, flags, size of the payload. */
export const HEADER_SIZE = 12;
/** The largest payload read at all; of the requests known here the memory table is the largest, 264 bytes. */
export const PAYLOAD_SIZE_MAX = 4096;
/** Bytes of a region in a memory table, and what precedes the first. */
export const REGION_SIZE = 32;
export const REGIONS_AT = 8;
/** What precedes the bytes in a message about the config space: their offset, their number, flags. */
const CONFIG_HEADER_SIZE = 12;
/** The largest config space of a device. */
export const CONFIG_SIZE_MAX = 256;

const VERSION_MASK = 3;
const VERSION = 1;
const FLAG_NEED_REPLY = 8;
/** Flags of an answer: the version, and that it is one. Front-ends accept nothing else, not even need_reply. */
const ANSWER_FLAGS = 5;

/** Descriptor field of SET_VRING_KICK, CALL and ERR: the index of the ring, and a bit for "none comes". */
export const VRING_INDEX_MASK = 0xff;
export const VRING_NO_DESCRIPTOR = 0x100;

/** Protocol feature bits, as masks. */
export const PROTOCOL_FEATURE = { MQ: 1, REPLY_ACK: 8, CONFIG: 0x200 } as const;
/** The virtio feature bit that announces protocol features. */
export const FEATURE_PROTOCOL_FEATURES = 30;

/** Numbers of the requests. */
export const REQUEST = {
  GET_FEATURES: 1,
  SET_FEATURES: 2,
  SET_OWNER: 3,
  RESET_OWNER: 4,
  SET_MEM_TABLE: 5,
  SET_VRING_NUM: 8,
  SET_VRING_ADDR: 9,
  SET_VRING_BASE: 10,
  GET_VRING_BASE: 11,
  SET_VRING_KICK: 12,
  SET_VRING_CALL: 13,
  SET_VRING_ERR: 14,
  GET_PROTOCOL_FEATURES: 15,
  SET_PROTOCOL_FEATURES: 16,
  GET_QUEUE_NUM: 17,
  SET_VRING_ENABLE: 18,
  GET_CONFIG: 24,
} as const;

/** How many descriptors a request brings: none; one unless its payload says none; one for each region. */
type DescriptorRule = "none" | "vring" | "regions";

interface RequestRule {
  readonly name: keyof typeof REQUEST;
  /** Bytes of the payload; null: they follow from its content. */
  readonly size: number | null;
  readonly descriptors: DescriptorRule;
  readonly isAnswered: boolean;
}

function rule(
  name: keyof typeof REQUEST,
  size: number | null,
  descriptors: DescriptorRule = "none",
): [number, RequestRule] {
  return [REQUEST[name], { name, size, descriptors, isAnswered: name.startsWith("GET_") }];
}

const RULES: ReadonlyMap<number, RequestRule> = new Map([
  rule("GET_FEATURES", 0),
  rule("SET_FEATURES", 8),
  rule("SET_OWNER", 0),
  rule("RESET_OWNER", 0),
  rule("SET_MEM_TABLE", null, "regions"),
  rule("SET_VRING_NUM", 8),
  rule("SET_VRING_ADDR", 40),
  rule("SET_VRING_BASE", 8),
  rule("GET_VRING_BASE", 8),
  rule("SET_VRING_KICK", 8, "vring"),
  rule("SET_VRING_CALL", 8, "vring"),
  rule("SET_VRING_ERR", 8, "vring"),
  rule("GET_PROTOCOL_FEATURES", 0),
  rule("SET_PROTOCOL_FEATURES", 8),
  rule("GET_QUEUE_NUM", 0),
  rule("SET_VRING_ENABLE", 8),
  rule("GET_CONFIG", null),
]);

/**
 * Requests of features that are not offered, which a front-end waits to have answered: POSTCOPY_ADVISE, GET_INFLIGHT_FD,
 * GET_MAX_MEM_SLOTS, GET_STATUS, GET_SHARED_OBJECT.
 */
const ANSWERED_UNKNOWN: ReadonlySet<number> = new Set([28, 31, 36, 40, 41]);

/** Returns the name of a request for messages to people. */
export function requestName(request: number): string {
  return RULES.get(request)?.name ?? `request ${request}`;
}

/** Whether the front-end waits for an answer of its own, beyond an acknowledgement. */
export function isAnswered(request: number): boolean {
  return RULES.get(request)?.isAnswered ?? ANSWERED_UNKNOWN.has(request);
}

/** Whether the header asks for an acknowledgement. */
export function needsReply(flags: number): boolean {
  return (flags & FLAG_NEED_REPLY) !== 0;
}

/** Judges a header. Returns null, or why the connection cannot go on: what follows it has no known form. */
export function headerError(flags: number, size: number): string | null {
  if ((flags & VERSION_MASK) !== VERSION) {
    return `version ${flags & VERSION_MASK}, this is version ${VERSION}`;
  }
  if ((flags & ~(VERSION_MASK | FLAG_NEED_REPLY)) !== 0) return `flags 0x${(flags >>> 0).toString(16)}`;
  return size > PAYLOAD_SIZE_MAX ? `a payload of ${size} bytes` : null;
}

/** Judges size and descriptors of a whole message. Returns null, or what is wrong with it. */
export function messageError(
  request: number,
  payload: DataView,
  size: number,
  descriptorCount: number,
): string | null {
  const known = RULES.get(request);
  if (known === undefined) return "not supported";
  if (known.size !== null && size !== known.size) return `payload of ${size} bytes, not ${known.size}`;
  let expected = 0;
  if (known.descriptors === "vring") {
    expected = (payload.getUint32(0, true) & VRING_NO_DESCRIPTOR) === 0 ? 1 : 0;
  } else if (known.descriptors === "regions") {
    if (size < REGIONS_AT) return `payload of ${size} bytes`;
    expected = payload.getUint32(0, true);
    if (size !== REGIONS_AT + REGION_SIZE * expected) return `${expected} regions in ${size} bytes`;
  } else if (known.name === "GET_CONFIG") {
    if (size < CONFIG_HEADER_SIZE) return `payload of ${size} bytes`;
    const wanted = payload.getUint32(4, true);
    if (size !== CONFIG_HEADER_SIZE + wanted) return `${wanted} bytes of config space in ${size} bytes`;
  }
  return descriptorCount === expected ? null : `${descriptorCount} descriptors, not ${expected}`;
}

/** Builds answers, each valid until the next one is built. */
export class AnswerWriter {
  readonly #bytes = new Uint8Array(HEADER_SIZE + CONFIG_HEADER_SIZE + CONFIG_SIZE_MAX);
  readonly #view = new DataView(this.#bytes.buffer);
  readonly #u64 = this.#bytes.subarray(0, HEADER_SIZE + 8);

  /** An answer with a 64-bit number, here as its lower and upper half. */
  u64(request: number, low: number, high: number): Uint8Array<ArrayBuffer> {
    this.#header(request, 8);
    this.#view.setUint32(HEADER_SIZE, low, true);
    this.#view.setUint32(HEADER_SIZE + 4, high, true);
    return this.#u64;
  }

  /** An answer with bytes of a config space; null: none could be read. */
  config(request: number, offset: number, bytes: Uint8Array | null): Uint8Array<ArrayBuffer> {
    const size = bytes === null ? 0 : CONFIG_HEADER_SIZE + bytes.length;
    this.#header(request, size);
    if (bytes !== null) {
      this.#view.setUint32(HEADER_SIZE, offset, true);
      this.#view.setUint32(HEADER_SIZE + 4, bytes.length, true);
      this.#view.setUint32(HEADER_SIZE + 8, 0, true);
      this.#bytes.set(bytes, HEADER_SIZE + CONFIG_HEADER_SIZE);
    }
    return this.#bytes.subarray(0, HEADER_SIZE + size);
  }

  #header(request: number, size: number): void {
    this.#view.setUint32(0, request, true);
    this.#view.setUint32(4, ANSWER_FLAGS, true);
    this.#view.setUint32(8, size, true);
  }
}
