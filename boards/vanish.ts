// What becomes of what an agent had asked for when it vanishes: its socket is closed, its guest reboots or is killed.

/**
 * `keep` = it stays in force, as on hardware that does not notice; `reset` = it is taken back at once; `dropAfterMs` = it is taken
 * back unless the agent is there again within this time.
 */
export type VanishPolicy = "keep" | "reset" | { readonly dropAfterMs: number };

/** The longest time an agent may be waited for, ms: a day. */
export const DROP_AFTER_MAX_MS = 86_400_000;
