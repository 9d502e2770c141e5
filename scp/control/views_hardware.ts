// The JSON of the hardware routes as zod schemas; the compiler keeps them equal to the shapes of
// hardware_views.ts.
import { z } from "@hono/zod-openapi";
import type { HardwareViewKind, HardwareViews } from "./hardware_views.ts";

const count = () => z.number().int().nonnegative();
const level = () => z.union([z.literal(0), z.literal(1)]);

function item<W extends z.ZodRawShape, T extends z.ZodRawShape>(title: string, wire: W, truth: T) {
  return z.object({
    id: count().nullable().describe("wire id; null = not shown to agents"),
    name: z.string(),
    wire: z.object(wire).describe("what agents are told"),
    truth: z.object(truth).describe("what the model does"),
  }).openapi(title);
}

const names = () => z.array(z.string()).readonly();
const configs = () => z.array(z.object({ typeCode: count(), value: count() })).readonly();

/** One resource of each kind. */
export const hardwareSchemas = {
  clocks: item("Clock", {
    isEnabled: z.boolean(),
    rateHz: count(),
    parent: z.string().nullable().describe("null = there is no choice"),
  }, {
    isRunning: z.boolean(),
    outputHz: count().describe("0 while it does not run"),
  }),
  powerDomains: item("PowerDomain", { state: z.string() }, {
    isOn: z.boolean(),
    goal: z.string().nullable().describe("the state it is on its way to"),
    above: z.string().nullable().describe("the domain that it needs"),
  }),
  systemPower: item("SystemPower", { condition: z.string() }, { runningCoreCount: count() }),
  performanceDomains: item("PerformanceDomain", {
    level: count().describe("value of the level in force, or on its way"),
    limitMin: count(),
    limitMax: count(),
  }, {
    runningLevel: count().describe("value of the level that the block runs at"),
    frequencyKhz: count(),
    agentLimitMin: count(),
    agentLimitMax: count().describe("ceilings of the platform may lower it"),
  }),
  resets: item("ResetDomain", {
    latencyUs: count().nullable().describe("null = not told"),
    supportsAsync: z.boolean(),
  }, { isInReset: z.boolean() }),
  voltages: item("VoltageDomain", { levelUv: z.number().int(), mode: z.string() }, {
    volts: z.number().describe("what it supplies: 0 while it is off"),
    isOnItsWay: z.boolean().describe("to another level"),
    neededUv: z.number().int().nullable().describe("what it feeds allows no less; null = anything"),
  }),
  powerCaps: item("PowerCap", {
    unit: z.string(),
    cap: count().nullable().describe("null = not capped"),
    averagingUs: count(),
    power: count().nullable().describe("null = agents may not measure it"),
    limits: z.array(z.object({ name: z.string(), cap: count().nullable(), averagingUs: count() })).readonly()
      .describe("all that are kept at the same time; cap is that of the first"),
  }, {
    power: count(),
    partOf: z.string().nullable(),
  }),
  pins: item("Pin", {
    function: z.string().nullable(),
    configs: configs(),
  }, {
    ownerId: count().describe("agent that has it for itself; 0 = nobody"),
    level: level(),
  }),
  gpioLines: item("GpioLine", { level: level(), isOutput: z.boolean().describe("driven by the guest") }, {
    follows: z.enum(["switch", "wheelPulse", "guest"]).describe("what moves it"),
    level: level().describe("what that gives it, whatever the line is made to show"),
    riseCount: count().describe("how often that has risen since the start"),
    isOverridden: z.boolean(),
  }),
  pinGroups: item("PinGroup", {
    function: z.string().nullable().describe("null = none as a whole"),
    configs: configs().describe("what all of its pins have alike"),
    pins: names(),
  }, {
    ownerId: count().describe("agent that has it as a whole; 0 = nobody"),
    pinOwnerIds: z.array(count()).readonly().describe("agents that have pins of it"),
  }),
  pinFunctions: item("PinFunction", {
    isGpio: z.boolean(),
    groups: names().describe("what it can be given to; empty where it is given to pins"),
    pins: names(),
  }, {
    usedBy: names().describe("groups or pins that have it now"),
  }),
} satisfies { readonly [K in HardwareViewKind]: z.ZodType<HardwareViews[K]> };
