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

/** Bounds of the numbers that physics is made of: with them no product of a few leaves the range of a double. */
const PHYSICS_MIN = 1e-9;
const PHYSICS_MAX = 1e9;

/** The fastest that a block can be, MHz: agents are told kHz in 32 bits. */
export const MHZ_MAX = 4_294_967;

/** A number above 0 by something that physics notices. */
export const positive = (max = PHYSICS_MAX) => between(PHYSICS_MIN, max);

/** A number, 0 or more. */
export const notNegative = (max = PHYSICS_MAX) => between(0, max);

/** A time that is no part of a microsecond, s: virtual time has nothing between two microseconds. */
export const seconds = (min: number, max: number) => {
  // What a double makes of a decimal fraction is off by less.
  const isWhole = (value: number) => Math.abs(value * 1e6 - Math.round(value * 1e6)) < 1e-3;
  return between(min, max).refine(isWhole, "Expected a whole number of microseconds");
};

/** True or false. */
export const truth = () => z.boolean("Expected true or false");

/** One of some words. */
export const oneOf = <const T extends readonly string[]>(words: T) =>
  z.enum(words, `Expected one of ${words.join(", ")}`);

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
