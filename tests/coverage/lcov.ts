// Coverage in the lcov format, as `deno coverage --lcov` prints it: which lines and branches of which file ran. Reading and
// adding up only; what is enough is decided by `report.ts`.

/** What ran of some lines or branches. */
export interface Share {
  readonly hit: number;
  readonly found: number;
}

/** What ran of a file. */
export interface FileCoverage {
  /** Absolute, as lcov has it. */
  readonly path: string;
  readonly lines: Share;
  readonly branches: Share;
  /** Numbers of lines that never ran, ascending. */
  readonly missedLines: readonly number[];
  /** Lines where a way was never taken, ascending. */
  readonly missedBranchLines: readonly number[];
}

/** Reads the records of a report; what it does not know it leaves out. */
export function parseLcov(text: string): FileCoverage[] {
  return text.split("end_of_record").flatMap((record) => {
    const lines = record.trim().split("\n");
    const path = lines.find((line) => line.startsWith("SF:"))?.slice(3);
    return path === undefined ? [] : [readRecord(path, lines)];
  });
}

function readRecord(path: string, lines: readonly string[]): FileCoverage {
  const ran = new Map<number, boolean>();
  const missedBranchLines = new Set<number>();
  let [branchCount, branchHits] = [0, 0];
  for (const line of lines) {
    const [kind, rest = ""] = line.split(":", 2);
    const values = rest.split(",");
    const place = Number(values[0]);
    if (kind === "DA") ran.set(place, (ran.get(place) ?? false) || values[1] !== "0");
    if (kind !== "BRDA") continue;
    branchCount++;
    const wasTaken = values[3] !== "0" && values[3] !== "-";
    if (wasTaken) branchHits++;
    else missedBranchLines.add(place);
  }
  const missedLines = [...ran].filter(([, hasRun]) => !hasRun).map(([place]) => place);
  return {
    path,
    lines: { hit: ran.size - missedLines.length, found: ran.size },
    branches: { hit: branchHits, found: branchCount },
    missedLines: missedLines.sort((a, b) => a - b),
    missedBranchLines: [...missedBranchLines].sort((a, b) => a - b),
  };
}

/** Adds shares up. */
export function total(shares: readonly Share[]): Share {
  return {
    hit: shares.reduce((sum, { hit }) => sum + hit, 0),
    found: shares.reduce((sum, { found }) => sum + found, 0),
  };
}

/** The share in percent; all of nothing is everything. */
export function percentOf({ hit, found }: Share): number {
  return found === 0 ? 100 : 100 * hit / found;
}

/** Prints ascending numbers as ranges: `3, 7-9`. */
export function rangesText(numbers: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const number of numbers) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === number - 1) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges.map(([from, to]) => from === to ? `${from}` : `${from}-${to}`).join(", ");
}
