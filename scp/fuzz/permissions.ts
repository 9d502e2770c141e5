// The judge's own account of who is denied what, from the answers to Base's permission commands. The last word
// counts: what is said of a device holds for all its protocols until something else is said of one of them.
import type { AgentFacts, PlatformFacts, ProtocolFacts } from "./target.ts";

/** What agents are denied. */
export class Permissions {
  readonly #denied = new Set<string>();

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

  /** Notes that an agent's defaults are restored. */
  restore(agentId: number): void {
    for (const key of [...this.#denied]) if (key.startsWith(`${agentId}/`)) this.#denied.delete(key);
  }

  /** Whether an agent may not touch a resource. */
  isDenied(agent: AgentFacts, protocol: ProtocolFacts, resourceId: number): boolean {
    const kind = protocol.resource;
    if (kind === null || this.#denied.size === 0) return false;
    const name = agent.namesOf(kind)[resourceId];
    return this.facts.devices.some(({ resources }, deviceId) =>
      name !== undefined && resources[kind]?.includes(name) === true &&
      this.#denied.has(`${agent.id}/${deviceId}/${protocol.id}`)
    );
  }

  /** Whether an agent may touch nothing of a protocol that it has something of. */
  isProtocolDenied(agent: AgentFacts, protocol: ProtocolFacts): boolean {
    if (protocol.resource === null || this.#denied.size === 0) return false;
    const names = agent.namesOf(protocol.resource);
    return names.length > 0 && names.every((_, id) => this.isDenied(agent, protocol, id));
  }
}
