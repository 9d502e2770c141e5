// A response or a message of the platform's own as one line for people: name, status, values.
import { readFields, type Values } from "../core/codec.ts";
import { HEADER_SIZE, MESSAGE_TYPE, messageTypeOf, tokenOf } from "../core/header.ts";
import type { Fields } from "../core/schema.ts";
import { STATUS, statusName } from "../core/status.ts";
import { findMessage, messageName } from "../../protocols/registry.ts";

const TEXT_LENGTH_MAX = 300;

/** Shows a message from the platform; values are read by the newest declaration that explains the bytes. */
export function showBytes(message: Uint8Array): string {
  if (message.length < HEADER_SIZE) return `${message.length} bytes`;
  const view = new DataView(message.buffer, message.byteOffset, message.length);
  const header = view.getUint32(0, true);
  const name = `${messageName(header)} token=${tokenOf(header)}`;
  const schema = findMessage(header);
  if (messageTypeOf(header) === MESSAGE_TYPE.notification) {
    const fields = schema?.kind === "notification" ? schema.payload : {};
    return `${name} ${valuesText(fields, view, HEADER_SIZE)}`;
  }
  if (message.length < HEADER_SIZE + 4) return `${name} without a status`;
  const status = view.getInt32(HEADER_SIZE, true);
  if (status !== STATUS.SUCCESS || schema?.kind !== "command") return `${name} ${statusName(status)}`;
  const isDelayed = messageTypeOf(header) === MESSAGE_TYPE.delayedResponse;
  const fields = isDelayed ? schema.delayed ?? {} : schema.returns;
  return `${name}${isDelayed ? " delayed" : ""} SUCCESS ${valuesText(fields, view, HEADER_SIZE + 4)}`;
}

function valuesText(fields: Fields, view: DataView, offset: number): string {
  const values = readFields(fields, view, offset, view.byteLength) as Values | null;
  if (values === null) return `(${view.byteLength} bytes)`;
  const text = JSON.stringify(
    values,
    (_key, value) =>
      value instanceof Uint8Array ? [...value] : typeof value === "bigint" ? String(value) : value,
  );
  return text.length <= TEXT_LENGTH_MAX ? text : `${text.slice(0, TEXT_LENGTH_MAX)}...`;
}
