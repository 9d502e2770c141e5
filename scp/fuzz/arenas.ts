// Where programs can run: fresh platforms of a board in this process, or a running platform behind sockets.
import { connectMessage } from "../../transports/message/client.ts";
import { DEFAULT_RELEASE } from "../../protocols/protocol.ts";
import type { Arena } from "./campaign.ts";
import { factsOf, InProcessTarget } from "./in_process_target.ts";
import { findPlatformMaker } from "./platforms.ts";
import type { ChannelPlan } from "./program.ts";
import { type Connect, SocketTarget, surveyPlatform } from "./socket_target.ts";

/** The name of the board in programs that a running platform was tried with. */
export const CONNECTED = "connected";

/** An arena, or why there is none. */
export type ArenaResult = Arena | { readonly error: string };

const ROOM_OF_SOCKETS = 65_536;

/** Makes fresh platforms of a board, by its name or file. */
export async function boardArena(boardName: string): Promise<ArenaResult> {
  const maker = await findPlatformMaker(boardName);
  if ("error" in maker) return maker;
  const { machine, hardware } = maker.create(1, DEFAULT_RELEASE);
  return {
    boardName,
    sensorCount: hardware.sensors.length,
    facts: factsOf(machine, hardware),
    channels: null,
    open: ({ seed, release, channels }) => new InProcessTarget(maker.create(seed, release), channels),
  };
}

/** Uses a running platform behind `message:` sockets, one for each of its agents that act. */
export async function socketArena(paths: readonly string[]): Promise<ArenaResult> {
  for (const path of paths) {
    const channel = await connectMessage(path);
    if ("error" in channel) return channel;
    channel.close();
  }
  const connects = paths.map((path): Connect => async () => {
    const channel = await connectMessage(path);
    if ("error" in channel) throw new Error(channel.error);
    return channel;
  });
  const facts = await surveyPlatform(connects);
  if (facts.protocols.length === 0) return { error: "The platform answers no PROTOCOL_VERSION: is it one?" };
  return {
    boardName: CONNECTED,
    sensorCount: 0,
    facts,
    channels: facts.agents.map(({ name }): ChannelPlan => ({
      agentName: name,
      room: ROOM_OF_SOCKETS,
      p2a: "all",
    })),
    open: () => SocketTarget.open(facts, connects),
  };
}
