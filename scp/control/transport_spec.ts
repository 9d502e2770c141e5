// Transport specifications as the command line takes them: `SCHEME:PLACE[,KEY=VALUE]...`, design.md 2. One
// table says which schemes there are and what each takes; reader, writer, help and types come from it. Text
// only: nothing is opened.

import { DOORBELL_WIDTHS } from "../core/shared_area.ts";
import { MAILBOX_AREA_SIZE } from "../../transports/mailbox/options.ts";
import { SHMEM_SIZE } from "../../transports/shmem/places.ts";
import { CHECKSUM_MODES } from "../../transports/smt/checksum.ts";

/** One kind of value behind a key. */
interface ValueKind<T> {
  /** As it stands in the form of a specification. */
  readonly form: string;
  /** What to write, for somebody who wrote something else. */
  readonly advice: string;
  /** Returns null for a text that is no such value. */
  read(text: string): T | null;
  write(value: T): string;
}

/** What a scheme takes under one key. */
interface TransportOption<T, F> {
  readonly kind: ValueKind<T>;
  /** What counts when the key is absent; undefined = it may not be. */
  readonly fallback: F;
}

const ADVICE_NUMBER = "a whole number, decimal or 0x and hexadecimal";

function numberOf(form: string): ValueKind<number> {
  return {
    form,
    advice: ADVICE_NUMBER,
    read(text) {
      const value = /^(\d+|0[xX][0-9a-fA-F]+)$/.test(text) ? Number(text) : NaN;
      return Number.isSafeInteger(value) ? value : null;
    },
    write: (value) => `0x${value.toString(16)}`,
  };
}

function oneOf<const T extends string | number>(...values: readonly T[]): ValueKind<T> {
  return {
    form: values.join("|"),
    advice: `one of ${values.join(", ")}`,
    read: (text) => values.find((value) => `${value}` === text) ?? null,
    write: String,
  };
}

const OFFSET = numberOf("OFFSET");
const BYTES = numberOf("BYTES");

/** One offset or several, joined by `+`. */
const OFFSETS: ValueKind<readonly number[]> = {
  form: "OFFSET[+OFFSET]...",
  advice: `${OFFSET.advice}, or several joined by +`,
  read(text) {
    const offsets = text.split("+").map(OFFSET.read).filter((offset) => offset !== null);
    return offsets.length === text.split("+").length ? offsets : null;
  },
  write: (offsets) => offsets.map(OFFSET.write).join("+"),
};

function required<T>(kind: ValueKind<T>): TransportOption<T, undefined> {
  return { kind, fallback: undefined };
}

function optional<T, const F>(kind: ValueKind<T>, fallback: F): TransportOption<T, F> {
  return { kind, fallback };
}

/** The versions of the MHU whose registers a mailbox can have. */
export const MAILBOX_VERSIONS = [1, 2, 3] as const;

/** Where the RAM of QEMU's machine `virt` begins, hence what offset 0 of its memory file is to a guest. */
export const GUEST_RAM_ADDRESS = 0x4000_0000;

/** How FastChannels are used: bits of the doorbells, and the least time between two writes. */
const FAST_OPTIONS = {
  doorbell: optional(oneOf<"none" | typeof DOORBELL_WIDTHS[number]>("none", ...DOORBELL_WIDTHS), 32),
  rate: optional(numberOf("US"), 0),
} as const;

const SCHEMES = {
  virtio: {
    about:
      "vhost-user back-end of a virtio-scmi device, cmdq and eventq: QEMU's vhost-user-scmi-pci connects",
    place: "SOCKET",
    options: {},
  },
  message: {
    about: "plain messages over a Unix stream socket: anything that can open one",
    place: "SOCKET",
    options: {},
  },
  mailbox: {
    about: "registers of an Arm MHU, message areas and FastChannels in a memory file: the RAM of a guest",
    place: "FILE",
    options: {
      mhu: required(OFFSET),
      /** Areas for commands: the first for all protocols, each further one for one of them. */
      shmem: required(OFFSETS),
      p2a: optional(OFFSET, null),
      /** Bytes of each area. */
      area: optional(BYTES, MAILBOX_AREA_SIZE),
      version: optional(oneOf(...MAILBOX_VERSIONS), 1),
      /** Of the begin of the file, as the agent addresses it. */
      base: optional(numberOf("ADDRESS"), GUEST_RAM_ADDRESS),
      /** FastChannels and statistics; null = there are none. */
      fast: optional(OFFSET, null),
      ...FAST_OPTIONS,
      /** Bytes that the file gets if it is not there; null = it has to be. */
      size: optional(BYTES, null),
    },
  },
  shmem: {
    about:
      "message areas and FastChannels in a shared file, its doorbell the socket FILE.bell: programs of this machine",
    place: "FILE",
    options: {
      offset: optional(OFFSET, 0),
      size: optional(BYTES, SHMEM_SIZE),
      channels: optional(numberOf("COUNT"), 1),
      ...FAST_OPTIONS,
      checksum: optional(oneOf(...CHECKSUM_MODES), "none"),
    },
  },
  gpio: {
    about:
      "vhost-user back-end of a virtio-gpio device: the lines of the board, and the interrupt of the agent's mailbox",
    place: "SOCKET",
    options: {},
  },
} as const;

type Schemes = typeof SCHEMES;
type ValueOf<O> = O extends TransportOption<infer T, infer F> ? T | Exclude<F, undefined> : never;
type OptionsOf<S extends TransportScheme> = {
  readonly [K in keyof Schemes[S]["options"]]: ValueOf<Schemes[S]["options"][K]>;
};

/** The name of a transport. */
export type TransportScheme = keyof Schemes;

/** The schemes there are. */
export const TRANSPORT_SCHEMES = Object.keys(SCHEMES) as readonly TransportScheme[];

/** A specification of one scheme, taken apart. Offsets are those of the file. */
export type TransportSpecOf<S extends TransportScheme> = OptionsOf<S> & {
  readonly scheme: S;
  /** Path of the Unix socket, or of the file. */
  readonly path: string;
  /** Name of the agent; null = the board's first. */
  readonly agent: string | null;
};

/** A specification, taken apart. */
export type TransportSpec = { readonly [S in TransportScheme]: TransportSpecOf<S> }[TransportScheme];

/** A specification, or one line that says what is wrong with it. */
export type SpecResult =
  | { readonly ok: true; readonly spec: TransportSpec }
  | { readonly ok: false; readonly problem: string };

/** An option of any scheme, its types forgotten. */
type AnyOption = TransportOption<unknown, unknown>;

function optionsOf(scheme: TransportScheme): [key: string, option: AnyOption][] {
  return Object.entries<AnyOption>(SCHEMES[scheme].options as Record<string, AnyOption>);
}

/** How a specification is written: `virtio:SOCKET[,agent=NAME]`. */
export function transportForm(scheme: TransportScheme): string {
  const options = optionsOf(scheme).map(([key, { kind, fallback }]) => {
    const text = `,${key}=${kind.form}`;
    return fallback === undefined ? text : `[${text}]`;
  });
  return `${scheme}:${SCHEMES[scheme].place}${options.join("")}[,agent=NAME]`;
}

/** What a scheme is, in a line. */
export function transportAbout(scheme: TransportScheme): string {
  return SCHEMES[scheme].about;
}

/** Takes a specification apart. A comma ends the path: paths with commas cannot be written. */
export function parseTransportSpec(text: string): SpecResult {
  const colon = text.indexOf(":");
  const given = colon < 0 ? text : text.slice(0, colon);
  const scheme = TRANSPORT_SCHEMES.find((known) => known === given);
  if (colon < 0 || scheme === undefined) {
    const all = TRANSPORT_SCHEMES.map((each) => `${each}:${SCHEMES[each].place}`).join(", ");
    const what = colon < 0 ? "no scheme" : `no transport is called ${JSON.stringify(given)}`;
    return refuse(text, what, `one of ${all}`);
  }
  const form = transportForm(scheme);
  const [path = "", ...words] = text.slice(colon + 1).split(",");
  if (path === "") return refuse(text, `no ${SCHEMES[scheme].place.toLowerCase()} path`, form);
  const texts = new Map<string, string>();
  for (const word of words) {
    const equals = word.indexOf("=");
    const key = equals < 0 ? word : word.slice(0, equals);
    if (texts.has(key)) return refuse(text, `${key}= is given twice`, form);
    texts.set(key, equals < 0 ? "" : word.slice(equals + 1));
  }
  const agent = texts.get("agent") ?? null;
  if (agent === "") return refuse(text, "agent= needs a name", form);
  texts.delete("agent");
  const values: Record<string, unknown> = {};
  for (const [key, { kind, fallback }] of optionsOf(scheme)) {
    const value = texts.get(key);
    if (value === undefined && fallback === undefined) return refuse(text, `no ${key}=`, form);
    values[key] = value === undefined ? fallback : kind.read(value);
    if (value !== undefined && values[key] === null) {
      return refuse(text, `${key}= needs ${kind.advice}, not ${JSON.stringify(value)}`, form);
    }
    texts.delete(key);
  }
  const [unknown] = texts.keys();
  if (unknown !== undefined) return refuse(text, `unknown option ${JSON.stringify(unknown)}`, form);
  // Each value was read by the kind that the scheme's row of the table has for its key.
  return { ok: true, spec: { scheme, path, ...values, agent } as TransportSpec };
}

/** Writes a specification with its agent. What has its usual value is left out. */
export function transportSpecText(spec: TransportSpec): string {
  const values = spec as unknown as Record<string, unknown>;
  const options = optionsOf(spec.scheme).flatMap(([key, { kind, fallback }]) =>
    values[key] === fallback ? [] : [`,${key}=${kind.write(values[key])}`]
  );
  const agent = spec.agent === null ? "" : `,agent=${spec.agent}`;
  return `${spec.scheme}:${spec.path}${options.join("")}${agent}`;
}

function refuse(text: string, what: string, form: string): SpecResult {
  return { ok: false, problem: `transport ${JSON.stringify(text)}: ${what}; write ${form}` };
}
