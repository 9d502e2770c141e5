// What the parts of a board say about each other: names that have to exist, ids without gaps, units that fit, numbers the
// physics can stand. Parts whose own shape is wrong are null here, so that one mistake does not hide the others.
import { byKind, type HardwareKind, SYSTEM_POWER_NAME } from "../scp/core/schema.ts";
import type { DeviceDescription } from "./board.ts";
import type { AgentInput } from "./agent.ts";
import type { ArbitrationInput } from "./arbitration.ts";
import { checkArbitration } from "./arbitration_schema.ts";
import { Complaints } from "./complaints.ts";
import type { LoadPhase, PowerBlock, Rail, ThermalLinkPlan, ThermalNodePlan } from "./chip.ts";
import type { SensorInput } from "./sensor_description.ts";
import { canBeOneOf, known } from "./part_names.ts";
import { checkClocks } from "./clock_references.ts";
import type { ClockInput, ClockSourceInput } from "./clock.ts";
import { checkPassThrough } from "./pass_through_references.ts";
import type { GpioLineInput } from "./gpio_line.ts";
import { checkGpioLines } from "./gpio_line_references.ts";
import { checkPerformanceDomains } from "./performance_domain_references.ts";
import type { PerformanceDomainInput } from "./performance_domain.ts";
import { checkPins, type PinParts } from "./pin_references.ts";
import { checkPowercapDomains } from "./powercap_domain_references.ts";
import type { PowercapDomainInput } from "./powercap_domain.ts";
import { checkPowerDomains, checkPowerDomainUsers } from "./power_domain_references.ts";
import type { PowerDomainInput } from "./power_domain.ts";
import { checkResetDomains } from "./reset_domain_references.ts";
import type { ResetDomainInput } from "./reset_domain.ts";
import { checkSensors } from "./sensor_references.ts";
import { signalsOf } from "./signals.ts";
import { checkSystemPolicy } from "./system_policy_schema.ts";
import type { SystemPowerInput } from "./system_power.ts";
import type { ThermalGovernorPlan } from "./thermal_governor.ts";
import type { Vehicle } from "./vehicle.ts";
import type { ViewInput } from "./view.ts";
import { checkViews } from "./view_references.ts";
import { checkVoltageDomains } from "./voltage_domain_references.ts";
import type { VoltageDomainInput } from "./voltage_domain.ts";

/** The names in each list of parts, also of parts whose shape is wrong otherwise; null = no name can be read. */
export interface PartNames {
  readonly agents: readonly (string | null)[];
  readonly devices: readonly (string | null)[];
  readonly nodes: readonly (string | null)[];
  readonly blocks: readonly (string | null)[];
  readonly rails: readonly (string | null)[];
  readonly sensors: readonly (string | null)[];
  readonly powerDomains: readonly (string | null)[];
  readonly performanceDomains: readonly (string | null)[];
  readonly voltageDomains: readonly (string | null)[];
  readonly powercapDomains: readonly (string | null)[];
  readonly clocks: readonly (string | null)[];
  readonly clockSources: readonly (string | null)[];
  readonly resetDomains: readonly (string | null)[];
  readonly pins: readonly (string | null)[];
  readonly pinGroups: readonly (string | null)[];
  readonly pinFunctions: readonly (string | null)[];
  readonly gpioLines: readonly (string | null)[];
}

/** The parts of a board, each null where its shape is wrong. */
export interface BoardParts {
  readonly names: PartNames;
  readonly agents: readonly (AgentInput | null)[];
  /** Named views, those left out whose shape is wrong. */
  readonly views: Readonly<Record<string, ViewInput>>;
  readonly arbitration: ArbitrationInput | null;
  readonly devices: readonly (DeviceDescription | null)[];
  readonly nodes: readonly (ThermalNodePlan | null)[];
  readonly links: readonly (ThermalLinkPlan | null)[];
  readonly blocks: readonly (PowerBlock | null)[];
  readonly rails: readonly (Rail | null)[];
  readonly phases: readonly (LoadPhase | null)[];
  readonly vehicle: Vehicle | null;
  /** Whether there is one at all: the signals of a vehicle whose shape is wrong count as there. */
  readonly hasVehicle: boolean;
  readonly sensors: readonly (SensorInput | null)[];
  readonly powerDomains: readonly (PowerDomainInput | null)[];
  readonly performanceDomains: readonly (PerformanceDomainInput | null)[];
  readonly voltageDomains: readonly (VoltageDomainInput | null)[];
  readonly powercapDomains: readonly (PowercapDomainInput | null)[];
  readonly clocks: readonly (ClockInput | null)[];
  readonly clockSources: readonly (ClockSourceInput | null)[];
  readonly resetDomains: readonly (ResetDomainInput | null)[];
  readonly pins: PinParts["pins"];
  readonly pinGroups: PinParts["groups"];
  readonly pinFunctions: PinParts["functions"];
  readonly thermalGovernors: readonly (ThermalGovernorPlan | null)[];
  readonly gpioLines: readonly (GpioLineInput | null)[];
  readonly systemPower: SystemPowerInput | null;
  /** Whether there is one at all. */
  readonly hasSystemPower: boolean;
}

/** The name of the surroundings among thermal nodes. */
const AMBIENT = "ambient";

/** The tick of the physics, s: TICK_US of scp/model/world.ts, which this folder may not import; a test compares. */
export const PHYSICS_TICK_S = 0.005;

/** Lists what is wrong between the parts of a board. */
export function checkReferences(parts: BoardParts, complaints: Complaints): void {
  const { names } = parts;
  complaints.checkUnique(names.agents, (index) => `agents[${index}].name`);
  complaints.checkUnique(names.devices, (index) => `devices[${index}].name`);
  complaints.checkUnique(names.nodes, (index) => `thermal.nodes[${index}].name`);
  complaints.checkUnique(names.rails, (index) => `power.rails[${index}].name`);
  complaints.checkUnique(names.blocks, (index) => `power.blocks[${index}].name`);
  complaints.checkUnique(names.sensors, (index) => `sensors[${index}].name`);
  checkThermal(parts, complaints);
  checkPower(parts, complaints);
  if (parts.vehicle !== null) checkVehicle(parts.vehicle, complaints);
  const signals = signalsOf({
    nodeNames: known(names.nodes),
    railNames: known(names.rails),
    blockNames: known(names.blocks),
    hasVehicle: parts.hasVehicle,
  });
  checkSensors(parts.sensors, signals, names.agents, complaints);
  const { powerDomains: domains, systemPower } = parts;
  checkPowerDomains({ domains, names: names.powerDomains, systemPower }, complaints);
  if (systemPower?.policy) checkSystemPolicy(systemPower.policy, names.agents, complaints);
  checkPowerDomainUsers(usersOfPowerDomains(parts), names.powerDomains, complaints);
  checkPerformanceDomains({
    domains: parts.performanceDomains,
    names: names.performanceDomains,
    blocks: parts.blocks,
    blockNames: names.blocks,
    governors: parts.thermalGovernors,
    nodeNames: names.nodes,
  }, complaints);
  checkVoltageDomains({
    domains: parts.voltageDomains,
    names: names.voltageDomains,
    rails: parts.rails,
    railNames: names.rails,
    blocks: parts.blocks,
  }, complaints);
  checkPowercapDomains({
    domains: parts.powercapDomains,
    names: names.powercapDomains,
    blockNames: names.blocks,
    performanceDomains: parts.performanceDomains,
  }, complaints);
  checkClocks({
    clocks: parts.clocks,
    sources: parts.clockSources,
    clockNames: names.clocks,
    sourceNames: names.clockSources,
    agentNames: names.agents,
    blockNames: names.blocks,
  }, complaints);
  checkResetDomains(parts.resetDomains, names.resetDomains, complaints);
  checkPins({
    pins: parts.pins,
    groups: parts.pinGroups,
    functions: parts.pinFunctions,
    pinNames: names.pins,
    groupNames: names.pinGroups,
    functionNames: names.pinFunctions,
  }, complaints);
  checkGpioLines({
    lines: parts.gpioLines,
    names: names.gpioLines,
    vehicle: parts.vehicle,
    hasVehicle: parts.hasVehicle,
  }, complaints);
  checkDevices(parts, complaints);
  const shownNames = { ...hardwareNames(parts), powerDomain: shownPowerDomains(parts) };
  const views = checkViews({
    agents: parts.agents,
    agentNames: names.agents,
    views: parts.views,
    names: shownNames,
    pinGroups: parts.pinGroups,
  }, complaints);
  checkPassThrough({ ...parts, views, names: hardwareNames(parts), shownNames }, complaints);
  if (parts.arbitration !== null) {
    checkArbitration({
      arbitration: parts.arbitration,
      agentNames: names.agents,
      names: hardwareNames(parts),
      clocks: parts.clocks,
      clockSources: parts.clockSources,
    }, complaints);
  }
}

/** The names of the power domains that agents can be shown. */
function shownPowerDomains({ names, powerDomains }: BoardParts): (string | null)[] {
  return names.powerDomains.filter((_name, index) => powerDomains[index]?.id !== null);
}

/** The parts that may name a power domain. */
function usersOfPowerDomains(parts: BoardParts): { path: string; powerDomain?: string | null }[] {
  const lists = { "power.blocks": parts.blocks, clocks: parts.clocks, sensors: parts.sensors };
  return Object.entries(lists).flatMap(([path, users]) =>
    users.flatMap((user, index) => user === null ? [] : [{ ...user, path: `${path}[${index}]` }])
  );
}

/** The names of hardware by kind, null among them where one cannot be read. */
function hardwareNames(parts: BoardParts): Readonly<Record<HardwareKind, readonly (string | null)[]>> {
  const { names } = parts;
  return {
    sensor: names.sensors,
    powerDomain: names.powerDomains,
    performanceDomain: names.performanceDomains,
    voltageDomain: names.voltageDomains,
    powercapDomain: names.powercapDomains,
    clock: names.clocks,
    resetDomain: names.resetDomains,
    pin: names.pins,
    pinGroup: names.pinGroups,
    pinFunction: names.pinFunctions,
    systemPower: parts.hasSystemPower ? [SYSTEM_POWER_NAME] : [],
  };
}

function checkDevices(parts: BoardParts, complaints: Complaints): void {
  const all = hardwareNames(parts);
  const known = byKind((kind) => new Set(all[kind]));
  parts.devices.forEach((device, index) => {
    for (
      const [kind, names] of Object.entries(device?.resources ?? {}) as [HardwareKind, readonly string[]][]
    ) {
      names.forEach((name, place) => {
        if (!canBeOneOf(name, known[kind])) {
          complaints.add(`devices[${index}].resources.${kind}[${place}]`, `No ${kind} ${name}`);
        }
      });
    }
  });
}

function checkThermal(parts: BoardParts, complaints: Complaints): void {
  const nodeNames = new Set(parts.names.nodes);
  const conductance = new Map<string, number>();
  parts.links.forEach((link, index) => {
    if (link === null) return;
    for (const end of ["from", "to"] as const) {
      const name = link[end];
      if (name !== AMBIENT && !canBeOneOf(name, nodeNames)) {
        complaints.add(`thermal.links[${index}].${end}`, `No thermal node ${name}`);
      }
      conductance.set(name, (conductance.get(name) ?? 0) + 1 / link.resistanceKPerW);
    }
    if (link.from === link.to) {
      complaints.add(`thermal.links[${index}].to`, "A link joins two different ends");
    }
  });
  parts.nodes.forEach((node, index) => {
    if (node === null) return;
    if (node.name === AMBIENT) {
      complaints.add(`thermal.nodes[${index}].name`, `${AMBIENT} is the name of the surroundings`);
    }
    const leastJPerK = PHYSICS_TICK_S * (conductance.get(node.name) ?? 0);
    if (node.heatCapacityJPerK < leastJPerK) {
      complaints.add(
        `thermal.nodes[${index}].heatCapacityJPerK`,
        `Too small for the 5 ms tick with these links: at least ${leastJPerK.toPrecision(3)}`,
      );
    }
  });
}

function checkPower(parts: BoardParts, complaints: Complaints): void {
  const nodeNames = new Set(parts.names.nodes);
  const railNames = new Set(parts.names.rails);
  const blockNames = new Set(parts.names.blocks);
  parts.blocks.forEach((block, index) => {
    if (block === null) return;
    const path = `power.blocks[${index}]`;
    if (!canBeOneOf(block.node, nodeNames)) {
      complaints.add(`${path}.node`, `No thermal node ${block.node}`);
    }
    if (block.rail !== null && !canBeOneOf(block.rail, railNames)) {
      complaints.add(`${path}.rail`, `No rail ${block.rail}`);
    }
    checkRising(block.operatingPoints.map((point) => point.mhz), (place) => {
      complaints.add(`${path}.operatingPoints[${place}].mhz`, "Expected more than the one before");
    });
  });
  const blocks = new Map(parts.blocks.flatMap((block) => block === null ? [] : [[block.name, block]]));
  parts.phases.forEach((phase, index) => {
    for (const [name, load] of Object.entries(phase?.loads ?? {})) {
      const path = `power.phases[${index}].loads.${name}`;
      const block = blocks.get(name);
      if (block === undefined) {
        if (!canBeOneOf(name, blockNames)) complaints.add(path, `No power block ${name}`);
      } else if (load.mhz !== 0 && !block.operatingPoints.some((point) => point.mhz === load.mhz)) {
        const offered = block.operatingPoints.map((point) => point.mhz).join(", ");
        complaints.add(
          `${path}.mhz`,
          `Expected 0 or an operating point of the block (${offered}), got ${load.mhz}`,
        );
      }
    }
  });
}

function checkVehicle(vehicle: Vehicle, complaints: Complaints): void {
  const cycle = vehicle.driveCycle;
  const first = cycle[0]!;
  const last = cycle[cycle.length - 1]!;
  if (first[0] !== 0) complaints.add("vehicle.driveCycle[0][0]", `Expected 0 s, got ${first[0]}`);
  checkRising(cycle.map((point) => point[0]), (place) => {
    complaints.add(`vehicle.driveCycle[${place}][0]`, "Expected a later time than the one before");
  });
  if (last[0] < 1) complaints.add("vehicle.driveCycle", "Expected a cycle of 1 s or more");
  if (last[1] !== first[1]) {
    complaints.add(
      `vehicle.driveCycle[${cycle.length - 1}][1]`,
      `Expected the speed of the start, ${first[1]} km/h, as the cycle repeats; got ${last[1]}`,
    );
  }
  const { cellVolts: curve, heatCapacityJPerK, thermalResistanceKPerW } = vehicle.traction;
  const leastJPerK = PHYSICS_TICK_S / thermalResistanceKPerW;
  if (heatCapacityJPerK < leastJPerK) {
    complaints.add(
      "vehicle.traction.heatCapacityJPerK",
      `Too small for the 5 ms tick with this resistance: at least ${leastJPerK.toPrecision(3)}`,
    );
  }
  const path = "vehicle.traction.cellVolts";
  if (curve[0]![0] !== 0) complaints.add(`${path}[0][0]`, `Expected charge 0, got ${curve[0]![0]}`);
  const end = curve.length - 1;
  if (curve[end]![0] !== 1) complaints.add(`${path}[${end}][0]`, `Expected charge 1, got ${curve[end]![0]}`);
  checkRising(curve.map((point) => point[0]), (place) => {
    complaints.add(`${path}[${place}][0]`, "Expected a higher charge than the one before");
  });
}

/** Calls `complain` for each place whose value is not above the one before. */
function checkRising(values: readonly number[], complain: (place: number) => void): void {
  for (let place = 1; place < values.length; place++) {
    if (values[place]! <= values[place - 1]!) complain(place);
  }
}
