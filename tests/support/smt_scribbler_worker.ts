// Another processor that writes to an SMT area without end: between any two reads of the platform there may be one of its
// stores. Maps the file itself; told where the area is, and where to look whether to stop.
import { MemoryFile, openMemoryFile } from "../../transports/memory/memory_file.ts";
import { FLAGS_WORD, HEADER_WORD, LENGTH_WORD, STATUS_WORD } from "../../transports/smt/layout.ts";

/** What the scribbler is told. */
export interface ScribblerPlan {
  readonly path: string;
  readonly areaOffset: number;
  readonly areaSize: number;
  /** Offset of two words: where it counts its rounds, and which becomes 1 when it has to stop. */
  readonly controlOffset: number;
}

const LENGTHS = [8, -1, 12, 0, 104, 105, 4, 0x7fff_ffff];

self.onmessage = ({ data: plan }: MessageEvent<ScribblerPlan>) => {
  const file = openMemoryFile(plan.path);
  if (!(file instanceof MemoryFile)) throw new Error(file.error);
  const area = file.window(plan.areaOffset, plan.areaSize);
  const control = file.window(plan.controlOffset, 8);
  if ("error" in area || "error" in control) throw new Error("the scribbler has no area");
  const { words } = area;
  for (let round = 0; Atomics.load(control.words, 1) === 0; round++) {
    Atomics.store(words, LENGTH_WORD, LENGTHS[round % LENGTHS.length]!);
    Atomics.store(words, HEADER_WORD, round);
    Atomics.store(words, FLAGS_WORD, round & 1);
    Atomics.store(words, STATUS_WORD, 0);
    Atomics.add(control.words, 0, 1);
  }
  file.close();
  self.postMessage("stopped");
};
