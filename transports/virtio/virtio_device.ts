// The contract between a virtio device and the transport that carries its queues: the device serves chains, the transport
// negotiates, maps the guest's memory and starts the rings. Feature bits of the rings are the transport's matter; those
// of the device are bits 0 to 23. virtio 1.3, 2.1 and 2.2. Leaves out devices whose driver writes into the config space.

import type { AgentService } from "../channel.ts";
import type { GuestMemory } from "./guest_memory.ts";
import type { Virtqueue } from "./virtqueue.ts";

/** Feature bits that belong to no device in particular, as numbers of the bits. */
export const RING_FEATURE = {
  INDIRECT_DESC: 28,
  EVENT_IDX: 29,
  VERSION_1: 32,
} as const;

/** The way from a device to its driver. */
export interface DriverCall {
  /** Tells the driver that a queue has something for it. */
  callDriver(queueIndex: number): void;
  /** Tells that the driver has made a queue unusable: it is to be stopped, but not from inside this call. */
  queueBroke(queueIndex: number): void;
  /** Tells of a chain that was given back unused, and what is wrong with it. */
  chainRefused(queueIndex: number, head: number, fault: string): void;
  /** Has a queue served in the next turn, also without a kick. */
  serveAgain(queueIndex: number): void;
  /** Has `lookAgain` of the device called after so many milliseconds; an earlier wish is forgotten. */
  lookAgainIn(ms: number): void;
}

/** A device as a transport sees it. It lives as long as one connection does. */
export interface VirtioDevice {
  readonly memory: GuestMemory;
  /** How its queues are served beside those of other devices. */
  readonly service: AgentService;
  /** Its queues, by index. The first is one that every driver uses. */
  readonly queues: readonly Virtqueue[];
  /** The feature bits it offers, as a mask. */
  readonly features: number;
  /** Its config space, which drivers only read; null = it has none. */
  readonly config: Uint8Array | null;
  /** Tells which of its features the driver has accepted, as a mask. */
  acceptFeatures(features: number): void;
  /** Tells that a new driver is about to start the queues, after another had run them: what that one set is void. */
  driverReset(): void;
  /** Tells that a queue which was not running now is: started and enabled. */
  queueRuns(index: number): void;
  /** Tells that a queue runs no longer: nothing may be read or written in it. */
  queueStopped(index: number): void;
  /** Serves what a queue holds, within the bound of one turn. Returns whether more is left. */
  serveQueue(index: number): boolean;
  /** Tells that the time has come that the device asked for; absent: it asks for none. */
  lookAgain?(): void;
  /** Tells that the connection has ended. */
  close(): void;
}
