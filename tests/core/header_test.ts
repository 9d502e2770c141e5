// The header word against the examples of the specification's bit layout, and its parts back.
import { assertEquals } from "@std/assert";
import {
  MESSAGE_TYPE,
  messageIdOf,
  messageTypeOf,
  packHeader,
  protocolIdOf,
  TOKEN_MAX,
  tokenOf,
} from "../../scp/core/header.ts";

const EXAMPLES: readonly (readonly [number, number, number, number, number])[] = [
  // protocol, message, type, token, word
  [0x10, 0x0, MESSAGE_TYPE.command, 0, 0x0000_4000],
  [0x11, 0x0, MESSAGE_TYPE.command, 0, 0x0000_4400],
  [0x11, 0x4, MESSAGE_TYPE.command, 5, 0x0014_4404],
  [0x13, 0x1, MESSAGE_TYPE.notification, 0, 0x0000_4f01],
  [0x15, 0x6, MESSAGE_TYPE.delayedResponse, TOKEN_MAX, 0x0ffc_5606],
  [0xff, 0xff, MESSAGE_TYPE.notification, TOKEN_MAX, 0x0fff_ffff],
];

Deno.test("header packs and unpacks its parts", () => {
  for (const [protocolId, messageId, type, token, word] of EXAMPLES) {
    assertEquals(packHeader(protocolId, messageId, type, token), word);
    const parts = [protocolIdOf(word), messageIdOf(word), messageTypeOf(word), tokenOf(word)];
    assertEquals(parts, [protocolId, messageId, type, token]);
  }
});

Deno.test("header parts ignore the reserved bits and stay unsigned", () => {
  const word = 0xffff_ffff;
  const parts = [protocolIdOf(word), messageIdOf(word), messageTypeOf(word), tokenOf(word)];
  assertEquals(parts, [0xff, 0xff, 3, TOKEN_MAX]);
});
