// A platform that answers with constants: what a message costs with it is what the transport costs. One sensor with
// three axes, so that a reading takes 56 bytes, as that of a small accelerometer.

import { messageIdOf, messageTypeOf, protocolIdOf } from "../../scp/core/header.ts";
import { STATUS } from "../../scp/core/status.ts";
import { type AgentPort, type MessageBuffer, type P2aSink, PLAIN_SERVICE } from "../../transports/channel.ts";

/** A return value: a 32-bit number, or a name that takes 16 bytes. */
type Value = number | string;

/** Arguments each known message takes, and the return values of its answer; keys are protocol << 8 | message. */
const ANSWERS: ReadonlyMap<number, { readonly argumentCount: number; readonly values: readonly Value[] }> =
  new Map([
    [0x1000, { argumentCount: 0, values: [0x20000] }],
    [0x1001, { argumentCount: 0, values: [0x101] }],
    [0x1002, { argumentCount: 1, values: [0] }],
    [0x1003, { argumentCount: 0, values: ["constant"] }],
    [0x1005, { argumentCount: 0, values: [1] }],
    [0x1006, { argumentCount: 1, values: [1, 0x15] }],
    [0x1500, { argumentCount: 0, values: [0x30000] }],
    [0x1501, { argumentCount: 0, values: [1, 0, 0, 0] }],
    [0x1502, { argumentCount: 1, values: [0] }],
    [0x1503, { argumentCount: 1, values: [1, 0, 1 << 30, 0x30100, "constant"] }],
    [0x1506, { argumentCount: 2, values: [0, 0, 0, 0, 100, 0, 0, 0, 200, 0, 0, 0] }],
    [0x150a, { argumentCount: 2, values: [] }],
  ]);

function encode(values: readonly Value[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(
    values.reduce<number>((size, value) => size + (typeof value === "number" ? 4 : 16), 0),
  );
  let at = 0;
  for (const value of values) {
    if (typeof value === "number") {
      new DataView(bytes.buffer).setUint32(at, value, true);
      at += 4;
    } else {
      bytes.set(new TextEncoder().encode(value), at);
      at += 16;
    }
  }
  return bytes;
}

/** The answers as views, found by protocol and message with one index. */
const TABLE: ({ readonly size: number; readonly values: DataView } | undefined)[] = [];
for (let key = 0; key < 0x1600; key++) TABLE.push(undefined);
for (const [key, answer] of ANSWERS) {
  TABLE[key] = { size: 4 + 4 * answer.argumentCount, values: new DataView(encode(answer.values).buffer) };
}

/** Answers with constants; keeps the sink so that a test can send events itself. */
export class ConstantPort implements AgentPort {
  readonly agentName = "constant";
  readonly service = PLAIN_SERVICE;
  sink: P2aSink | null = null;
  resetCount = 0;
  p2aReadyCount = 0;
  servedCount = 0;

  serve(request: MessageBuffer, size: number, reply: MessageBuffer, room: number): number {
    if (size < 4 || room < 8) return 0;
    this.servedCount++;
    const header = request.view.getUint32(0, true);
    reply.view.setUint32(0, header, true);
    const answer = TABLE[(protocolIdOf(header) << 8) | messageIdOf(header)];
    let status: number = STATUS.SUCCESS;
    let valuesSize = 0;
    if (answer === undefined || messageTypeOf(header) !== 0) status = STATUS.NOT_SUPPORTED;
    else if (answer.size !== size) status = STATUS.PROTOCOL_ERROR;
    else if (size > 4 && request.view.getUint32(4, true) !== 0) status = STATUS.NOT_FOUND;
    else if (8 + answer.values.byteLength > room) status = STATUS.PROTOCOL_ERROR;
    else {
      valuesSize = answer.values.byteLength;
      for (let i = 0; i < valuesSize; i += 4) {
        reply.view.setUint32(8 + i, answer.values.getUint32(i, true), true);
      }
    }
    reply.view.setInt32(4, status, true);
    return 8 + valuesSize;
  }

  attach(sink: P2aSink | null): void {
    this.sink = sink;
  }

  p2aReady(): void {
    this.p2aReadyCount++;
  }

  reset(): void {
    this.resetCount++;
  }
}
