// The shape of views in a board file.
import * as z from "zod";
import { HARDWARE_KINDS } from "../scp/core/schema.ts";
import { ascii, list, oneOf, optional, partName, record } from "./shapes.ts";
import { FOREIGN_ANSWERS, RIGHTS, type ViewInput } from "./view.ts";

const right = () => oneOf(RIGHTS);

const rules = () =>
  z.union([
    right(),
    z.record(ascii(63), right(), "Expected an object of names and rights"),
  ], `Expected a right (${RIGHTS.join(", ")}), or an object of names and rights`);

/** A view as it is written. */
export const viewSchema: z.ZodType<ViewInput> = record({
  extends: optional(list(ascii(40), 0, 255)),
  "*": optional(right()),
  ...Object.fromEntries(HARDWARE_KINDS.map((kind) => [kind, optional(rules())])),
  commands: optional(
    z.record(partName(), list(ascii(63), 0, 255), "Expected an object of protocols and command names"),
  ),
});

/** The section of named views. */
export const viewsSchema: z.ZodType<Readonly<Record<string, ViewInput>>> = z.record(
  partName(),
  viewSchema,
  "Expected an object of names and views",
);

/** What foreign ids are answered. */
export const foreignAnswerSchema = oneOf(FOREIGN_ANSWERS);
