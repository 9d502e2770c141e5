// The kinds of fields that board files are made of, as makers of zod schemas. Each states in words what it expects; the
// validator adds what it found. The sections of a board are put together from these in the *_schema.ts files.
import * as z from "zod";

/** A whole number in a range. */
export const whole = (min: number, max: number) => {
  const error = `Expected a whole number from ${min} to ${max}`;
  return z.int(error).min(min, error).max(max, error);
};

/** A number in a range. */
export const between = (min: number, max: number) => {
  const error = `Expected a number from ${min} to ${max}`;
  return z.number(error).min(min, error).max(max, error);
};

/** A number above 0. */
export const positive = () => z.number("Expected a number above 0").positive("Expected a number above 0");

/** A number, 0 or more. */
export const notNegative = () =>
  z.number("Expected a number, 0 or more").nonnegative("Expected a number, 0 or more");

/** True or false. */
export const truth = () => z.boolean("Expected true or false");

/** Printable ASCII, 1 to so many characters. */
export const ascii = (max: number) => {
  const error = `Expected 1 to ${max} printable ASCII characters`;
  return z.string(error).regex(new RegExp(`^[\\x20-\\x7e]{1,${max}}$`), error);
};

/** The name of a part that others refer to. */
export const partName = () => {
  const error = "Expected a name of 1 to 40 letters, digits, - and _, starting with a letter";
  return z.string(error).regex(/^[A-Za-z][A-Za-z0-9_-]{0,39}$/, error);
};

/** A list with so many entries. */
export const list = <T extends z.ZodType>(item: T, min = 0, max = 65_535) => {
  const error = min === 0 ? `Expected a list of up to ${max}` : `Expected a list of ${min} to ${max}`;
  return z.array(item, error).min(min, error).max(max, error);
};

/** An object with these keys and no others. */
export const record = <T extends z.core.$ZodLooseShape>(shape: T) =>
  z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys" ? `Unknown key ${issue.keys.join(", ")}` : "Expected an object",
  });

/** What may be left out. */
export const optional = <T extends z.ZodType>(item: T) => z.exactOptional(item);

/** What may be null. */
export const orNull = <T extends z.ZodType>(item: T) => z.nullable(item);
