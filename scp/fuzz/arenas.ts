// Where programs can run: fresh platforms of a board in this process, or a running platform behind sockets.
import { connectMessage } from "../../transports/message/client.ts";
import { DEFAULT_RELEASE } from "../../protocols/protocol.ts";
import type { Arena } from "./campaign.ts";
import { FuzzError } from "./fuzz_error.ts";
import { factsOf, InProcessTarget } from "./in_process_target.ts";
import { findPlatformMaker } from "./platforms.ts";
import type { ChannelPlan } from "./program.ts";
import { type Connect, SocketTarget, surveyPlatform } from "./socket_target.ts";

/** The name of the board in programs that a running platform was tried with. */
export const CONNECTED = "connected";

const ROOM_OF_SOCKETS = 65_536;

/** Makes fresh platforms of a board, by its name or file; throws a FuzzError when there is none. */
export async function boardArena(boardName: string): Promise<Arena> {
  const maker = await findPlatformMaker(boardName);
  const { machine, hardware } = maker.create(1, DEFAULT_RELEASE);
  return {
    boardName,
    sensorCount: hardware.sensors.length,
    facts: factsOf(machine, hardware),
    channels: null,
    open: ({ seed, release, channels }) => new InProcessTarget(maker.create(seed, release), channels),
  };
}

/**
 * Uses a running platform behind `message:` sockets, one for each of its agents that act. Throws a FuzzError when it
 * cannot be reached or is none.
 */
export async function socketArena(paths: readonly string[]): Promise<Arena> {
  const connects = paths.map((path): Connect => async () => {
    const channel = await connectMessage(path);
    if ("error" in channel) throw new FuzzError(channel.error);
    return channel;
  });
  const facts = await surveyPlatform(connects);
  if (facts.protocols.length === 0) {
    throw new FuzzError("The platform answers no PROTOCOL_VERSION: is it one?");
  }
  const ends = facts.agents.map(({ id, name }, place) => ({ name, agentId: id, connect: connects[place]! }));
  return {
    boardName: CONNECTED,
    sensorCount: 0,
    facts,
    channels: ends.map(({ name }): ChannelPlan => ({ agentName: name, room: ROOM_OF_SOCKETS, p2a: "all" })),
    // A rejection, not an exception, like all that goes wrong later.
    open: async ({ channels }) => await SocketTarget.open(facts, endsOf(channels, ends)),
  };
}

/** The sockets for the channels of a program: an agent's second channel is its second socket. */
function endsOf<T extends { readonly name: string }>(
  channels: readonly ChannelPlan[],
  ends: readonly T[],
): T[] {
  const free = [...ends];
  return channels.map(({ agentName }) => {
    const place = free.findIndex(({ name }) => name === agentName);
    if (place < 0) {
      throw new FuzzError(
        `No socket is left for agent '${agentName}': name one for each of its channels with --connect`,
      );
    }
    return free.splice(place, 1)[0]!;
  });
}
