// The judge's own account of who is denied what, from the answers to Base's permission commands. The last word
// counts: what is said of a device holds for all its protocols until something else is said of one of them.
import type { ResourceKind } from "../core/schema.ts";
import type { AgentFacts, PlatformFacts, ProtocolFacts } from "./target.ts";

/** What agents are denied. */
export class Permissions {
  readonly #denied = new Set<string>();
  /** What they are denied one by one. */
  readonly #deniedOnes = new Set<string>();

  constructor(readonly facts: PlatformFacts) {}

  /** Notes an accepted change; protocol null = all. */
  change(agentId: number, deviceId: number, protocolId: number | null, isAllowed: boolean): void {
    for (const { id } of this.facts.protocols) {
      if (protocolId !== null && protocolId !== id) continue;
      const key = `${agentId}/${deviceId}/${id}`;
      if (isAllowed) this.#denied.delete(key);
      else this.#denied.add(key);
    }
  }

  /** Notes an accepted change of one resource, which the agent that made it named by an id of its own. */
  changeOne(caller: AgentFacts, agentId: number, kind: ResourceKind, id: number, isAllowed: boolean): void {
    const key = `${agentId}/${kind}/${caller.namesOf(kind)[id]}`;
    if (isAllowed) this.#deniedOnes.delete(key);
    else this.#deniedOnes.add(key);
  }

  /** Notes that an agent's defaults are restored. */
  restore(agentId: number): void {
    for (const denied of [this.#denied, this.#deniedOnes]) {
      for (const key of [...denied]) if (key.startsWith(`${agentId}/`)) denied.delete(key);
    }
  }

  /** Whether an agent may not touch a resource, of the protocol's first kind unless another is given. */
  isDenied(
    agent: AgentFacts,
    protocol: ProtocolFacts,
    resourceId: number,
    kind: ResourceKind | null = protocol.resource,
  ): boolean {
    if (kind === null || !this.#hasAny()) return false;
    const name = agent.namesOf(kind)[resourceId];
    if (this.#deniedOnes.has(`${agent.id}/${kind}/${name}`)) return true;
    return this.facts.devices.some(({ resources }, deviceId) =>
      name !== undefined && resources[kind]?.includes(name) === true &&
      this.#denied.has(`${agent.id}/${deviceId}/${protocol.id}`)
    );
  }

  /** Whether an agent may touch nothing of a protocol that it has something of. */
  isProtocolDenied(agent: AgentFacts, protocol: ProtocolFacts): boolean {
    if (protocol.resource === null || !this.#hasAny()) return false;
    const names = agent.namesOf(protocol.resource);
    return names.length > 0 && names.every((_, id) => this.isDenied(agent, protocol, id));
  }
  #hasAny(): boolean {
    return this.#denied.size > 0 || this.#deniedOnes.size > 0;
  }
}
