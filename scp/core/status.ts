// Status codes of SCMI replies: names as the specification spells them, numbers as they go on the wire.
// SCMI 4.1.4; IN_USE since 3.2. Vendor codes (-128 and below) are not used by this platform.

/** The wire number of every status this platform knows. */
export const STATUS = {
  SUCCESS: 0,
  NOT_SUPPORTED: -1,
  INVALID_PARAMETERS: -2,
  DENIED: -3,
  NOT_FOUND: -4,
  OUT_OF_RANGE: -5,
  BUSY: -6,
  COMMS_ERROR: -7,
  GENERIC_ERROR: -8,
  HARDWARE_ERROR: -9,
  PROTOCOL_ERROR: -10,
  IN_USE: -11,
} as const;

/** The name of a status. */
export type StatusName = keyof typeof STATUS;

/** Every status but SUCCESS: what a handler may answer instead of a reply. */
export type FailureName = Exclude<StatusName, "SUCCESS">;

const NAMES = new Map<number, StatusName>(
  Object.entries(STATUS).map(([name, value]) => [value, name as StatusName]),
);

/** Returns the name of a status number, or its decimal form when it is not one of ours. */
export function statusName(value: number): string {
  return NAMES.get(value) ?? `status ${value}`;
}
