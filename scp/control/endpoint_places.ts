// Which parts of files the endpoints of a run take for themselves, so that no two of them write to the same
// memory. Leaves out what overlaps within one endpoint: its transport refuses that.
import { resolve } from "node:path";
import { FAST_AREA_SIZE } from "../../transports/fast_channels/layout.ts";
import { doorbellLayout } from "../../transports/mailbox/doorbell_layout.ts";
import { type NamedPlace, overlapOf } from "../../transports/memory/memory_file.ts";
import { type TransportSpec, transportSpecText } from "./transport_spec.ts";

/** Returns the parts of its file that an endpoint uses; none for a socket. */
export function placesInFile(spec: TransportSpec): NamedPlace[] {
  const name = transportSpecText(spec);
  switch (spec.scheme) {
    case "mailbox": {
      const { mhu, shmem, p2a, fast, area: size } = spec;
      const areas = [...shmem, ...(p2a === null ? [] : [p2a])].map((offset) => ({ name, offset, size }));
      return [
        { name, offset: mhu, size: doorbellLayout(spec.version).size },
        ...areas,
        ...(fast === null ? [] : [{ name, offset: fast, size: FAST_AREA_SIZE }]),
      ];
    }
    case "shmem":
      return [{ name, offset: spec.offset, size: spec.size }];
    default:
      return [];
  }
}

/** Returns one line about the first two endpoints that take the same place, or null when there are none. */
export function findPlaceProblem(specs: readonly TransportSpec[]): string | null {
  for (const [i, spec] of specs.entries()) {
    const path = resolve(spec.path);
    for (const other of specs.slice(0, i)) {
      if (resolve(other.path) !== path) continue;
      const places = placesInFile(spec);
      const others = placesInFile(other);
      if (places.length === 0 || others.length === 0) {
        return `${spec.path} is given twice: give each transport a path of its own`;
      }
      for (const place of places) {
        for (const each of others) {
          const problem = overlapOf([each, place]);
          if (problem !== null) return `${spec.path}: ${problem}`;
        }
      }
    }
  }
  return null;
}
