// Fresh platforms for the fuzzer by name: the synthetic one, the built-in boards, and boards in users' files.
import { loadBoard } from "../control/board_loader.ts";
import type { Release } from "../../protocols/protocol.ts";
import { createPlatform } from "../control/platform.ts";
import { FuzzError } from "./fuzz_error.ts";
import type { FuzzPlatform, Hardware } from "./in_process_target.ts";
import { checkInvariants } from "../model/invariants.ts";
import type { Model } from "../model/model.ts";
import { createSyntheticPlatform, SYNTHETIC } from "./synthetic_platform.ts";

/** Makes fresh platforms of one board. */
export interface PlatformMaker {
  readonly boardName: string;
  create(seed: number, release: Release): FuzzPlatform;
}

/** What programs and judges have of a model. */
export function hardwareOf(model: Model): Hardware {
  return {
    sensors: model.sensors,
    override: (sensorId, value) => {
      if (value === null) model.release(sensorId);
      else model.override(sensorId, model.sensors[sensorId]!.quantities.map(() => value));
    },
    setFault: (sensorId, failure) => model.setFault(sensorId, failure),
    truth: (sensorId) => model.truth(sensorId),
    checkInvariants: () => checkInvariants(model),
    isShared: (kind, name) => model.arbitration.isShared(kind, name),
    listenResets: (listener) => void model.systemPower?.listenResets(listener),
  };
}

/** Finds the board of a name or file; throws a FuzzError with the reasons when there is none. */
export async function findPlatformMaker(boardName: string): Promise<PlatformMaker> {
  if (boardName === SYNTHETIC) return { boardName, create: createSyntheticPlatform };
  const result = await loadBoard(boardName);
  if ("errors" in result) throw new FuzzError(...result.errors);
  const { board } = result;
  return {
    boardName,
    create(seed, release) {
      const { machine, model } = createPlatform(board, { seed, release });
      return { machine, hardware: hardwareOf(model) };
    },
  };
}
