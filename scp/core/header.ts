// The 32-bit header of every SCMI message: message id, type, protocol id, token. SCMI 4.1.2.

/** Message types; 1 is not used. */
export const MESSAGE_TYPE = { command: 0, delayedResponse: 2, notification: 3 } as const;

/** Bytes of the header. */
export const HEADER_SIZE = 4;

/** The largest token: it has 10 bits. */
export const TOKEN_MAX = 0x3ff;

/** Packs a header; each part has to be inside its field. */
export function packHeader(protocolId: number, messageId: number, type: number, token: number): number {
  return (messageId | (type << 8) | (protocolId << 10) | (token << 18)) >>> 0;
}

/** Returns the message id (bits 7:0). */
export function messageIdOf(header: number): number {
  return header & 0xff;
}

/** Returns the message type (bits 9:8). */
export function messageTypeOf(header: number): number {
  return (header >>> 8) & 3;
}

/** Returns the protocol id (bits 17:10). */
export function protocolIdOf(header: number): number {
  return (header >>> 10) & 0xff;
}

/** Returns the token (bits 27:18), which the agent chose. */
export function tokenOf(header: number): number {
  return (header >>> 18) & TOKEN_MAX;
}
