// A lumped thermal network: heat capacities joined by thermal resistances, one of the ends possibly the surroundings.
// It knows no board and no chip; who heats a node is the caller's matter. Explicit Euler with one fixed step, in the
// order of the declarations, so that the same inputs give the same bits. Radiation and latent heat are left out.
import { assert } from "../core/assert.ts";

/** A body of one temperature. */
export interface ThermalNode {
  readonly name: string;
  readonly heatCapacityJPerK: number;
}

/** A path for heat between two nodes, or between a node and the surroundings (`ambient`). */
export interface ThermalLink {
  readonly from: string;
  readonly to: string;
  readonly resistanceKPerW: number;
}

/** The name that stands for the surroundings in a link. */
export const AMBIENT = "ambient";

/** Temperatures are kept above this. */
export const TEMPERATURE_MIN_C = -60;

/** Temperatures are kept below this: a thermal runaway ends there instead of at infinity. */
export const TEMPERATURE_MAX_C = 200;

/** The network, working on temperatures that live in the caller's state vector from `offset` on, in node order. */
export class ThermalNetwork {
  readonly nodeCount: number;
  readonly #offset: number;
  readonly #linkFrom: Int32Array;
  readonly #linkTo: Int32Array;
  readonly #conductanceWPerK: Float64Array;
  readonly #kelvinPerWattTick: Float64Array;
  readonly #heatFlowW: Float64Array;

  /** Builds the network for a step of `tickUs`; names and stability have been checked with the board. */
  constructor(nodes: readonly ThermalNode[], links: readonly ThermalLink[], tickUs: number, offset = 0) {
    this.nodeCount = nodes.length;
    this.#offset = offset;
    const indexOf = (name: string) => name === AMBIENT ? -1 : nodes.findIndex((node) => node.name === name);
    this.#linkFrom = Int32Array.from(links, (link) => indexOf(link.from));
    this.#linkTo = Int32Array.from(links, (link) => indexOf(link.to));
    this.#conductanceWPerK = Float64Array.from(links, (link) => 1 / link.resistanceKPerW);
    this.#kelvinPerWattTick = Float64Array.from(nodes, (node) => tickUs / 1e6 / node.heatCapacityJPerK);
    this.#heatFlowW = new Float64Array(nodes.length);
    nodes.forEach((node, index) => {
      let conductance = 0;
      links.forEach((link, place) => {
        if (link.from === node.name || link.to === node.name) conductance += this.#conductanceWPerK[place]!;
      });
      // Beyond 1 the step would overshoot the neighbours' temperature; beyond 2 it would diverge.
      assert(conductance * this.#kelvinPerWattTick[index]! <= 1, `thermal node ${node.name} is stable`);
    });
  }

  /** Moves all temperatures on by one step, each node heated by its entry of `powersW`. */
  step(state: Float64Array, powersW: Float64Array, ambientC: number): void {
    const offset = this.#offset;
    const flow = this.#heatFlowW;
    for (let node = 0; node < this.nodeCount; node++) flow[node] = powersW[node]!;
    for (let link = 0; link < this.#linkFrom.length; link++) {
      const from = this.#linkFrom[link]!;
      const to = this.#linkTo[link]!;
      const fromC = from < 0 ? ambientC : state[offset + from]!;
      const toC = to < 0 ? ambientC : state[offset + to]!;
      const heatW = (fromC - toC) * this.#conductanceWPerK[link]!;
      if (from >= 0) flow[from] = flow[from]! - heatW;
      if (to >= 0) flow[to] = flow[to]! + heatW;
    }
    for (let node = 0; node < this.nodeCount; node++) {
      const nextC = state[offset + node]! + flow[node]! * this.#kelvinPerWattTick[node]!;
      state[offset + node] = Math.min(TEMPERATURE_MAX_C, Math.max(TEMPERATURE_MIN_C, nextC));
    }
  }
}
