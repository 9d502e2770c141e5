// The shape of a board's regulators and voltage domains in a user's file, as zod schemas.
import * as z from "zod";
import { agentKinds } from "./agent_schema.ts";
import type { Regulator } from "./regulator.ts";
import { ascii, list, optional, partName, positive, record, truth, whole } from "./shapes.ts";
import type { VoltageDomainInput } from "./voltage_domain.ts";

const microvolts = () => whole(-0x8000_0000, 0x7fff_ffff);

/** A regulator. */
export const regulatorSchema: z.ZodType<Regulator> = record({
  steps: z.discriminatedUnion("kind", [
    record({ kind: z.literal("list"), levelsUv: list(microvolts(), 1, 65_535) }),
    record({
      kind: z.literal("segment"),
      lowestUv: microvolts(),
      highestUv: microvolts(),
      stepUv: whole(1, 0x7fff_ffff),
    }),
  ], "Expected an object with kind list or segment"),
  startUv: microvolts(),
  startsOn: truth(),
  canSwitchOff: truth(),
  ownModes: list(record({ id: whole(0, 7), isSupplied: truth() }), 0, 8),
  slewUvPerUs: positive(),
  commandUs: whole(0, 1_000_000),
});

/** A voltage domain as it is written. */
export const voltageDomainSchema: z.ZodType<VoltageDomainInput> = record({
  id: whole(0, 65_534),
  name: ascii(63),
  rail: partName(),
  supportsAsync: optional(truth()),
  setBy: optional(agentKinds()),
});
