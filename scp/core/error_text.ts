// What is said of a thing that was thrown, whatever it is.

/** Returns the message of an error; anything else in words. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
