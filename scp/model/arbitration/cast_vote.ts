// A vote as people are shown it: whose, for what of which resource, and what all votes make.
import type { HardwareKind } from "../../core/schema.ts";
import type { ValueVotes } from "./value_votes.ts";

/** A vote that counts. */
export interface CastVote {
  readonly kind: HardwareKind;
  readonly name: string;
  /** What of the resource, for instance `rate`. */
  readonly about: string;
  readonly agentId: number;
  readonly wanted: string;
}

/** What votes for a value are for, and how one is written. */
export interface VoteSubject {
  readonly kind: HardwareKind;
  readonly name: string;
  readonly about: string;
  textOf(value: number): string;
}

/** The votes for one value as people are shown them. */
export function castVotes(votes: ValueVotes, { textOf, ...subject }: VoteSubject): CastVote[] {
  return [...votes.all].map(([agentId, value]) => ({ ...subject, agentId, wanted: textOf(value) }));
}
