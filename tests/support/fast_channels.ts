// FastChannels for tests of protocols, without memory: what a transport would write and read for an agent.
import { assert } from "@std/assert";
import { statusName } from "../../scp/core/status.ts";
import type { FastChannelPlan, FastChannelPort } from "../../transports/channel.ts";
import type { TestAgent } from "./platform.ts";

/** The FastChannels of one protocol of an agent. */
export interface TestFastChannels {
  readonly plans: readonly FastChannelPlan[];
  /** Writes as the agent; returns the name of the status that it is not told. */
  write(messageId: number, domainId: number, words: readonly number[]): string;
  read(messageId: number, domainId: number): number[];
}

/** The place of a FastChannel. */
export function placeOf(
  { plans }: FastChannelPort,
  protocolId: number,
  messageId: number,
  domainId: number,
): number {
  const place = plans.findIndex((plan) =>
    plan.protocolId === protocolId && plan.messageId === messageId && plan.domainId === domainId
  );
  assert(place >= 0, `message ${messageId} of domain ${domainId} may have a FastChannel`);
  return place;
}

/** Speaks to the FastChannels of a protocol. */
export function fastChannelsOf({ channel }: TestAgent, protocolId: number): TestFastChannels {
  const port = channel.fastChannels;
  return {
    plans: port.plans.filter((plan) => plan.protocolId === protocolId),
    write: (messageId, domainId, words) =>
      statusName(port.write(placeOf(port, protocolId, messageId, domainId), Uint32Array.from(words))),
    read(messageId, domainId) {
      const place = placeOf(port, protocolId, messageId, domainId);
      const words = new Uint32Array(port.plans[place]!.size / 4).fill(0xa5a5a5a5);
      port.read(place, words);
      return [...words];
    },
  };
}

/** Bytes of the FastChannel of a command; 0 = it cannot have one. */
export function fastSizeOf({ plans }: TestFastChannels, messageId: number): number {
  return plans.find((plan) => plan.messageId === messageId)?.size ?? 0;
}
