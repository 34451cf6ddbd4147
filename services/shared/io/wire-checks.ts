// What is asked of a message before it is believed. Each check names the field when it fails.

/** A message that is not well-formed: the peer is wrong, or of another version. */
export class WireError extends Error {
  override readonly name = "WireError";
  /** Path of the field in the message. */
  readonly field: string;
  readonly expected: string;
  readonly found: string;

  constructor(field: string, expected: string, found: string) {
    super(`${field}: expected ${expected}, found ${found}`);
    this.field = field;
    this.expected = expected;
    this.found = found;
  }
}

/** Several of them, in one message; the first is told like one alone. */
class WireErrors extends WireError {
  readonly errors: readonly WireError[];

  constructor(first: WireError, errors: readonly WireError[]) {
    super(first.field, first.expected, first.found);
    this.errors = errors;
  }
}

/** What is wrong, one by one. */
export function errorsIn(error: WireError): readonly WireError[] {
  return error instanceof WireErrors ? error.errors : [error];
}

/** How each part of a message is read. */
type Readers<Parts> = { readonly [Name in keyof Parts]: () => Parts[Name] };

/** The parts that can be read, what stands for the others, and all that is wrong with these. */
export function gathered<Parts extends object>(
  readers: Readers<Parts>,
  instead: Parts,
): { readonly parts: Parts; readonly errors: readonly WireError[] } {
  const parts = { ...instead };
  const errors: WireError[] = [];
  for (const name in readers) noting(errors, () => (parts[name] = readers[name]()));
  return { parts, errors };
}

/** Each is done by itself, and throws together with the others all that is wrong. */
export function each<Item, Part>(items: readonly Item[], read: (item: Item, i: number) => Part): Part[] {
  const errors: WireError[] = [];
  const parts: Part[] = [];
  for (const [i, item] of items.entries()) {
    if (errors.length >= errorsMax) break;
    noting(errors, () => parts.push(read(item, i)));
  }
  throwIfAny(errors);
  return parts;
}

/** More are not told of one list. */
const errorsMax = 100;

/** Does all of it, and throws together what is wrong. */
export function checkEach(...checks: readonly (() => unknown)[]): void {
  each(checks, (check) => check());
}

function noting(errors: WireError[], read: () => unknown): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    errors.push(...errorsIn(error));
  }
}

export function throwIfAny(errors: readonly WireError[]): void {
  const [first] = errors;
  if (first !== undefined) throw errors.length === 1 ? first : new WireErrors(first, errors);
}

/** The value of a field that must be there. */
export function filled<Value>(value: Value | undefined, where: string): Value {
  if (value === undefined) throw new WireError(where, "a value", "none");
  return value;
}

/** The case of a oneof; a case that this version does not know reads like none. */
export function cased<Case extends { readonly $case: string }>(value: Case | undefined, where: string): Case {
  if (value === undefined) throw new WireError(where, "one of its cases", "none that is known");
  return value;
}

/** A number that counts from 1. */
export function atLeastOne(value: number, where: string): number {
  if (value < 1) throw new WireError(where, "at least 1", String(value));
  return value;
}

/** The word for a number of an enumeration. */
export function known<Word extends string>(
  numbers: Readonly<Record<Word, number>>,
  number: number,
  where: string,
): Word {
  for (const word in numbers) if (numbers[word] === number) return word;
  throw new WireError(where, `one of ${Object.values(numbers).join(", ")}`, String(number));
}

/** Columns of one table are of one length. */
export function sameLength(column: readonly unknown[], length: number, where: string): void {
  if (column.length !== length) throw new WireError(where, `${length} items`, String(column.length));
}

/** A program and its arguments. */
export function commandFromWire(command: readonly string[], where: string): readonly string[] {
  if (command[0] === undefined || command[0] === "") throw new WireError(where, "a program", "none");
  return command;
}
