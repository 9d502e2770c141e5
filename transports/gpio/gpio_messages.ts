// The messages of a virtio-gpio device: numbers, sizes and fields of the request and event queues. virtio 1.3, 5.18.

/** Types of a request. */
export const GPIO_REQUEST = {
  GET_NAMES: 1,
  GET_DIRECTION: 2,
  SET_DIRECTION: 3,
  GET_VALUE: 4,
  SET_VALUE: 5,
  SET_IRQ_TYPE: 6,
} as const;

/** What a line does for the guest. */
export const DIRECTION = { NONE: 0, OUT: 1, IN: 2 } as const;

/** When a line interrupts the guest. Edges are bits, of which types of levels have none. */
export const IRQ_TYPE = {
  NONE: 0,
  EDGE_RISING: 1,
  EDGE_FALLING: 2,
  EDGE_BOTH: 3,
  LEVEL_HIGH: 4,
  LEVEL_LOW: 8,
} as const;

/** Status of a response. */
export const GPIO_STATUS = { OK: 0, ERROR: 1 } as const;

/** Status of an event buffer that is given back: without an interrupt, or with one. */
export const EVENT_STATUS = { INVALID: 0, VALID: 1 } as const;

/** Feature bit: lines can interrupt, so there is an event queue. A mask. */
export const FEATURE_IRQ = 1 << 0;

/** A request: type (16 bits), line (16), value (32). */
export const REQUEST_SIZE = 8;
/** A response: status (8 bits), value (8); that to GET_NAMES has all names in place of the value. */
export const RESPONSE_SIZE = 2;
/** An event buffer: the guest writes the line (16 bits), the device the status (8). */
export const EVENT_REQUEST_SIZE = 2;
export const EVENT_RESPONSE_SIZE = 1;

/** Builds the config space: number of lines (16 bits), padding (16), bytes of all names (32). */
export function configSpace(lineCount: number, namesSize: number): Uint8Array {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, lineCount, true);
  view.setUint32(4, namesSize, true);
  return bytes;
}
