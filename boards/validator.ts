// Judges a board that comes from outside: shape by zod, then what the parts say about each other. Tells all mistakes at
// once, each with the path to the field. Imported by the loader only when it is needed, as zod costs start-up time.
import type * as z from "zod";
import { agentSchema } from "./agent_schema.ts";
import { type Board, defineBoard } from "./board.ts";
import { checkReferences } from "./board_references.ts";
import {
  blockSchema,
  boardSchema,
  deviceSchema,
  linkSchema,
  nodeSchema,
  phaseSchema,
  railSchema,
  sensorSchema,
  vehicleSchema,
} from "./board_schema.ts";
import { clockSchema, clockSourceSchema } from "./clock_schema.ts";
import { gpioLineSchema } from "./gpio_line_schema.ts";
import { performanceDomainSchema, thermalGovernorSchema } from "./performance_domain_schema.ts";
import { pinFunctionSchema, pinGroupSchema, pinSchema } from "./pin_schema.ts";
import { powercapDomainSchema } from "./powercap_domain_schema.ts";
import { arbitrationSchema } from "./arbitration_schema.ts";
import { powerDomainSchema, systemPowerSchema } from "./power_domain_schema.ts";
import { resetDomainSchema } from "./reset_domain_schema.ts";
import type { ViewInput } from "./view.ts";
import { viewSchema } from "./view_schema.ts";
import { voltageDomainSchema } from "./voltage_domain_schema.ts";
import { Complaints } from "./complaints.ts";
import { isRecord, tellIssue } from "./shape_issues.ts";

/** What became of a board file: a complete board, or everything that is wrong with it. */
export type BoardResult = { readonly board: Board } | { readonly errors: readonly string[] };

/** Returns the board with its defaults filled in, or all mistakes, each as `path: what is expected, what was found`. */
export function validateBoard(input: unknown): BoardResult {
  const complaints = new Complaints();
  const shape = boardSchema.safeParse(input);
  if (!shape.success) {
    for (const issue of shape.error.issues) tellIssue(issue, input, complaints);
  }
  if (!isRecord(input)) return { errors: complaints.lines };
  const thermal = sectionOf(input.thermal);
  const power = sectionOf(input.power);
  const vehicle = vehicleSchema.safeParse(input.vehicle);
  const systemPower = systemPowerSchema.safeParse(input.systemPower);
  const arbitration = arbitrationSchema.safeParse(input.arbitration ?? {});
  checkReferences({
    names: {
      agents: namesIn(input.agents),
      devices: namesIn(input.devices),
      nodes: namesIn(thermal.nodes),
      blocks: namesIn(power.blocks),
      rails: namesIn(power.rails),
      sensors: namesIn(input.sensors),
      powerDomains: namesIn(input.powerDomains),
      performanceDomains: namesIn(input.performanceDomains),
      voltageDomains: namesIn(input.voltageDomains),
      powercapDomains: namesIn(input.powercapDomains),
      clocks: namesIn(input.clocks),
      clockSources: namesIn(input.clockSources),
      resetDomains: namesIn(input.resetDomains),
      pins: namesIn(input.pins),
      pinGroups: namesIn(input.pinGroups),
      pinFunctions: namesIn(input.pinFunctions),
      gpioLines: namesIn(input.gpioLines),
    },
    agents: soundParts(agentSchema, input.agents),
    views: soundViews(input.views),
    arbitration: arbitration.success ? arbitration.data : null,
    devices: soundParts(deviceSchema, input.devices),
    nodes: soundParts(nodeSchema, thermal.nodes),
    links: soundParts(linkSchema, thermal.links),
    blocks: soundParts(blockSchema, power.blocks),
    rails: soundParts(railSchema, power.rails),
    phases: soundParts(phaseSchema, power.phases),
    vehicle: vehicle.success ? vehicle.data : null,
    hasVehicle: isRecord(input.vehicle),
    sensors: soundParts(sensorSchema, input.sensors),
    powerDomains: soundParts(powerDomainSchema, input.powerDomains),
    performanceDomains: soundParts(performanceDomainSchema, input.performanceDomains),
    voltageDomains: soundParts(voltageDomainSchema, input.voltageDomains),
    powercapDomains: soundParts(powercapDomainSchema, input.powercapDomains),
    clocks: soundParts(clockSchema, input.clocks),
    clockSources: soundParts(clockSourceSchema, input.clockSources),
    resetDomains: soundParts(resetDomainSchema, input.resetDomains),
    pins: soundParts(pinSchema, input.pins),
    pinGroups: soundParts(pinGroupSchema, input.pinGroups),
    pinFunctions: soundParts(pinFunctionSchema, input.pinFunctions),
    thermalGovernors: soundParts(thermalGovernorSchema, input.thermalGovernors),
    gpioLines: soundParts(gpioLineSchema, input.gpioLines),
    systemPower: systemPower.success ? systemPower.data : null,
    hasSystemPower: isRecord(input.systemPower),
  }, complaints);
  if (!shape.success || complaints.lines.length > 0) return { errors: complaints.lines };
  return { board: defineBoard(shape.data) };
}

/** Returns the entries of a list, null in place of those whose shape is wrong. */
function soundParts<T>(schema: z.ZodType<T>, input: unknown): (T | null)[] {
  if (!Array.isArray(input)) return [];
  return (input as unknown[]).map((entry) => {
    const result = schema.safeParse(entry);
    return result.success ? result.data : null;
  });
}

/** Returns the named views, those whose shape is wrong as views of nothing: their names can be referred to. */
function soundViews(input: unknown): Record<string, ViewInput> {
  if (!isRecord(input)) return {};
  return Object.fromEntries(
    Object.entries(input).map(([name, view]) => {
      const result = viewSchema.safeParse(view);
      return [name, result.success ? result.data : {}];
    }),
  );
}

/** Returns a section of lists; one that is no section has lists that cannot be read. */
function sectionOf(input: unknown): Record<string, unknown> {
  if (isRecord(input)) return input;
  return input === undefined ? {} : { nodes: null, blocks: null, rails: null };
}

/** Returns the names in a list of parts, null where there is none to be read; a list that is none could have any. */
function namesIn(input: unknown): (string | null)[] {
  if (!Array.isArray(input)) return input === undefined ? [] : [null];
  return (input as unknown[]).map((part) =>
    isRecord(part) && typeof part.name === "string" ? part.name : null
  );
}
