// The program is wrong: these say so, and where.

/** Thrown when what the program takes for granted does not hold. Nobody catches it to go on. */
export class AssertionError extends Error {
  override readonly name = "AssertionError";
}

/** Goes on only if `condition` holds; `expectation` says in words what was to hold. */
export function assert(condition: boolean, expectation: string): asserts condition {
  if (!condition) throw new AssertionError(`expected: ${expectation}`);
}

/** The value, which the program knows to be there; `name` says what it is. */
export function present<Value>(value: Value | undefined, name: string): Value {
  if (value === undefined) throw new AssertionError(`expected: ${name} is there`);
  return value;
}

/** Ends a switch over a union: a new member does not compile before somebody has decided what it means. */
export function unreachable(value: never): never {
  throw new AssertionError(`expected: no such case as ${JSON.stringify(value)}`);
}
