// The JSON of the steering routes as zod schemas; the compiler keeps them equal to the shapes of
// control_calls.ts.
import { z } from "@hono/zod-openapi";
import type { InputView } from "./control_calls.ts";

/** An input of the model. */
export const inputView = z.object({
  name: z.string(),
  min: z.number(),
  max: z.number(),
  value: z.number().nullable().describe("what it was set to; null = the board has it"),
}).openapi("Input") satisfies z.ZodType<InputView>;

/** All inputs. */
export const inputsView = z.array(inputView);

/** Sets an input. */
export const inputBody = z.strictObject({ value: z.number() }).openapi("InputValue");

/** Makes a line show a level. */
export const levelBody = z.strictObject({ level: z.union([z.literal(0), z.literal(1)]) }).openapi("Level");
