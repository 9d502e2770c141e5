// Where the sockets and the memory of a guest are when nobody says: beside the sockets that a run has by default. Memory is a
// file of the guest's size, in memory where this machine has a file system for that.
import type { Board } from "../../boards/board.ts";
import { defaultEndpointPlans } from "./endpoint_plans.ts";
import type { ConnectionPlaces } from "./guest_connection.ts";

/** A file system in memory that every Linux has, but for some containers. */
const SHARED_MEMORY = "/dev/shm";

/** Returns the places of an agent's guest, which the board has to have. */
export function defaultPlacesOf(board: Board, agent: string): ConnectionPlaces {
  const plan = defaultEndpointPlans(board).find((each) => each.scheme === "virtio" && each.agent === agent)!;
  const stem = plan.path.replace(/\.virtio\.sock$/, "");
  return { virtioSocket: plan.path, gpioSocket: `${stem}.gpio.sock`, memoryFile: `${stem}.memory` };
}

/** Returns a folder whose files are memory, where there is one, else that of temporary files. */
export function memoryFolder(): string {
  try {
    if (Deno.statSync(SHARED_MEMORY).isDirectory) return SHARED_MEMORY;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
  }
  return Deno.env.get("TMPDIR") || "/tmp";
}

/** Makes the file that is to be a guest's memory: no bytes but its size, for nobody but us. */
export async function makeMemoryFile(path: string, memoryMib: number): Promise<void> {
  using file = await Deno.open(path, { createNew: true, write: true, mode: 0o600 });
  await file.truncate(memoryMib * 2 ** 20);
}
