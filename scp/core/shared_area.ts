// What a transport with shared memory may offer beside messages: FastChannels, which an agent writes and reads instead of
// sending commands, and regions that the platform fills for the agent to read. Addresses are those of the agent. A transport
// without shared memory offers nothing, and protocols then tell agents so. SCMI 4.5.4, 4.1.3; scmi-core 5.5, 5.8.

/** Widths of a doorbell register, bits; the place is the code on the wire. */
export const DOORBELL_WIDTHS = [8, 16, 32, 64] as const;

/** A register that an agent writes `(old & preserveMask) | setMask` to after it has written to the FastChannel. */
export interface Doorbell {
  readonly address: bigint;
  readonly width: typeof DOORBELL_WIDTHS[number];
  readonly setMask: bigint;
  readonly preserveMask: bigint;
}

/** The FastChannel of one command for one domain. */
export interface FastChannel {
  readonly address: bigint;
  /** Bytes. */
  readonly size: number;
  /** The least time between two writes, us, 0 to 2^20-1; 0 = none. */
  readonly rateLimitUs: number;
  /** null = the platform looks by itself, or the agent only reads. */
  readonly doorbell: Doorbell | null;
}

/** A region that the platform fills. */
export interface SharedRegion {
  /** Bytes. */
  readonly size: number;
  /** Writes what there is to tell now; the transport calls it as often as it wants the region to be fresh. */
  write(view: DataView): void;
}

/** What the transport of one channel offers. */
export interface SharedAreas {
  /** Finds the FastChannel of a command for a domain; null = there is none. */
  findFastChannel(protocolId: number, messageId: number, domainId: number): FastChannel | null;
  /** Shows a region of a protocol to the agent; returns its address, null when there is no room for it. */
  mapRegion(protocolId: number, region: SharedRegion): bigint | null;
}
