// The program is wrong: these say so, and where.

/**
 * Thrown when what the program takes for granted does not hold. Nobody catches it to go on, save the driver, which goes on
 * without the job that it is about (driver/core/apply/contain.ts).
 */
export class AssertionError extends Error {
  override readonly name = "AssertionError";
}

/** Whether what was thrown says that the program is wrong, and not the world or a caller. */
export function isProgramError(error: unknown): boolean {
  return [AssertionError, TypeError, ReferenceError, RangeError, SyntaxError].some(
    (kind) => error instanceof kind,
  );
}

/** Words, or how to find them: what runs for each range of a message must not write sentences that nobody reads. */
type Words = string | (() => string);

/** Goes on only if `condition` holds; `expectation` says in words what was to hold. */
export function assert(condition: boolean, expectation: Words): asserts condition {
  if (!condition) throw new AssertionError(`expected: ${wordsOf(expectation)}`);
}

/** The value, which the program knows to be there; `name` says what it is. */
export function present<Value>(value: Value | undefined, name: Words): Value {
  if (value === undefined) throw new AssertionError(`expected: ${wordsOf(name)} is there`);
  return value;
}

function wordsOf(words: Words): string {
  return typeof words === "string" ? words : words();
}

/** Ends a switch over a union: a new member does not compile before somebody has decided what it means. */
export function unreachable(value: never): never {
  throw new AssertionError(`expected: no such case as ${JSON.stringify(value)}`);
}
