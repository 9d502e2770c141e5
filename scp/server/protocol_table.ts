// The commands of one protocol in one version, compiled: from message id to everything the dispatcher needs. Made once
// for each pair and shared by all channels.
import { assert } from "../core/assert.ts";
import {
  compileEncoder,
  compileParamsDecoder,
  type ParamsDecoder,
  type StructEncoder,
} from "../core/codec_compiler.ts";
import { HEADER_SIZE } from "../core/header.ts";
import {
  type CommandSchema,
  type Fields,
  fixedSizeOf,
  type NotificationSchema,
  omittableSizeOf,
} from "../core/schema.ts";
import type { ProtocolDefinition } from "../../protocols/protocol.ts";

/** Bytes of the status word that opens every response. */
export const STATUS_SIZE = 4;

/** One command, ready to be served. */
export interface CommandEntry {
  readonly schema: CommandSchema;
  /** Size of the whole request, header included; with a trailing list, of the part before it. */
  readonly requestSize: number;
  /** Size of one item of a trailing list of the parameters; 0 = there is none. */
  readonly itemSize: number;
  /** How much may be missing at the end of the request; with neither items nor this the size is exact. */
  readonly omittableSize: number;
  /** Size of the whole reply without trailing list items. */
  readonly replySizeMin: number;
  readonly decode: ParamsDecoder;
  /** null = the reply is a status only. */
  readonly encode: StructEncoder | null;
  readonly encodeDelayed: StructEncoder | null;
  readonly handler: (params: object, context: unknown) => object | string;
}

/** The commands of a protocol in one version, by message id. */
export type ProtocolTable = readonly (CommandEntry | null)[];

function trailingItemSize(fields: Fields): number {
  const last = Object.values(fields).at(-1);
  return last !== undefined && last.kind === "list" ? fixedSizeOf(last.item) : 0;
}

/**
 * Compiles a protocol for one version. `versionMax` is the newest that the platform shows: negotiation exists in all
 * versions of a platform that has it, so that an agent which went back can come forward again.
 */
export function compileProtocol(
  definition: ProtocolDefinition,
  version: number,
  versionMax: number,
): ProtocolTable {
  const table: (CommandEntry | null)[] = new Array(256).fill(null);
  for (const { schema, handler } of definition.bindings) {
    const inForce = schema.name === "NEGOTIATE_PROTOCOL_VERSION" ? versionMax : version;
    if (inForce < schema.since || inForce > schema.until) continue;
    assert(table[schema.id] === null, `${schema.name} is declared twice for version ${version.toString(16)}`);
    const returnsNothing = Object.keys(schema.returns).length === 0;
    table[schema.id] = {
      schema,
      requestSize: HEADER_SIZE + fixedSizeOf(schema.params),
      itemSize: trailingItemSize(schema.params),
      omittableSize: omittableSizeOf(schema.params),
      replySizeMin: HEADER_SIZE + STATUS_SIZE + fixedSizeOf(schema.returns),
      decode: compileParamsDecoder(schema.params, schema.access, definition.resource),
      encode: returnsNothing ? null : compileEncoder(schema.returns),
      encodeDelayed: schema.delayed === null ? null : compileEncoder(schema.delayed),
      handler: handler as CommandEntry["handler"],
    };
  }
  return table;
}

const notificationEncoders = new WeakMap<NotificationSchema, StructEncoder>();

/** The encoder of a notification's payload, compiled on first use. */
export function encoderOfNotification(schema: NotificationSchema): StructEncoder {
  let encoder = notificationEncoders.get(schema);
  if (encoder === undefined) {
    encoder = compileEncoder(schema.payload);
    notificationEncoders.set(schema, encoder);
  }
  return encoder;
}
