// What a view lets an agent do beside showing it hardware: which of its resources it may only read, which commands it may not
// use, and whether ids beyond its own are told apart from ids that nobody has. Permissions (agents.ts) take away from that
// and give it back, but never more.
import { openPool, type ResourcePool } from "../core/codec_compiler.ts";
import { byKind, HARDWARE_KINDS, type HardwareKind } from "../core/schema.ts";
import type { HardwareView } from "../model/hardware.ts";
import type { ProtocolDefinition } from "../../protocols/protocol.ts";

/** The rights that come with a view. */
export interface ViewRights {
  /** Per id, not 0 = the agent may only read it; null = it may control all of the kind. */
  readonly readOnly: Readonly<Record<HardwareKind, Uint8Array | null>>;
  /** By kind, how many ids from 0 on are refused as existing ones are; null = the agent's own only. */
  readonly knownCounts: Readonly<Record<HardwareKind, number>> | null;
  /** Whether the agent may use a command of a protocol; null = it may use all. */
  readonly mayUse: ((protocolName: string, commandName: string) => boolean) | null;
}

/** Ids of the commands that every protocol has: they tell what there is, and no view takes them away. */
const COMMON_IDS: ReadonlySet<number> = new Set([0x0, 0x1, 0x2, 0x10]);

/** The pools of an agent's ids. */
export class RightsPools {
  readonly pools: Readonly<Record<HardwareKind, ResourcePool>>;

  constructor(readonly view: HardwareView, readonly rights: ViewRights | null) {
    this.pools = byKind((kind) => {
      const count = Math.max(view[kind].length, rights?.knownCounts?.[kind] ?? 0);
      return openPool(count);
    });
    for (const kind of HARDWARE_KINDS) this.deny(kind, null);
  }

  /** Puts in force what permissions deny of a kind; null = nothing. */
  deny(kind: HardwareKind, isDenied: ((name: string) => boolean) | null): void {
    const pool = this.pools[kind];
    const own = this.view[kind];
    const readOnly = this.rights?.readOnly[kind] ?? null;
    const denied = new Uint8Array(pool.count);
    for (let id = 0; id < pool.count; id++) {
      const resource = own[id];
      if (resource === undefined || isDenied?.(resource.name)) denied[id] = 1;
    }
    const locked = denied.map((isDenied, id) => isDenied | (readOnly?.[id] ?? 0));
    pool.denied = orNull(denied);
    pool.locked = orNull(locked);
  }
}

/** Per message id of a protocol, not 0 = the view keeps the command from the agent; null = none. */
export function forbiddenCommands(
  { name, bindings }: ProtocolDefinition,
  rights: ViewRights | null,
): Uint8Array | null {
  const mayUse = rights?.mayUse ?? null;
  if (mayUse === null) return null;
  const forbidden = new Uint8Array(256);
  for (const { schema } of bindings) {
    if (!COMMON_IDS.has(schema.id) && !mayUse(name, schema.name)) forbidden[schema.id] = 1;
  }
  return orNull(forbidden);
}

/** Nothing where no flag is set: then there is nothing to look up. */
function orNull(flags: Uint8Array): Uint8Array | null {
  return flags.some((flag) => flag !== 0) ? flags : null;
}
