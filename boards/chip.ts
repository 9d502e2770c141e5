// The heat and power part of a board: thermal nodes and links, blocks that draw power, rails that feed them, and the
// load over time. The laws that use these numbers are scp/model/thermal.ts and scp/model/chip.ts.
import type { Regulator } from "./regulator.ts";

/** A body of one temperature. */
export interface ThermalNodePlan {
  readonly name: string;
  readonly heatCapacityJPerK: number;
}

/** A path for heat between two nodes, or between a node and `ambient`. */
export interface ThermalLinkPlan {
  readonly from: string;
  readonly to: string;
  readonly resistanceKPerW: number;
}

/** The thermal network of a board. */
export interface ThermalPlan {
  readonly nodes: readonly ThermalNodePlan[];
  readonly links: readonly ThermalLinkPlan[];
}

/** A frequency a block runs at, and the voltage it needs for that. */
export interface OperatingPoint {
  readonly mhz: number;
  readonly volts: number;
}

/** A part of the chip that draws power and heats a node. */
export interface PowerBlock {
  readonly name: string;
  /** The thermal node it heats. */
  readonly node: string;
  /** The rail that feeds it; null = one that no sensor sees. */
  readonly rail: string | null;
  /** The power domain it belongs to: it draws nothing unless that is on; none unless given. */
  readonly powerDomain?: string | null;
  /** Drawn always, W. */
  readonly fixedW: number;
  /** Drawn on top at full utilisation, in proportion to it, W. */
  readonly loadW: number;
  /** Dynamic power of the whole block, uW per MHz and V^2 (of a cluster: of all its cores). */
  readonly dynamicUwPerMhzV2: number;
  /** Share of the dynamic power that is drawn when clocked but idle, 0..1. */
  readonly idleActivity: number;
  /** Leakage current at 25 degree Celsius and `leakageVolts`, A. */
  readonly leakageA: number;
  readonly leakageVolts: number;
  /** At least one; rising frequency. Frequency 0 (not clocked) has the voltage of the first. */
  readonly operatingPoints: readonly OperatingPoint[];
}

/** A supply with a load line: its voltage falls with the current drawn. */
export interface Rail {
  readonly name: string;
  readonly loadLineOhm: number;
  /** What sets its voltage; none unless given: then it has what the operating points of its blocks need. */
  readonly regulator?: Regulator | null;
}

/** What a block does during a phase. */
export interface BlockLoad {
  /** 0 = not clocked, else one of the block's operating points; of a block with a performance domain, what is asked of it. */
  readonly mhz: number;
  /** 0..1. */
  readonly utilisation: number;
}

/** A stretch of time with constant load; a block that is not named does nothing and is not clocked. */
export interface LoadPhase {
  readonly name: string;
  readonly durationS: number;
  readonly loads: Readonly<Record<string, BlockLoad>>;
}

/** Blocks, rails, and the load phases that repeat one after the other for ever. */
export interface PowerPlan {
  readonly blocks: readonly PowerBlock[];
  readonly rails: readonly Rail[];
  readonly phases: readonly LoadPhase[];
}
