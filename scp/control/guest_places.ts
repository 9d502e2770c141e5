// Where the sockets and the memory of a guest are when nobody says: beside the sockets that a run has by
// default. Memory is a file of the guest's size, in memory where this machine has a file system for that.
import { statfsSync } from "node:fs";
import type { Board } from "../../boards/board.ts";
import { defaultEndpointPlans } from "./endpoint_plans.ts";
import type { ConnectionPlaces } from "./guest_connection.ts";

/** A file system in memory that every Linux has, but for some containers. */
const SHARED_MEMORY = "/dev/shm";

/** Bytes. */
export const MEBIBYTE = 2 ** 20;

/** Returns the places of an agent's guest, which the board has to have. */
export function defaultPlacesOf(board: Board, agent: string): ConnectionPlaces {
  const plan = defaultEndpointPlans(board).find((each) => each.scheme === "virtio" && each.agent === agent)!;
  const stem = plan.path.replace(/\.virtio\.sock$/, "");
  return { virtioSocket: plan.path, gpioSocket: `${stem}.gpio.sock`, memoryFile: `${stem}.memory` };
}

/**
 * Returns a folder whose files are memory, where there is one with room for so much, else that of temporary files. A guest would
 * die at the first page that there is no room for; containers often have very little.
 */
export function memoryFolder(memoryMib: number): string {
  try {
    const { bavail, bsize } = statfsSync(SHARED_MEMORY);
    if (bavail * bsize >= memoryMib * MEBIBYTE) return SHARED_MEMORY;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
  }
  return Deno.env.get("TMPDIR") || "/tmp";
}

/** Makes the file that is to be a guest's memory: no bytes but its size, for nobody but us. */
export async function makeMemoryFile(path: string, memoryMib: number): Promise<void> {
  using file = await Deno.open(path, { createNew: true, write: true, mode: 0o600 });
  await file.truncate(memoryMib * MEBIBYTE);
}
