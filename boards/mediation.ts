// How an agent is served beside the others of its board: its class and how much it may send.

/** The classes of service, the one that is served first first. */
export const SERVICE_CLASSES = ["safety", "normal", "background"] as const;

/** Whom others wait for. */
export type ServiceClass = typeof SERVICE_CLASSES[number];

/** The service of an agent as it is written. */
export interface MediationInput {
  /** `normal` unless given. */
  readonly serviceClass?: ServiceClass;
  /**
   * Commands a second (of virtual time) that the agent may send in the long run, 1 to 10,000,000; what is beyond waits in its own
   * rings. Updates and trip points that it hears of count as commands, and are left out while it has to wait. null = as many as
   * it likes, unless given.
   */
  readonly messagesPerS?: number | null;
  /** Commands that it may send at once after it was silent, 1 to 1,000,000; a tenth of a second's worth unless given. */
  readonly burst?: number;
}

/** The service of an agent, complete. */
export type MediationDescription = Required<MediationInput>;

/** The highest rate that a limit can have, commands a second: more than any agent gets answered. */
export const MESSAGES_PER_S_MAX = 10_000_000;
/** The most commands that a limit lets through at once. */
export const BURST_MAX = 1_000_000;

const BURSTS_PER_S = 10;

/** Completes the service of an agent with the defaults. */
export function completeMediation(input: MediationInput): MediationDescription {
  const { serviceClass = "normal", messagesPerS = null } = input;
  const usual = messagesPerS === null ? 1 : Math.max(1, Math.ceil(messagesPerS / BURSTS_PER_S));
  return { serviceClass, messagesPerS, burst: input.burst ?? usual };
}

/** The service of an agent of which nobody has said anything. */
export const PLAIN_MEDIATION: MediationDescription = completeMediation({});
