// The names and signatures of @std/assert that the tests use, on node:assert, until JSR can be reached from the build
// machines: then the import map points at the real package and this file goes away.
import nodeAssert from "node:assert/strict";

/** Fails unless the condition holds. */
export function assert(condition: unknown, message?: string): asserts condition {
  nodeAssert.ok(condition, message);
}

/** Fails unless both values are deeply equal. */
export function assertEquals<T>(actual: T, expected: T, message?: string): void {
  nodeAssert.deepStrictEqual(actual, expected, message);
}

/** Fails if both values are deeply equal. */
export function assertNotEquals<T>(actual: T, expected: T, message?: string): void {
  nodeAssert.notDeepStrictEqual(actual, expected, message);
}

/** Fails unless both values are the same (Object.is). */
export function assertStrictEquals<T>(actual: unknown, expected: T, message?: string): asserts actual is T {
  nodeAssert.strictEqual(actual, expected, message);
}

/** Fails unless `actual` is within `tolerance` (1e-7 when not given) of `expected`. */
export function assertAlmostEquals(
  actual: number,
  expected: number,
  tolerance = 1e-7,
  message?: string,
): void {
  if (Math.abs(actual - expected) <= tolerance) return;
  nodeAssert.fail(message ?? `Expected ${actual} to be within ${tolerance} of ${expected}`);
}

/** Fails unless `actual` is greater than `expected`. */
export function assertGreater<T>(actual: T, expected: T, message?: string): void {
  if (actual > expected) return;
  nodeAssert.fail(message ?? `Expected ${String(actual)} to be greater than ${String(expected)}`);
}

/** Fails unless `actual` is less than `expected`. */
export function assertLess<T>(actual: T, expected: T, message?: string): void {
  if (actual < expected) return;
  nodeAssert.fail(message ?? `Expected ${String(actual)} to be less than ${String(expected)}`);
}

/** Fails unless the value is neither null nor undefined. */
export function assertExists<T>(actual: T, message?: string): asserts actual is NonNullable<T> {
  nodeAssert.ok(actual !== null && actual !== undefined, message ?? "Expected a value");
}

/** Fails unless the text contains the part. */
export function assertStringIncludes(actual: string, expected: string, message?: string): void {
  if (actual.includes(expected)) return;
  nodeAssert.fail(message ?? `Expected ${JSON.stringify(actual)} to contain ${JSON.stringify(expected)}`);
}

/** Fails unless the text matches the pattern. */
export function assertMatch(actual: string, expected: RegExp, message?: string): void {
  nodeAssert.match(actual, expected, message);
}

/** Fails unless the function throws; returns what it threw. */
export function assertThrows(fn: () => unknown, messageIncludes = ""): Error {
  try {
    fn();
  } catch (error) {
    nodeAssert.ok(error instanceof Error, "Expected an Error to be thrown");
    assertStringIncludes(error.message, messageIncludes);
    return error;
  }
  nodeAssert.fail("Expected the function to throw");
}

/** Fails unless the promise is rejected; returns the reason. */
export async function assertRejects(fn: () => Promise<unknown>, messageIncludes = ""): Promise<Error> {
  try {
    await fn();
  } catch (error) {
    nodeAssert.ok(error instanceof Error, "Expected rejection with an Error");
    assertStringIncludes(error.message, messageIncludes);
    return error;
  }
  nodeAssert.fail("Expected the promise to be rejected");
}

/** Fails always. */
export function fail(message?: string): never {
  nodeAssert.fail(message);
}
