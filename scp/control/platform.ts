// Chooses the concrete parts: a board, its model, the protocols, and what each agent is given of them.
import type { Board } from "../../boards/board.ts";
import { PROTOCOLS } from "../../protocols/registry.ts";
import { DEFAULT_RELEASE, type Release } from "../../protocols/protocol.ts";
import { Timeline } from "../core/timeline.ts";
import type { PassThroughFailure } from "../model/arbitration/pass_through.ts";
import { createModel, type Model } from "../model/model.ts";
import { planAgents } from "../server/agent_plans.ts";
import { Machine } from "../server/machine.ts";
import { recordBelief, recordDecision, recordPassThrough } from "./trace_codes.ts";

/** What a run can choose about a board. */
export interface PlatformOptions {
  /** Seed of everything random; 1 unless given. */
  readonly seed?: number;
  /** The release of the specification whose versions the platform shows; the newest that is no draft unless given. */
  readonly release?: Release;
}

/** A platform with the hardware behind it. */
export interface Platform {
  readonly board: Board;
  readonly machine: Machine;
  readonly model: Model;
}

/** Builds the platform of a board. */
export function createPlatform(board: Board, options: PlatformOptions = {}): Platform {
  const release = options.release ?? DEFAULT_RELEASE;
  const timeline = new Timeline();
  const model = createModel(board, { seed: options.seed ?? 1, scheduler: timeline });
  const protocols = PROTOCOLS.flatMap((definition) => {
    const versionMax = definition.releases[release];
    return versionMax === null ? [] : [{ definition, versionMax }];
  });
  const machine = new Machine({
    vendor: board.identity.vendor,
    subVendor: board.identity.subVendor,
    implementationVersion: board.identity.implementationVersion,
    protocols,
    devices: board.devices,
    agents: planAgents(
      board,
      model.view,
      (agentId) => model.hardwareOf(agentId),
      (agentId) => model.supplierOf(agentId),
    ),
  }, timeline);
  joinModel(machine, model);
  return { board, machine, model };
}

/** Has the platform hear of what its hardware does, and the hardware of agents that come and go. */
export function joinModel(machine: Machine, model: Model): void {
  model.systemPower?.listenResets((agentIds) => machine.resetAgents(agentIds));
  model.arbitration.beliefs.listeners.add((event) => recordBelief(machine.trace, model.view, event));
  model.systemPower?.decisions.listeners.add((decision) => recordDecision(machine.trace, decision));
  const recordDown = (failure: PassThroughFailure) => recordPassThrough(machine.trace, model.view, failure);
  model.passThrough.failures.forEach(recordDown);
  model.passThrough.listeners.add(recordDown);
  machine.presence.add(({ agentId, event }) => {
    if (event === "came") {
      model.bringUp(agentId);
      model.systemPower?.agentReturned(agentId);
    } else if (event === "left") model.systemPower?.agentLeft(agentId);
    else {
      model.dropVotes(agentId);
      // One that is there has its votes on the system taken back, too; one that has gone has gone by them.
      if (machine.agents.all[agentId - 1]!.presence.isThere) model.systemPower?.agentReturned(agentId);
    }
  });
}
