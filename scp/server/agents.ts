// The agents of a platform: who they are, what each sees and may touch, and the changes that Base makes to that.
// Devices are groups of resources across protocols; a denied device takes its resources away, and with the last resource
// of a protocol the protocol itself (SCMI 4.2.2.10 onwards; suite tests b012, b014). Protocols may deny resources one by one.
import type { MediationDescription } from "../../boards/mediation.ts";
import type { VanishPolicy } from "../../boards/vanish.ts";
import { assert } from "../core/assert.ts";
import { openPool, type ResourcePool } from "../core/codec_compiler.ts";
import type { HardwareKind, ResourceKind } from "../core/schema.ts";
import type { HardwareView } from "../model/hardware.ts";
import type { SensorSupplier } from "../model/sensor_supplier.ts";
import type {
  AgentIdentity,
  PermissionResult,
  Platform,
  ProtocolDefinition,
} from "../../protocols/protocol.ts";
import { CommandCounters, COUNTED } from "./command_counters.ts";
import type { Channel, ChannelAgent } from "./dispatcher.ts";
import { Mediation, type MediationClock } from "./mediation.ts";
import { Presence, type PresenceHost } from "./presence.ts";
import { forbiddenCommands, RightsPools, type ViewRights } from "./rights.ts";

/** A group of resources that permissions name as one. */
export interface Device {
  readonly name: string;
  /** Names of its resources, by kind. */
  readonly resources: Readonly<Partial<Record<ResourceKind, readonly string[]>>>;
}

/** What an agent is given. */
export interface AgentPlan {
  readonly name: string;
  /** Whether it may manage the permissions of agents that are not trusted, and of itself. */
  readonly isTrusted: boolean;
  /** How it is served beside the others. */
  readonly mediation: MediationDescription;
  /** What becomes of what it has asked for when it is gone; it stays unless given. */
  readonly onVanish?: VanishPolicy;
  /** The hardware it sees, in the order of its ids. */
  readonly view: HardwareView;
  /** What its view lets it do with that; everything unless given. */
  readonly rights?: ViewRights;
  /** The sensors that it supplies with values; none unless given. */
  readonly supplier?: SensorSupplier | null;
}

/** How often an agent sent the commands of one protocol. */
export interface ProtocolCounts {
  readonly protocol: string;
  readonly messages: readonly {
    readonly id: number;
    readonly name: string;
    readonly count: number;
    readonly refusedCount: number;
    /** How often the agent did the same through a FastChannel. */
    readonly fastCount: number;
    readonly fastRefusedCount: number;
  }[];
}

/** What all agents of a platform share. */
export interface PlatformPlan {
  readonly vendor: string;
  readonly subVendor: string;
  readonly implementationVersion: number;
  readonly devices: readonly Device[];
  readonly protocols: readonly { readonly definition: ProtocolDefinition; readonly versionMax: number }[];
}

/** What the machine lends to its agents. */
export interface AgentHost extends MediationClock, PresenceHost {
  /** Hears that an agent has sent more than it may and is held, or let go again. */
  tellHeld(agentId: number, isHeld: boolean): void;
}

const BASE_PROTOCOL_ID = 0x10;

/** One agent with its permissions. */
export class Agent implements ChannelAgent {
  readonly pools: Record<ResourceKind, ResourcePool>;
  readonly channels: Channel[] = [];
  readonly protocols: ChannelAgent["protocols"];
  readonly platform: Platform;
  readonly service: Mediation;
  readonly presence: Presence;
  readonly #rights: RightsPools;
  /** `device/protocol` pairs that are denied. */
  readonly #denied = new Set<string>();
  /** `kind/name` of resources that are denied one by one. */
  readonly #deniedOnes = new Set<string>();

  constructor(
    readonly id: number,
    readonly plan: AgentPlan,
    readonly group: Agents,
    shared: PlatformPlan,
    host: AgentHost,
  ) {
    this.#rights = new RightsPools(plan.view, plan.rights ?? null);
    const isShared = group.hasSeveralClasses;
    this.service = new Mediation(plan.mediation, isShared, host, (isHeld) => host.tellHeld(id, isHeld));
    this.presence = new Presence(id, plan.onVanish ?? "keep", host);
    this.pools = {
      agent: openPool(group.count + 1),
      device: openPool(shared.devices.length),
      suppliedSensor: openPool(plan.supplier?.sensors.length ?? 0),
      ...this.#rights.pools,
    };
    this.protocols = shared.protocols.filter(({ definition }) => isServed(definition, plan));
    this.platform = {
      vendor: shared.vendor,
      subVendor: shared.subVendor,
      implementationVersion: shared.implementationVersion,
      agents: group.identities,
      view: plan.view,
      supplier: plan.supplier ?? null,
      protocolIds: Uint8Array.from(
        this.protocols.map(({ definition }) => definition.id).filter((id) => id !== BASE_PROTOCOL_ID)
          .sort((a, b) => a - b),
      ),
      isTrusted: plan.isTrusted,
      permitDevice: (...change) => group.permitDevice(this, ...change),
      permitResource: (...change) => group.permitResource(this, ...change),
      isDenied: (kind, id) => (this.pools[kind].denied?.[id] ?? 0) !== 0,
      mayControl: (kind, id) => (this.pools[kind].locked?.[id] ?? 0) === 0,
      resetAgent: (...change) => group.resetAgent(this, ...change),
    };
  }

  get name(): string {
    return this.plan.name;
  }

  forbiddenOf(definition: ProtocolDefinition): Uint8Array | null {
    return forbiddenCommands(definition, this.plan.rights ?? null);
  }

  isProtocolDenied(protocolId: number): boolean {
    const resource = this.protocols.find(({ definition }) => definition.id === protocolId)?.definition
      .resource;
    if (resource === null || resource === undefined) return false;
    const { denied } = this.pools[resource];
    return denied !== null && denied.every((isDenied) => isDenied !== 0);
  }

  get counters(): CommandCounters {
    return this.group.counters;
  }

  /** How often each command came since the start, and was refused, on all channels. */
  messageCounts(): ProtocolCounts[] {
    return this.protocols.map(({ definition }) => {
      const read = (kind: keyof typeof COUNTED) => this.counters.read(this.id, definition.id, kind);
      const [counts, refusals] = [read("messages"), read("refusedMessages")];
      const [fastCounts, fastRefusals] = [read("fastWrites"), read("refusedFastWrites")];
      const ids = Array.from(counts.keys()).filter((id) => counts[id]! + fastCounts[id]! > 0);
      return {
        protocol: definition.name,
        messages: ids.map((id) => ({
          id,
          name: definition.bindings.find(({ schema }) => schema.id === id)?.schema.name ?? "",
          count: counts[id]!,
          refusedCount: refusals[id]!,
          fastCount: fastCounts[id]!,
          fastRefusedCount: fastRefusals[id]!,
        })),
      };
    });
  }

  forget(channel: Channel): void {
    const place = this.channels.indexOf(channel);
    assert(place >= 0, "a channel is closed once");
    this.channels.splice(place, 1);
  }

  /** Names of the agent's resources of a kind, in the order of its ids. */
  namesOf(kind: ResourceKind): readonly string[] {
    if (kind === "agent" || kind === "device") return [];
    if (kind === "suppliedSensor") return this.plan.supplier?.sensors.map(({ sensor }) => sensor.name) ?? [];
    return this.plan.view[kind].map(({ name }) => name);
  }

  /** Whether the device has a resource of this agent, in a protocol or (null) in any. */
  sees(device: Device, protocolId: number | null): boolean {
    return this.protocols.some(({ definition }) =>
      (protocolId === null || definition.id === protocolId) &&
      kindsOf(definition).some((kind) =>
        this.namesOf(kind).some((name) => device.resources[kind]?.includes(name))
      )
    );
  }

  /** Allows or denies a device in one protocol or (null) in all; the last word on each pair counts. */
  permit(deviceId: number, protocolId: number | null, isAllowed: boolean): void {
    for (const { definition } of this.protocols) {
      if (protocolId !== null && protocolId !== definition.id) continue;
      const key = `${deviceId}/${definition.id}`;
      if (isAllowed) this.#denied.delete(key);
      else this.#denied.add(key);
    }
    this.#apply();
  }

  /** Allows or denies one resource. */
  permitResource(kind: ResourceKind, name: string, isAllowed: boolean): void {
    if (isAllowed) this.#deniedOnes.delete(`${kind}/${name}`);
    else this.#deniedOnes.add(`${kind}/${name}`);
    this.#apply();
  }

  permitAll(): void {
    this.#denied.clear();
    this.#deniedOnes.clear();
    this.#apply();
  }

  /** Works out per resource what is denied and tells the channels. */
  #apply(): void {
    for (const { definition } of this.protocols) {
      for (const kind of kindsOf(definition)) {
        this.#rights.deny(kind, (name) => this.#isDenied(kind, definition.id, name));
      }
    }
    for (const channel of this.channels) channel.refreshPermissions();
  }

  #isDenied(kind: ResourceKind, protocolId: number, name: string): boolean {
    if (this.#deniedOnes.has(`${kind}/${name}`)) return true;
    return this.group.devices.some((device, deviceId) =>
      device.resources[kind]?.includes(name) === true && this.#denied.has(`${deviceId}/${protocolId}`)
    );
  }
}

/** The kinds of resources that a protocol's ids name. */
function kindsOf({ resource, otherResources }: ProtocolDefinition): readonly HardwareKind[] {
  return resource === null ? [] : [resource, ...otherResources ?? []];
}

/** Whether an agent is offered a protocol: one about hardware of which it sees none it is not. */
function isServed(definition: ProtocolDefinition, { view, supplier }: AgentPlan): boolean {
  const kind = definition.servedFor ?? definition.resource;
  if (kind === "suppliedSensor") return (supplier?.sensors.length ?? 0) > 0;
  return kind === null || view[kind].length > 0;
}

/** All agents of a platform. */
export class Agents {
  readonly identities: readonly AgentIdentity[];
  readonly devices: readonly Device[];
  readonly counters: CommandCounters;
  /** Whether some are served before others. */
  readonly hasSeveralClasses: boolean;
  readonly #agents: readonly Agent[];
  readonly #host: AgentHost;

  constructor(plans: readonly AgentPlan[], shared: PlatformPlan, host: AgentHost) {
    this.identities = [{ id: 0, name: "platform" }, ...plans.map(({ name }, i) => ({ id: i + 1, name }))];
    this.devices = shared.devices;
    this.counters = new CommandCounters(
      plans.length,
      shared.protocols.map(({ definition }) => definition.id),
    );
    this.#host = host;
    this.hasSeveralClasses = new Set(plans.map(({ mediation }) => mediation.serviceClass)).size > 1;
    this.#agents = plans.map((plan, i) => new Agent(i + 1, plan, this, shared, host));
  }

  /** Number of agents, the platform left out. */
  get count(): number {
    return this.identities.length - 1;
  }

  /** All agents, in the order of their ids. */
  get all(): readonly Agent[] {
    return this.#agents;
  }

  find(name: string): Agent | undefined {
    return this.#agents.find((agent) => agent.name === name);
  }

  /** SET_DEVICE_PERMISSIONS and SET_PROTOCOL_PERMISSIONS. No trusted agent can lock out another trusted one. */
  permitDevice(
    caller: Agent,
    agentId: number,
    deviceId: number,
    protocolId: number | null,
    isAllowed: boolean,
  ): PermissionResult {
    const agent = this.#agents[agentId - 1];
    const device = this.devices[deviceId];
    assert(device !== undefined, "the dispatcher has checked the device");
    if (agent === undefined || !agent.sees(device, protocolId)) return "NOT_FOUND";
    if (!this.#mayManage(caller, agent)) return "DENIED";
    agent.permit(deviceId, protocolId, isAllowed);
    return "SUCCESS";
  }

  /** Permissions for one resource, named by the caller's id: the agent may have it under another. */
  permitResource(
    caller: Agent,
    agentId: number,
    kind: HardwareKind,
    id: number,
    isAllowed: boolean,
  ): PermissionResult {
    const agent = this.#agents[agentId - 1];
    const name = caller.namesOf(kind)[id];
    assert(name !== undefined, "the dispatcher has checked the resource");
    if (agent === undefined || !agent.namesOf(kind).includes(name)) return "NOT_FOUND";
    if (!this.#mayManage(caller, agent)) return "DENIED";
    agent.permitResource(kind, name, isAllowed);
    return "SUCCESS";
  }

  /**
   * RESET_AGENT_CONFIGURATION. An agent may always reset itself, and the reply still goes out on its channel. The permissions
   * that it has by default are, for one that is not trusted, those that a trusted one has left it: it undoes nothing of that.
   */
  resetAgent(caller: Agent, agentId: number, restoresPermissions: boolean): PermissionResult {
    const agent = this.#agents[agentId - 1];
    if (agent === undefined) return "NOT_FOUND";
    if (!this.#mayManage(caller, agent)) return "DENIED";
    for (const channel of agent.channels) channel.restart();
    this.#host.tellPresence(agent.id, "votesDropped");
    if (restoresPermissions && caller.plan.isTrusted) agent.permitAll();
    return "SUCCESS";
  }

  #mayManage(caller: Agent, agent: Agent): boolean {
    return caller === agent || (caller.plan.isTrusted && !agent.plan.isTrusted);
  }
}
