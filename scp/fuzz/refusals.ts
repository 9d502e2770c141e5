// What the dispatcher has to refuse by itself, worked out from the declarations and the state of the channel, in the
// order of checks of the SCMI core reference. Another reading of the same rules than the dispatcher's: the two judge
// each other.
import { hasShape, readFields } from "../core/codec.ts";
import { HEADER_SIZE, messageIdOf, messageTypeOf, protocolIdOf } from "../core/header.ts";
import { MESSAGE_SIZE_MAX } from "../core/limits.ts";
import {
  type Bits32Field,
  type CommandSchema,
  type Fields,
  fixedSizeOf,
  type PartPlace,
  reservedMaskOf,
  type ResourceKind,
  sizeOfField,
  type U32Field,
} from "../core/schema.ts";
import { STATUS, type StatusName } from "../core/status.ts";
import { isVendorProtocol } from "../../protocols/registry.ts";
import type { ChannelState } from "./channel_state.ts";
import type { Permissions } from "./permissions.ts";
import { plainFieldsOf } from "./program.ts";
import type { ParamValues } from "./program.ts";
import type { ProtocolFacts } from "./target.ts";

/** Header and status. */
export const REPLY_SIZE_MIN = 8;

const WORD = 4;
const SEGMENT_LENGTH = 3;

/** A command as the platform has to understand it. */
export interface Understood {
  readonly header: number;
  readonly protocol: ProtocolFacts;
  readonly schema: CommandSchema;
  readonly params: ParamValues;
}

/** What has to become of a request. */
export type Expectation =
  /** There is no answer. */
  | { readonly kind: "silence" }
  /** One of these: of ours the first, of another platform any. */
  | {
    readonly kind: "refusal";
    readonly protocol: ProtocolFacts | null;
    readonly statuses: readonly StatusName[];
  }
  /** The handler answers, in one of these ways; SUCCESS is among them. */
  | { readonly kind: "answer"; readonly understood: Understood; readonly statuses: ReadonlySet<StatusName> };

/** By a vendor's id another platform may mean anything. */
const ANY_STATUS = Object.keys(STATUS) as StatusName[];

const FOR_TRUSTED_AGENTS: ReadonlySet<string> = new Set([
  "BASE_SET_DEVICE_PERMISSIONS",
  "BASE_SET_PROTOCOL_PERMISSIONS",
  "PINCTRL_SET_PERMISSIONS",
]);

/** The protocols that hide nothing but these. */
const HIDING_ONLY_THESE: ReadonlySet<string> = new Set(["base", "pin_control"]);

/** What platforms of others may answer for reasons that an agent cannot see. */
const OF_OTHERS: readonly StatusName[] = [
  "NOT_SUPPORTED",
  "NOT_FOUND",
  "DENIED",
  "INVALID_PARAMETERS",
  "BUSY",
];

/** Whether an agent is shown a command: true, false, or null where this is the protocol's own matter. */
export function isShown(state: ChannelState, protocol: ProtocolFacts, schema: CommandSchema): boolean | null {
  if (FOR_TRUSTED_AGENTS.has(schema.name)) return state.facts.isOurs ? state.agent.isTrusted : null;
  return protocol.hidesCommands && !HIDING_ONLY_THESE.has(protocol.name) ? null : true;
}

/** Bytes of a structure with all that may be missing from it. */
function sizeMaxOf(fields: Fields): number {
  return Object.values(fields).reduce((sum, field) => sum + sizeOfField(field), 0);
}

/** Bytes with which the first page of every list fits; a list that is not paged may be of any length. */
function roomForAnyPage(returns: Fields): number {
  const last = Object.values(returns).at(-1);
  if (last === undefined || (last.kind !== "list" && last.kind !== "bytes" && last.kind !== "halves")) {
    return 0;
  }
  const words = Object.values(returns).filter((field) => field.kind === "bits32");
  const isPaged = last.kind !== "list" || words.some(({ parts }) => "remaining" in parts);
  if (!isPaged) return Infinity;
  // One item takes a word.
  if (last.kind === "halves") return REPLY_SIZE_MIN + fixedSizeOf(returns) + WORD;
  const itemSize = last.kind === "list" ? sizeMaxOf(last.item) : WORD;
  // Lowest, highest and step come together or not at all.
  const mayBeSegment = words.some(({ parts }) => "isSegment" in parts || "isTriplet" in parts);
  return REPLY_SIZE_MIN + fixedSizeOf(returns) + itemSize * (mayBeSegment ? SEGMENT_LENGTH : 1) + WORD;
}

/** Works out what has to become of a request. */
export function expect(state: ChannelState, permissions: Permissions, request: Uint8Array): Expectation {
  const size = Math.min(request.length, MESSAGE_SIZE_MAX);
  if (size < HEADER_SIZE || state.room < REPLY_SIZE_MIN) return { kind: "silence" };
  const view = new DataView(request.buffer, request.byteOffset, size);
  const header = view.getUint32(0, true);
  const protocol = state.facts.protocols.find(({ id }) => id === protocolIdOf(header));
  const statuses: StatusName[] = [];
  if (!state.facts.isOurs && isVendorProtocol(protocolIdOf(header))) {
    return { kind: "refusal", protocol: null, statuses: ANY_STATUS };
  }
  // An agent without hardware of a protocol does not have the protocol.
  if (protocol === undefined || state.agent.protocolIds?.includes(protocol.id) === false) {
    return { kind: "refusal", protocol: null, statuses: ["NOT_SUPPORTED", "NOT_FOUND"] };
  }
  if (messageTypeOf(header) !== 0 || header >>> 28 !== 0) statuses.push("PROTOCOL_ERROR", "COMMS_ERROR");
  const schema = state.findCommand(protocol, messageIdOf(header));
  if (schema === undefined) {
    return { kind: "refusal", protocol, statuses: [...statuses, "NOT_FOUND", "NOT_SUPPORTED"] };
  }
  const hasRightSize = hasShape(schema.params, size - HEADER_SIZE);
  if (!hasRightSize) statuses.push("PROTOCOL_ERROR");
  if (permissions.isProtocolDenied(state.agent, protocol)) statuses.push("DENIED");
  if (state.agent.rights?.forbids(protocol.name, schema)) statuses.push("DENIED");
  if (schema.needsP2a && !state.hasP2a) statuses.push("NOT_SUPPORTED");
  const shown = isShown(state, protocol, schema);
  if (shown === false) statuses.push("NOT_SUPPORTED");
  if (REPLY_SIZE_MIN + fixedSizeOf(schema.returns) > state.room) statuses.push("COMMS_ERROR");
  const params = hasRightSize ? readFields(plainFieldsOf(schema.params), view, HEADER_SIZE, size) : null;
  if (params !== null) {
    statuses.push(...paramRefusals(state, permissions, protocol, schema, params as ParamValues));
  }
  if (statuses.length > 0) {
    const allowed = state.facts.isOurs ? statuses : [...statuses, ...OF_OTHERS];
    return { kind: "refusal", protocol, statuses: allowed };
  }
  const allowed = new Set<StatusName>(["SUCCESS", ...schema.fails]);
  if (state.room < roomForAnyPage(schema.returns)) allowed.add("COMMS_ERROR");
  if (shown === null) allowed.add("NOT_SUPPORTED");
  if (!state.facts.isOurs) { for (const status of OF_OTHERS) allowed.add(status); }
  return {
    kind: "answer",
    understood: { header, protocol, schema, params: params as ParamValues },
    statuses: allowed,
  };
}

function paramRefusals(
  state: ChannelState,
  permissions: Permissions,
  protocol: ProtocolFacts,
  schema: CommandSchema,
  params: ParamValues,
): StatusName[] {
  const found: StatusName[] = [];
  const denied: StatusName[] = [];
  const reserved: StatusName[] = [];
  const { rights } = state.agent;
  let takesControl = schema.access === "control";
  for (const [name, field] of Object.entries(schema.params)) {
    const value = params[name] as number;
    if (field.kind === "u32") {
      const kind = kindOf(field, schema, params);
      if (kind === undefined) reserved.push("INVALID_PARAMETERS");
      const count = kind === undefined || kind === null ? undefined : state.agent.counts[kind];
      if (count !== undefined && value >= count) {
        if (rights?.isForeign(kind!, value)) denied.push("DENIED");
        else found.push("NOT_FOUND");
      }
      if (takesControl && kind && rights?.isReadOnly(kind, value)) denied.push("DENIED");
      // Control is of what is named first.
      if (field.resource !== null || field.selector !== null) takesControl = false;
      const isItsOwn = kind === protocol.resource || protocol.otherResources.some((other) => other === kind);
      if (isItsOwn && permissions.isDenied(state.agent, protocol, value, kind)) denied.push("DENIED");
    }
    if (field.kind === "bits32" && (value & reservedMaskOf(field)) !== 0) reserved.push("INVALID_PARAMETERS");
    if (field.kind === "list" && hasReservedBits(field.item, params[name] as readonly ParamValues[])) {
      reserved.push("INVALID_PARAMETERS");
    }
  }
  if (takesControl && rights?.isReadOnly(protocol.resource!, 0)) denied.push("DENIED");
  return [...hasCount(schema, params) ? [] : ["PROTOCOL_ERROR" as const], ...found, ...denied, ...reserved];
}

function hasReservedBits(item: Fields, values: readonly ParamValues[]): boolean {
  return Object.entries(item).some(([name, field]) =>
    field.kind === "bits32" &&
    values.some((each) => ((each[name] as number) & reservedMaskOf(field)) !== 0)
  );
}

/** What an id is of: null = it is no id, undefined = its selector has no such value. */
export function kindOf(
  field: U32Field,
  schema: CommandSchema,
  params: ParamValues,
): ResourceKind | null | undefined {
  const { selector } = field;
  return selector === null ? field.resource : selector.kinds[partOf(schema, params, selector)];
}

/** The value of a part of a word among the parameters. */
function partOf(schema: CommandSchema, params: ParamValues, { field, part }: PartPlace): number {
  const { low, width } = (schema.params[field] as Bits32Field).parts[part]!;
  return Math.floor((params[field] as number) / 2 ** low) % 2 ** width;
}

/** Whether a list at the end is as long as another parameter says, if one does. */
function hasCount(schema: CommandSchema, params: ParamValues): boolean {
  const [name, field] = Object.entries(schema.params).at(-1) ?? ["", null];
  if (field?.kind !== "list" || field.count === null) return true;
  return (params[name] as readonly unknown[]).length === partOf(schema, params, field.count);
}
