// What feeds what among the clocks of a board that is being judged: loops, how many stand one above the other, and the rates
// they start with. Clocks and sources whose shape is wrong are left out; what depends on them is not known.
import { rateOf, startSetting } from "../scp/core/clock_ratio.ts";
import { type ClockInput, type ClockSourceInput, completeClock, completeClockSource } from "./clock.ts";

/** A clock or source with all that can feed it. */
interface Node {
  readonly name: string;
  readonly feeds: readonly string[];
  /** Its rate from those of what stands above it. */
  readonly rateFrom: (rateHzOf: ReadonlyMap<string, number>) => number | undefined;
}

/** The feeds of a board's clocks. */
export class ClockFeeds {
  readonly #nodes = new Map<string, Node>();
  /** What is above no loop, with its rate; a feed that is not there is no obstacle. */
  readonly #ratesHz = new Map<string, number>();
  readonly #depths = new Map<string, number>();

  constructor(clocks: readonly (ClockInput | null)[], sources: readonly (ClockSourceInput | null)[]) {
    for (const input of sources) if (input !== null) this.#add(sourceNode(input));
    for (const input of clocks) if (input !== null) this.#add(clockNode(input));
    this.#resolve();
  }

  /** Tells whether a clock can come to run from itself, by any choice of parents. */
  isInLoop(name: string): boolean {
    if (this.#depths.has(name)) return false;
    const seen = new Set<string>();
    const open = [...this.#nodes.get(name)?.feeds ?? []];
    for (let feed = open.pop(); feed !== undefined; feed = open.pop()) {
      if (feed === name) return true;
      if (seen.has(feed)) continue;
      seen.add(feed);
      open.push(...this.#nodes.get(feed)?.feeds ?? []);
    }
    return false;
  }

  /** How many stand above a clock, at most; undefined below a loop. */
  depthOf(name: string): number | undefined {
    return this.#depths.get(name);
  }

  /** The rate a clock starts with, Hz; undefined when what it runs from is wrong. */
  startRateOf(name: string): number | undefined {
    return this.#ratesHz.get(name);
  }

  #add(node: Node): void {
    this.#nodes.set(node.name, node);
  }

  /** Goes through all from the roots on: each when everything that can feed it has been gone through. */
  #resolve(): void {
    const fed = new Map<string, Node[]>();
    const missing = new Map<Node, number>();
    const ready: Node[] = [];
    for (const node of this.#nodes.values()) {
      const feeds = new Set(node.feeds.filter((name) => this.#nodes.has(name)));
      for (const name of feeds) {
        const below = fed.get(name);
        if (below === undefined) fed.set(name, [node]);
        else below.push(node);
      }
      missing.set(node, feeds.size);
      if (feeds.size === 0) ready.push(node);
    }
    for (let node = ready.pop(); node !== undefined; node = ready.pop()) {
      this.#depths.set(
        node.name,
        1 + Math.max(-1, ...node.feeds.map((name) => this.#depths.get(name) ?? -1)),
      );
      const rateHz = node.rateFrom(this.#ratesHz);
      if (rateHz !== undefined) this.#ratesHz.set(node.name, rateHz);
      for (const below of fed.get(node.name) ?? []) {
        const left = missing.get(below)! - 1;
        missing.set(below, left);
        if (left === 0) ready.push(below);
      }
    }
  }
}

function clockNode(input: ClockInput): Node {
  const { name, parents, parent, rateHz, ratio } = completeClock(input);
  return {
    name,
    feeds: parents,
    rateFrom: (rates) => {
      const inputHz = parent === null ? rateHz : rates.get(parent);
      return inputHz === undefined ? undefined : rateOf(ratio, startSetting(ratio), inputHz);
    },
  };
}

function sourceNode(input: ClockSourceInput): Node {
  const { name, parent, rateHz, multiplier, divider } = completeClockSource(input);
  return {
    name,
    feeds: parent === null ? [] : [parent],
    rateFrom: (rates) => {
      const inputHz = parent === null ? rateHz : rates.get(parent);
      return inputHz === undefined ? undefined : Math.floor(inputHz * multiplier / divider);
    },
  };
}
