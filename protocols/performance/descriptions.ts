// Performance protocol: what domains and their levels are. Levels are paged by the room in the agent's buffer, and nothing
// is kept between pages. SCMI 4.5.3.2, 4.5.3.4, 4.5.3.5.
import type { PerformanceDomain, PerformanceLevel } from "../../scp/model/performance_domain.ts";
import { hasExtendedName, nameReply } from "../names.ts";
import { pageOf } from "../paging.ts";
import type { Handler } from "../protocol.ts";
import { type PerformanceContext, wireIndexOf } from "./context.ts";
import * as messages from "./messages.ts";

const LEVEL_V1_SIZE = 12;
const LEVEL_SIZE = 20;
const RETURNED_MAX = 0xfff;

export const attributes: Handler<typeof messages.PERFORMANCE_PROTOCOL_ATTRIBUTES, PerformanceContext> = (
  _params,
  context,
) => {
  const { domains, session, statistics } = context;
  return {
    attributes: {
      domainCount: domains.length,
      powerUnit: messages.POWER_UNIT_CODE[toldUnitOf(domains[0]!, session.version)],
    },
    ...statistics.tell(),
  };
};

/** The unit that agents are told: version 2.0 and older have no microwatts. A board has one unit for all its domains. */
function toldUnitOf({ powerUnit }: PerformanceDomain, version: number): PerformanceDomain["powerUnit"] {
  return powerUnit === "uW" && version < messages.V3 ? "mW" : powerUnit;
}

export const domainAttributes: Handler<
  typeof messages.PERFORMANCE_DOMAIN_ATTRIBUTES,
  PerformanceContext
> = (params, context) => {
  const { session } = context;
  const domain = context.domains[params.domainId]!;
  return {
    attributes: {
      maySetLimits: domain.maySetLimits(session.agentId) &&
        session.mayUse(messages.PERFORMANCE_LIMITS_SET.id, params.domainId),
      maySetLevel: domain.maySetLevel(session.agentId) &&
        session.mayUse(messages.PERFORMANCE_LEVEL_SET.id, params.domainId),
      notifiesLimits: domain.notifiesLimits && session.isOffered(messages.PERFORMANCE_NOTIFY_LIMITS.id),
      notifiesLevel: domain.notifiesLevel && session.isOffered(messages.PERFORMANCE_NOTIFY_LEVEL.id),
      hasFastChannels: context.fastChannels.isFastResource(params.domainId),
      hasExtendedName: session.version >= messages.V3 && hasExtendedName(domain.name),
      usesLevelIndexing: context.usesLevelIndexing(domain),
    },
    rateLimit: { intervalUs: domain.rateLimitUs },
    sustainedFrequencyKhz: domain.sustainedLevel.frequencyKhz,
    sustainedLevel: domain.sustainedLevel.value,
    name: domain.name,
  };
};

/** What every version tells of a level. */
function describe(domain: PerformanceDomain, level: PerformanceLevel, version: number) {
  const isScaled = toldUnitOf(domain, version) !== domain.powerUnit;
  return {
    level: level.value,
    powerCost: isScaled ? Math.round(level.powerCost / 1000) : level.powerCost,
    attributes: { latencyUs: level.latencyUs },
  };
}

export const describeLevelsV1: Handler<
  typeof messages.PERFORMANCE_DESCRIBE_LEVELS_V1,
  PerformanceContext
> = (params, { domains, session }) => {
  const domain = domains[params.domainId]!;
  const bounds = { room: session.room, itemSize: LEVEL_V1_SIZE, countMax: RETURNED_MAX };
  const page = pageOf(domain.levels, params.skip, bounds);
  if (page === null) return "INVALID_PARAMETERS";
  return {
    counts: { returned: page.items.length, remaining: page.remaining },
    levels: page.items.map((level) => describe(domain, level, session.version)),
  };
};

export const describeLevels: Handler<typeof messages.PERFORMANCE_DESCRIBE_LEVELS, PerformanceContext> = (
  params,
  { domains, session },
) => {
  const domain = domains[params.domainId]!;
  const bounds = { room: session.room, itemSize: LEVEL_SIZE, countMax: RETURNED_MAX };
  const page = pageOf(domain.levels, params.skip, bounds);
  if (page === null) return "OUT_OF_RANGE";
  return {
    counts: { returned: page.items.length, remaining: page.remaining },
    levels: page.items.map((level) => ({
      ...describe(domain, level, session.version),
      frequencyKhz: level.frequencyKhz,
      levelIndex: wireIndexOf(level),
    })),
  };
};

export const nameGet: Handler<typeof messages.PERFORMANCE_DOMAIN_NAME_GET, PerformanceContext> = (
  params,
  { domains },
) => nameReply(domains[params.domainId]!.name);
