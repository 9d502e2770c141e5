// The voltage domain protocol 0x17: what its commands do. SCMI 4.9. Nothing is kept per channel.
import type { VoltageDomain, VoltageMode } from "../../scp/model/voltage_domain.ts";
import { everyProtocol } from "../every_protocol.ts";
import { hasExtendedName, nameReply } from "../names.ts";
import { pageOf } from "../paging.ts";
import { bind, type Handler, type ProtocolDefinition, type Session, versionsSince } from "../protocol.ts";
import * as messages from "./messages.ts";

const LEVEL_SIZE = 4;
const RETURNED_MAX = 0xfff;

/** What the handlers of one channel work with. */
interface VoltageContext {
  readonly session: Session;
  readonly domains: readonly VoltageDomain[];
}

const attributes: Handler<typeof messages.VOLTAGE_PROTOCOL_ATTRIBUTES, VoltageContext> = (
  _params,
  { domains },
) => ({ attributes: { domainCount: domains.length } });

const domainAttributes: Handler<typeof messages.VOLTAGE_DOMAIN_ATTRIBUTES, VoltageContext> = (
  params,
  { session, domains },
) => {
  const { name, supportsAsync } = domains[params.domainId]!;
  const isV2 = session.version >= messages.V2;
  return {
    attributes: {
      supportsAsync: isV2 && supportsAsync && session.hasP2a(),
      hasExtendedName: isV2 && hasExtendedName(name),
    },
    name,
  };
};

const describeLevels: Handler<typeof messages.VOLTAGE_DESCRIBE_LEVELS, VoltageContext> = (
  params,
  { session, domains },
) => {
  const { steps } = domains[params.domainId]!;
  if (steps.kind === "segment") {
    if (params.levelIndex !== 0) return "OUT_OF_RANGE";
    const segment = [steps.lowestUv, steps.highestUv, steps.stepUv];
    return {
      counts: { returned: segment.length, isSegment: true, remaining: 0 },
      levels: segment.map((levelUv) => ({ levelUv })),
    };
  }
  const bounds = { room: session.room, itemSize: LEVEL_SIZE, countMax: RETURNED_MAX };
  const page = pageOf(steps.levelsUv, params.levelIndex, bounds);
  if (page === null) return "OUT_OF_RANGE";
  return {
    counts: { returned: page.items.length, isSegment: false, remaining: page.remaining },
    levels: page.items.map((levelUv) => ({ levelUv })),
  };
};

/** The architectural modes by their ids. */
const ARCHITECTURAL_KINDS: ReadonlyMap<number, VoltageMode["kind"]> = new Map([
  [messages.ARCHITECTURAL_MODE.off, "off"],
  [messages.ARCHITECTURAL_MODE.on, "on"],
]);

const configSet: Handler<typeof messages.VOLTAGE_CONFIG_SET, VoltageContext> = (
  params,
  { session, domains },
) => {
  const { isOwnMode, modeId } = params.config;
  const kind = isOwnMode ? "own" : ARCHITECTURAL_KINDS.get(modeId);
  if (kind === undefined) return "INVALID_PARAMETERS";
  const domain = domains[params.domainId]!;
  const mode = domain.modes.find((each) => each.kind === kind && (each.kind !== "own" || each.id === modeId));
  return mode === undefined ? "NOT_SUPPORTED" : domain.setMode(mode, session.agentId);
};

const configGet: Handler<typeof messages.VOLTAGE_CONFIG_GET, VoltageContext> = (params, { domains }) => {
  const { mode } = domains[params.domainId]!;
  return {
    config: mode.kind === "own"
      ? { isOwnMode: true, modeId: mode.id }
      : { isOwnMode: false, modeId: messages.ARCHITECTURAL_MODE[mode.kind] },
  };
};

const levelSetV1: Handler<typeof messages.VOLTAGE_LEVEL_SET_V1, VoltageContext> = (
  params,
  { session, domains },
) => domains[params.domainId]!.setLevel(params.levelUv, session.agentId);

const levelSet: Handler<typeof messages.VOLTAGE_LEVEL_SET, VoltageContext> = (
  params,
  { session, domains },
) => {
  const { domainId, levelUv, flags } = params;
  const domain = domains[domainId]!;
  if (!flags.async) return domain.setLevel(levelUv, session.agentId);
  if (!domain.supportsAsync || !session.hasP2a()) return "NOT_SUPPORTED";
  const change = domain.beginLevel(levelUv, session.agentId);
  if (typeof change === "string") return change;
  // A reset of the system gives up what is under way; agents outside of it still wait.
  const answer = () =>
    change.result === null ? "GENERIC_ERROR" as const : { domainId, levelUv: domain.levelUv };
  if (session.respondLater(messages.VOLTAGE_LEVEL_SET, change.doneUs, answer)) return "SUCCESS";
  change.cancel();
  return "BUSY";
};

const levelGet: Handler<typeof messages.VOLTAGE_LEVEL_GET, VoltageContext> = (params, { domains }) => ({
  levelUv: domains[params.domainId]!.levelUv,
});

const nameGet: Handler<typeof messages.VOLTAGE_DOMAIN_NAME_GET, VoltageContext> = (params, { domains }) =>
  nameReply(domains[params.domainId]!.name);

/** The voltage domain protocol. */
export const voltageProtocol: ProtocolDefinition<VoltageContext> = {
  id: messages.VOLTAGE_MESSAGES.id,
  name: messages.VOLTAGE_MESSAGES.name,
  ...versionsSince({ "3.0": 0x10000, "3.1": messages.V2, "3.2": 0x20001 }),
  bindings: [
    ...everyProtocol(0x20001),
    bind(messages.VOLTAGE_PROTOCOL_ATTRIBUTES, attributes),
    bind(messages.VOLTAGE_DOMAIN_ATTRIBUTES, domainAttributes),
    bind(messages.VOLTAGE_DESCRIBE_LEVELS, describeLevels),
    bind(messages.VOLTAGE_CONFIG_SET, configSet),
    bind(messages.VOLTAGE_CONFIG_GET, configGet),
    bind(messages.VOLTAGE_LEVEL_SET_V1, levelSetV1),
    bind(messages.VOLTAGE_LEVEL_SET, levelSet),
    bind(messages.VOLTAGE_LEVEL_GET, levelGet),
    bind(messages.VOLTAGE_DOMAIN_NAME_GET, nameGet),
  ],
  notifications: messages.VOLTAGE_MESSAGES.notifications,
  resource: "voltageDomain",
  createContext: (session, { view }) => ({ session, domains: view.voltageDomain }),
};
