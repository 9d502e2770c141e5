// The threats that agents of one board are to each other, and what holds against each. Every row is the name of a test in this
// folder (threats_test.ts sees to that) and a line of the README here. Leaves out: whoever starts the simulator; HTTP is theirs.

/** One threat. */
export interface Threat {
  readonly threat: string;
  /** What the attacker does: an agent of the board that is not trusted. */
  readonly attack: string;
  /** What the others can rely on. */
  readonly holds: string;
}

/** All of them, by the names that tests use. */
export const THREATS = {
  flood: {
    threat: "flood",
    attack: "sends as fast as it can, over many connections",
    holds: "an agent of the class safety waits for 16 commands of others at most; nobody starves",
  },
  rateLimit: {
    threat: "flood against a limit",
    attack: "sends more than its limit allows, for a long time",
    holds: "no more than limit and burst are served; the rest waits in its own sockets and rings",
  },
  foreignResource: {
    threat: "foreign resource",
    attack: "names resources that are not its own, with every id parameter of every command",
    holds: "`NOT_FOUND` (or `DENIED`, as the board has it), and nothing has changed",
  },
  foreignProtocol: {
    threat: "foreign protocol",
    attack: "sends every command of protocols of which it sees no resource",
    holds: "`NOT_SUPPORTED`, and nothing has changed",
  },
  forgedAgent: {
    threat: "forged agent id",
    attack: "names other agents, the platform and nobody in every command that takes an agent's id",
    holds: "it is refused, and what the others may do and have set is as before",
  },
  forgedToken: {
    threat: "forged token and message type",
    attack: "uses the tokens of others' pending commands; sends responses and notifications itself",
    holds: "each response goes to the channel of its command; only commands are taken",
  },
  escalation: {
    threat: "permission escalation",
    attack: "allows itself everything, and has a trusted agent allow it more than its view has",
    holds: "rights come from the view: permissions take away from it and give back, never more",
  },
  snooping: {
    threat: "snooping on a hidden sensor",
    attack: "sends every command with every id, listens to all notifications and error events",
    holds: "not a bit of what it gets depends on the sensor or on what others do with it",
  },
  hiddenNames: {
    threat: "names and numbers of hidden resources",
    attack: "reads all that tells what there is: names, counts, pages, parents, groups, areas of statistics",
    holds: "it learns of its own resources only",
  },
  fastChannels: {
    threat: "FastChannels instead of messages",
    attack: "writes every word of the memory that it shares with the platform, and rings for all of it",
    holds:
      "a word does what its message would, and is refused what its message is; no other agent sees any of it",
  },
  telemetry: {
    threat: "telemetry of hidden sensors",
    attack: "collects all there is, in each way and under each id, into updates and shared memory",
    holds:
      "it gets sensors of its own only, others get theirs as before, and nothing of it goes on without it",
  },
  voteHoarding: {
    threat: "hoarding of votes",
    attack: "asks for everything thousands of times, takes nothing back and vanishes",
    holds: "memory is bounded, one vote counts once, and the policy takes all of them back",
  },
  untaken: {
    threat: "answers that are never taken",
    attack: "takes neither its delayed responses nor its notifications",
    holds: "`BUSY` from 16 on, 64 notifications wait at most; others get theirs",
  },
  midSession: {
    threat: "disconnection at each step",
    attack: "runs a session and ends the connection after each of its commands",
    holds: "nothing is left of it, and others get the same answers as without it",
  },
  midFrame: {
    threat: "disconnection at each byte",
    attack: "ends the connection after each byte of the frames of a session",
    holds: "no channel, timer or descriptor is left, and others get the same answers",
  },
} as const satisfies Readonly<Record<string, Threat>>;

/** Names a threat in tests. */
export type ThreatId = keyof typeof THREATS;

/** The name of the test that shows what holds. */
export function nameOf(id: ThreatId): string {
  const { threat, holds } = THREATS[id];
  return `threat of ${threat}: ${holds}`;
}
