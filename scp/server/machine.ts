// The platform, built from a plan: agents with their channels, timers and the trace, in virtual time. Whoever owns it
// calls `step()`; it has no clock and no loop of its own.
import { Timeline, type Timer, type TimerOwner } from "../core/timeline.ts";
import { Trace, TRACE_KIND } from "../core/trace.ts";
import { ChangeListeners } from "../model/change_listeners.ts";
import { type AgentHost, type AgentPlan, Agents, type PlatformPlan } from "./agents.ts";
import { Channel, type ChannelHost } from "./dispatcher.ts";
import type { PresenceEvent } from "./presence.ts";
import { compileProtocol, type ProtocolTable } from "./protocol_table.ts";

/** Everything a platform is made of. */
export interface MachinePlan extends PlatformPlan {
  readonly agents: readonly AgentPlan[];
}

/** What becomes of agents, as the trace tells it. */
export const PRESENCE_CODE: Readonly<Record<PresenceEvent, number>> = { left: 0, came: 1, votesDropped: 2 };

/** A platform that answers its agents. */
export class Machine implements ChannelHost, AgentHost {
  readonly trace = new Trace();
  readonly agents: Agents;
  /** Tells when agents come and go, and when what one has asked for is to be taken back. */
  readonly presence = new ChangeListeners<{ readonly agentId: number; readonly event: PresenceEvent }>();
  readonly #tables = new Map<string, ProtocolTable | null>();

  /** The timeline is shared with the model whose resources the plan has. */
  constructor(readonly plan: MachinePlan, readonly timeline: Timeline = new Timeline()) {
    this.agents = new Agents(plan.agents, plan, this);
  }

  /** Opens a channel for an agent; null when there is no agent of this name. */
  openChannel(agentName: string): Channel | null {
    const agent = this.agents.find(agentName);
    if (agent === undefined) return null;
    const channel = new Channel(this, agent);
    agent.channels.push(channel);
    return channel;
  }

  /** Resets all channels of some agents, as when the system goes down that they run on. */
  resetAgents(agentIds: readonly number[]): void {
    for (const id of agentIds) for (const channel of this.agents.all[id - 1]!.channels) channel.restart();
  }

  /** Virtual time, us. */
  nowUs(): number {
    return this.timeline.nowUs();
  }

  /** When there is work next without a message: virtual time, us, or Infinity. */
  get nextUs(): number {
    return this.timeline.nextUs;
  }

  /** Does all work that is due up to a virtual time, in its order, and makes that the present. Time never falls. */
  step(untilUs: number): void {
    this.timeline.advanceTo(untilUs);
  }

  at(timeUs: number, task: () => void, owner: TimerOwner | null = null): Timer {
    return this.timeline.at(timeUs, task, owner);
  }

  tellPresence(agentId: number, event: PresenceEvent): void {
    this.trace.record(TRACE_KIND.agentPresence, this.nowUs(), agentId, 0, PRESENCE_CODE[event], 0);
    this.presence.tell({ agentId, event });
  }

  tellHeld(agentId: number, isHeld: boolean): void {
    this.trace.record(TRACE_KIND.agentHeld, this.nowUs(), agentId, 0, isHeld ? 1 : 0, 0);
  }

  tableOf(protocolId: number, version: number): ProtocolTable | null {
    const key = `${protocolId}/${version}`;
    let table = this.#tables.get(key);
    if (table === undefined) {
      const found = this.plan.protocols.find(({ definition }) => definition.id === protocolId);
      const isKnown = found?.definition.versions.includes(version) ?? false;
      table = isKnown ? compileProtocol(found!.definition, version, found!.versionMax) : null;
      this.#tables.set(key, table);
    }
    return table;
  }
}
