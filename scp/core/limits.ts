// Every maximum of the platform, with the relations between them asserted once at start.
import { assert } from "./assert.ts";

/** Largest message a transport copies in, header included; longer ones are cut to this and fail their size check. */
export const MESSAGE_SIZE_MAX = 4096;

/** Largest reply the platform builds, header included, whatever room the agent gives. */
export const REPLY_SIZE_MAX = 4096;

/** Delayed responses that may be pending on one channel for each protocol (8 bits in the attributes). */
export const ASYNC_PENDING_MAX = 16;

/** Notifications that wait for an agent that takes none; the oldest is dropped for a newer one. */
export const NOTIFICATIONS_WAITING_MAX = 64;

/** Sensors of an agent's view (16 bits in the attributes). */
export const SENSOR_COUNT_MAX = 0xffff;

/** Agents of a board, the platform left out (8 bits in the attributes). */
export const AGENT_COUNT_MAX = 0xff;

/** Events that the trace keeps. A power of two. */
export const TRACE_EVENT_COUNT = 4096;

assert(ASYNC_PENDING_MAX <= 0xff, "the pending maximum has 8 bits");
assert((TRACE_EVENT_COUNT & (TRACE_EVENT_COUNT - 1)) === 0, "the trace ring is masked, not divided");
assert(REPLY_SIZE_MAX <= MESSAGE_SIZE_MAX, "an agent of ours can take every reply");
