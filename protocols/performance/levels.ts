// Performance protocol: setting and reading levels and limits, and hearing of their changes. A level has to be one of those
// described, exactly. Limits that agents have set refuse a level outside them; ceilings of the platform do not: such a level
// is accepted, and comes into force when the ceiling is lifted. So does one that comes sooner than the rate limit of its domain
// allows, when its time has come: no refusal is known for it. SCMI 4.5.3.6 to 4.5.3.11.
import type { Handler } from "../protocol.ts";
import type { PerformanceContext } from "./context.ts";
import * as messages from "./messages.ts";

export const levelSet: Handler<typeof messages.PERFORMANCE_LEVEL_SET, PerformanceContext> = (
  params,
  context,
) => {
  const { agentId } = context.session;
  const domain = context.domains[params.domainId]!;
  if (!domain.maySetLevel(agentId)) return "DENIED";
  const level = context.findLevel(domain, params.level);
  return level === undefined ? "OUT_OF_RANGE" : domain.setLevel(level, agentId, "limited");
};

export const levelGet: Handler<typeof messages.PERFORMANCE_LEVEL_GET, PerformanceContext> = (
  params,
  context,
) => {
  const domain = context.domains[params.domainId]!;
  return { level: context.wordOf(domain, domain.level) };
};

export const limitsSet: Handler<typeof messages.PERFORMANCE_LIMITS_SET, PerformanceContext> = (
  params,
  context,
) => {
  const { agentId, version } = context.session;
  const domain = context.domains[params.domainId]!;
  const keepsUnchanged = version >= messages.V3;
  const kept = domain.keptLimits(agentId);
  const isKept = (word: number) => keepsUnchanged && word === 0;
  const rangeMax = isKept(params.rangeMax) ? context.wordOf(domain, kept.max) : params.rangeMax;
  const rangeMin = isKept(params.rangeMin) ? context.wordOf(domain, kept.min) : params.rangeMin;
  if (rangeMin > rangeMax) return "INVALID_PARAMETERS";
  if (!domain.maySetLimits(agentId)) return "DENIED";
  if (isKept(params.rangeMax) && isKept(params.rangeMin)) return "OUT_OF_RANGE";
  const max = isKept(params.rangeMax) ? null : context.findLevel(domain, rangeMax);
  const min = isKept(params.rangeMin) ? null : context.findLevel(domain, rangeMin);
  if (max === undefined || min === undefined) return "OUT_OF_RANGE";
  return domain.setLimits({ min, max }, agentId, "limited");
};

export const limitsGet: Handler<typeof messages.PERFORMANCE_LIMITS_GET, PerformanceContext> = (
  params,
  context,
) => {
  const domain = context.domains[params.domainId]!;
  const { min, max } = domain.limits;
  return { rangeMax: context.wordOf(domain, max), rangeMin: context.wordOf(domain, min) };
};

export const notifyLevel: Handler<typeof messages.PERFORMANCE_NOTIFY_LEVEL, PerformanceContext> = (
  params,
  context,
) => {
  if (!context.domains[params.domainId]!.notifiesLevel) return "NOT_SUPPORTED";
  context.hearLevels(params.domainId, params.notifyEnable.enable);
  return "SUCCESS";
};

export const notifyLimits: Handler<typeof messages.PERFORMANCE_NOTIFY_LIMITS, PerformanceContext> = (
  params,
  context,
) => {
  if (!context.domains[params.domainId]!.notifiesLimits) return "NOT_SUPPORTED";
  context.hearLimits(params.domainId, params.notifyEnable.enable);
  return "SUCCESS";
};
