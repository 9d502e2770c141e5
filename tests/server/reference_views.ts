// What agents may see and do, worked out a second time from their views alone: by the names of commands, not by what they
// declare, and by the board's description, not by what the platform makes of it.
import { assert } from "@std/assert";
import { resourceNames } from "../../boards/resource_names.ts";
import type { ViewInput } from "../../boards/view.ts";
import { hasShape, readFields } from "../../scp/core/codec.ts";
import { messageIdOf, protocolIdOf } from "../../scp/core/header.ts";
import {
  type CommandSchema,
  HARDWARE_KINDS,
  type HardwareKind,
  type ResourceKind,
} from "../../scp/core/schema.ts";
import { kindOf } from "../../scp/fuzz/refusals.ts";
import { type ParamValues, plainFieldsOf } from "../../scp/fuzz/program.ts";
import type { Model } from "../../scp/model/model.ts";
import { PROTOCOL_MESSAGES, PROTOCOLS } from "../../protocols/registry.ts";
import { VIEWED_BOARD } from "../support/viewed_board.ts";

const RELEASE = "3.2";

/** Sensors are each agent's own to configure, and Base is about agents. */
const CHANGES = /^(?!SENSOR_|BASE_)(.*_SET|.*_CONFIGURE|PINCTRL_REQUEST|PINCTRL_RELEASE|RESET)$/;

/** Commands that every protocol has: no view takes them away. */
const ALWAYS = /^(PROTOCOL_(VERSION|ATTRIBUTES|MESSAGE_ATTRIBUTES)|NEGOTIATE_PROTOCOL_VERSION)$/;

/** A device as boards describe it: names by kinds. */
export type ReferenceDevice = Readonly<Partial<Record<HardwareKind, readonly string[]>>>;

/** The view of one agent, all of whose names are written out, and what a trusted agent has denied it since. */
export class ReferenceView {
  readonly #rights: ReadonlyMap<HardwareKind, readonly (readonly [name: string, right: string])[]>;
  readonly #commands: Readonly<Record<string, readonly string[]>>;
  readonly #devices: readonly ReferenceDevice[];
  /** `device/protocol` that are denied. */
  readonly #denied = new Set<string>();
  /** `kind/name` that are denied one by one. */
  readonly #deniedOnes = new Set<string>();

  constructor(view: ViewInput, devices: readonly ReferenceDevice[] = []) {
    this.#commands = view.commands ?? {};
    this.#devices = devices;
    this.#rights = new Map(
      HARDWARE_KINDS.map((
        kind,
      ) => [kind, Object.entries(view[kind] ?? {}).filter(([, right]) => right !== "none")]),
    );
  }

  /** Of kinds that views do not name there is nothing. */
  namesOf(kind: ResourceKind): readonly string[] {
    return (this.#rights.get(kind as HardwareKind) ?? []).map(([name]) => name);
  }

  /** A trusted agent has allowed or denied a device, in one protocol or (null) in all. */
  permit(deviceId: number, protocolId: number | null, isAllowed: boolean): void {
    for (const { id } of PROTOCOLS) {
      if (protocolId !== null && protocolId !== id) continue;
      if (isAllowed) this.#denied.delete(`${deviceId}/${id}`);
      else this.#denied.add(`${deviceId}/${id}`);
    }
  }

  /** A trusted agent has allowed or denied one resource. */
  permitOne(kind: HardwareKind, name: string, isAllowed: boolean): void {
    if (isAllowed) this.#deniedOnes.delete(`${kind}/${name}`);
    else this.#deniedOnes.add(`${kind}/${name}`);
  }

  /** A trusted agent has put the permissions back. */
  permitAll(): void {
    this.#denied.clear();
    this.#deniedOnes.clear();
  }

  /** Whether a resource was denied: one of its devices is enough. */
  isDenied(protocolId: number, kind: ResourceKind, id: number): boolean {
    const name = this.namesOf(kind)[id];
    if (name === undefined) return false;
    return this.#deniedOnes.has(`${kind}/${name}`) ||
      this.#devices.some((device, deviceId) =>
        device[kind as HardwareKind]?.includes(name) === true && this.#denied.has(`${deviceId}/${protocolId}`)
      );
  }

  mayControl(kind: ResourceKind, id: number): boolean {
    const right = this.#rights.get(kind as HardwareKind)?.[id]?.[1];
    return right === "control" || right === "exclusive";
  }

  /** Why a message must not succeed; null = as far as rights go it may. */
  findObstacle(message: Uint8Array): string | null {
    const view = new DataView(message.buffer, message.byteOffset, message.length);
    const header = view.getUint32(0, true);
    const schema = commandOf(header);
    const protocol = PROTOCOLS.find(({ id }) => id === protocolIdOf(header));
    if (schema === undefined || protocol === undefined) return "no such message";
    const { resource } = protocol;
    if (resource !== null && this.namesOf(resource).length === 0) {
      return `nothing of ${protocol.name} is seen`;
    }
    const offered = this.#commands[protocol.name];
    if (offered !== undefined && !offered.includes(schema.name) && !ALWAYS.test(schema.name)) {
      return `${schema.name} is not for it`;
    }
    if (!hasShape(schema.params, message.length - 4)) return "the size is wrong";
    const params = readFields(plainFieldsOf(schema.params), view, 4, message.length) as ParamValues;
    let isFirst = true;
    for (const [name, field] of Object.entries(schema.params)) {
      const kind = field.kind === "u32" ? kindOf(field, schema, params) : null;
      if (kind === null || kind === undefined || kind === "agent" || kind === "device") continue;
      const id = params[name] as number;
      if (id >= this.namesOf(kind).length) return `${kind} ${id} is not seen`;
      if (this.isDenied(protocol.id, kind, id)) return `${kind} ${id} is denied`;
      if (isFirst && CHANGES.test(schema.name) && !this.mayControl(kind, id)) {
        return `${kind} ${id} may only be read`;
      }
      isFirst = false;
    }
    const isOfSystem = resource === "systemPower" && CHANGES.test(schema.name);
    return isOfSystem && !this.mayControl(resource, 0) ? "the system may only be read" : null;
  }

  /** What the agent's commands can change, as `kind/name`: what it controls, and what hangs on that. */
  reach(): ReadonlySet<string> {
    const reached = new Set(
      HARDWARE_KINDS.flatMap((kind) =>
        this.namesOf(kind).flatMap((name, id) => this.mayControl(kind, id) ? [`${kind}/${name}`] : [])
      ),
    );
    if (reached.has("systemPower/system")) {
      const all = resourceNames(VIEWED_BOARD);
      return new Set(HARDWARE_KINDS.flatMap((kind) => all[kind].map((name) => `${kind}/${name}`)));
    }
    for (let size = -1; size !== reached.size;) {
      size = reached.size;
      for (const [from, to] of COUPLINGS) if (reached.has(from)) reached.add(to);
    }
    return reached;
  }
}

/** The command that a header means in the release. */
export function commandOf(header: number): CommandSchema | undefined {
  const version = PROTOCOLS.find(({ id }) => id === protocolIdOf(header))?.releases[RELEASE] ?? 0;
  return PROTOCOL_MESSAGES.find(({ id }) => id === protocolIdOf(header))?.commands.find((
    { id, since, until },
  ) => id === messageIdOf(header) && since <= version && version <= until);
}

/** Hardware that changes with other hardware: a clock with its parents, a rail with the speed of what it feeds. */
const COUPLINGS: readonly (readonly [from: string, to: string])[] = [
  ...VIEWED_BOARD.clocks.flatMap(({ name, parents }) =>
    parents.map((parent) => [`clock/${parent}`, `clock/${name}`] as const)
  ),
  ...VIEWED_BOARD.powerDomains.flatMap(({ name, parent }) =>
    parent === null ? [] : [
      [`powerDomain/${name}`, `powerDomain/${parent}`] as const,
      [`powerDomain/${parent}`, `powerDomain/${name}`] as const,
    ]
  ),
  ...VIEWED_BOARD.powercapDomains.flatMap(({ name }) =>
    VIEWED_BOARD.performanceDomains.map((domain) =>
      [`powercapDomain/${name}`, `performanceDomain/${domain.name}`] as const
    )
  ),
  ...VIEWED_BOARD.performanceDomains.flatMap(({ name }) =>
    VIEWED_BOARD.voltageDomains.map((domain) =>
      [`performanceDomain/${name}`, `voltageDomain/${domain.name}`] as const
    )
  ),
  ...VIEWED_BOARD.pinGroups.flatMap(({ name, pins }) =>
    pins.map((pin) => [`pinGroup/${name}`, `pin/${pin}`] as const)
  ),
];

/** The state of all hardware that agents can change, by `kind/name`. */
export function hardwareState({ view }: Model): ReadonlyMap<string, string> {
  const state = new Map<string, string>();
  const note = (kind: HardwareKind, name: string, ...parts: readonly unknown[]) => {
    assert(!state.has(`${kind}/${name}`));
    state.set(`${kind}/${name}`, JSON.stringify(parts));
  };
  for (const one of view.clock) {
    note("clock", one.name, one.isEnabled, one.rateHz, one.parentChoice?.name, one.settingOf("phase")?.value);
  }
  for (const one of view.powerDomain) note("powerDomain", one.name, one.state.name);
  for (const one of view.systemPower) note("systemPower", one.name, one.condition);
  for (const one of view.performanceDomain) {
    const { min, max } = one.agentLimits;
    note("performanceDomain", one.name, one.level.value, min.value, max.value);
  }
  for (const one of view.resetDomain) note("resetDomain", one.name, one.isInReset);
  for (const one of view.voltageDomain) note("voltageDomain", one.name, one.levelUv, one.mode);
  for (const one of view.powercapDomain) {
    const limits = one.limits.map(({ cap, averagingUs }) => [cap, averagingUs]);
    note("powercapDomain", one.name, one.averagingUs, limits);
  }
  for (const one of view.pin) note("pin", one.name, one.function?.name, one.configs, one.ownerId);
  return state;
}
