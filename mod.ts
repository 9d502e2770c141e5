// The public interface: what programs that embed the simulator or speak to one need. Re-exports only; everything is
// documented where it is defined.
export { defineBoard } from "./boards/board.ts";
export type { Board, BoardInput } from "./boards/board.ts";
export type { Right, ViewInput } from "./boards/view.ts";
export { loadBoard } from "./scp/control/board_loader.ts";
export { createPlatform } from "./scp/control/platform.ts";
export type { Platform, PlatformOptions } from "./scp/control/platform.ts";
export { Machine } from "./scp/server/machine.ts";
export type { Model } from "./scp/model/model.ts";
export type { Sample, Sensor } from "./scp/model/sensor.ts";

export { AgentClient, encodeCommand } from "./scp/agent/agent.ts";
export type { CallResult, PlatformMessage } from "./scp/agent/agent.ts";
export type { AgentChannel, AgentPort, P2aSink } from "./transports/channel.ts";
export { LoopbackChannel } from "./transports/loopback.ts";
export type { LoopbackOptions } from "./transports/loopback.ts";
export { connectMessage } from "./transports/message/client.ts";
export { MhuV1 } from "./transports/mailbox/mhu_v1.ts";
export { MhuV2 } from "./transports/mailbox/mhu_v2.ts";
export type { MhuV2Options } from "./transports/mailbox/mhu_v2.ts";
export { MhuV3 } from "./transports/mailbox/mhu_v3.ts";
export type { MhuV3Options } from "./transports/mailbox/mhu_v3.ts";
export { RECEIVER_LINE, SENDER_LINE } from "./transports/mailbox/registers.ts";
export type { MhuModel, MhuSide, RegisterFile } from "./transports/mailbox/registers.ts";

export { findMessage, messageName, PROTOCOL_MESSAGES } from "./protocols/registry.ts";
export type { ProtocolMessages, Release } from "./protocols/protocol.ts";
export {
  NEGOTIATE_PROTOCOL_VERSION,
  PROTOCOL_MESSAGE_ATTRIBUTES,
  PROTOCOL_VERSION,
} from "./protocols/every_protocol.ts";
// The messages of each protocol under its name.
export * as base from "./protocols/base/messages.ts";
export * as power from "./protocols/power/messages.ts";
export * as systemPower from "./protocols/system_power/messages.ts";
export * as performance from "./protocols/performance/messages.ts";
export * as clock from "./protocols/clock/messages.ts";
export * as sensor from "./protocols/sensor/messages.ts";
export * as reset from "./protocols/reset/messages.ts";
export * as voltage from "./protocols/voltage/messages.ts";
export * as powercap from "./protocols/powercap/messages.ts";
export * as pinControl from "./protocols/pin_control/messages.ts";
export * as telemetry from "./protocols/telemetry/messages.ts";
export * as sensorSupply from "./protocols/sensor_supply/messages.ts";
export type { CommandSchema, NotificationSchema, ParamsOf, PayloadOf, ReturnsOf } from "./scp/core/schema.ts";
export { STATUS, statusName } from "./scp/core/status.ts";
export type { StatusName } from "./scp/core/status.ts";
