// What a command that succeeded changes in what may be expected: versions, permissions, subscriptions, promised
// responses. Read from names that the declarations of all protocols share: a flag `enable` of a command that needs
// the platform-to-agent direction subscribes, a flag `async` of one with a delayed response promises it, unless
// `ignoresDelayed` is set.
import { MESSAGE_TYPE } from "../core/header.ts";
import type { CommandSchema } from "../core/schema.ts";
import { SELECTED } from "../../protocols/pin_control/messages.ts";
import { COLLECTION } from "../../protocols/telemetry/messages.ts";
import type { ChannelState } from "./channel_state.ts";
import type { Permissions } from "./permissions.ts";
import type { ParamValues } from "./program.ts";
import type { Understood } from "./refusals.ts";

/** Notes a success on the channel of `state`; `all` are the states of all channels. */
export function noteSuccess(
  state: ChannelState,
  all: readonly ChannelState[],
  permissions: Permissions,
  { header, protocol, schema, params }: Understood,
): void {
  const { agentId, deviceId, commandId, flags: word } = params as Readonly<Record<string, number>>;
  switch (schema.name) {
    case "NEGOTIATE_PROTOCOL_VERSION":
      state.versions.set(protocol.id, params.version as number);
      return;
    case "BASE_SET_DEVICE_PERMISSIONS":
      return permissions.change(agentId!, deviceId!, null, (word! & 1) !== 0);
    case "BASE_SET_PROTOCOL_PERMISSIONS":
      return permissions.change(agentId!, deviceId!, commandId! & 0xff, (word! & 1) !== 0);
    case "PINCTRL_SET_PERMISSIONS": {
      const kind = SELECTED[word! & 3]!;
      return permissions.changeOne(
        state.agent,
        agentId!,
        kind,
        params.identifier as number,
        (word! & 4) !== 0,
      );
    }
    case "SYSTEM_POWER_STATE_SET":
      for (const each of all) each.mayGiveUp = true;
      return;
    case "TELEMETRY_CONFIG_SET": {
      const { enable, mode } = telemetryControlOf(params);
      if (enable && mode === COLLECTION.singleRead) return promise(state, header, schema, params);
      return state.subscribe(protocol.id, schema, new Map(), enable && mode === COLLECTION.updates);
    }
    case "TELEMETRY_RESET": {
      const configSet = protocol.commands.find(({ name }) => name === "TELEMETRY_CONFIG_SET")!;
      return state.subscribe(protocol.id, configSet, new Map(), false);
    }
    case "BASE_RESET_AGENT_CONFIGURATION":
      for (const each of all) if (each.agent.id === agentId) each.forget();
      if ((word! & 1) !== 0) permissions.restore(agentId!);
      return;
  }
  const flags = flagsOf(schema, params);
  if (schema.needsP2a && flags.has("enable")) {
    state.subscribe(protocol.id, schema, idsOf(schema, params), flags.get("enable")!);
  }
  if (schema.delayed !== null && flags.get("async") === true && flags.get("ignoresDelayed") !== true) {
    promise(state, header, schema, params);
  }
}

/** Notes that a delayed response has to come. */
function promise(state: ChannelState, header: number, schema: CommandSchema, params: ParamValues): void {
  const delayedHeader = (header | (MESSAGE_TYPE.delayedResponse << 8)) >>> 0;
  state.pending.push({ header: delayedHeader, commands: [{ schema, params }], isDue: true });
}

/** How a command turns the collection of telemetry on or off. */
export function telemetryControlOf(params: ParamValues): { readonly enable: boolean; readonly mode: number } {
  const word = params.control as number;
  return { enable: (word & 1) !== 0, mode: (word >>> 1) & 0xf };
}

/** The flags of a command's parameters by name. */
function flagsOf(schema: CommandSchema, params: ParamValues): Map<string, boolean> {
  const flags = new Map<string, boolean>();
  for (const [name, field] of Object.entries(schema.params)) {
    if (field.kind !== "bits32") continue;
    for (const [part, { low, isFlag }] of Object.entries(field.parts)) {
      if (isFlag) flags.set(part, (((params[name] as number) >>> low) & 1) !== 0);
    }
  }
  return flags;
}

/** The ids that a command names, by parameter. */
function idsOf(schema: CommandSchema, params: ParamValues): Map<string, number> {
  return new Map(
    Object.entries(schema.params).flatMap(([name, field]) =>
      field.kind === "u32" && field.resource !== null ? [[name, params[name] as number] as const] : []
    ),
  );
}
