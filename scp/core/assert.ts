// Assertions for our own mistakes. Input of guests, files and HTTP is judged by returned values, never here.

/** Stops the program when a condition that our own code guarantees does not hold. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`Assertion failed: ${message}`);
}
