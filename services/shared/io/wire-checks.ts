// What is asked of a message before it is believed. Each check names the field when it fails.

/** A message that is not well-formed: the peer is wrong, or of another version. */
export class WireError extends Error {
  override readonly name = "WireError";
  /** Path of the field in the message. */
  readonly field: string;

  constructor(field: string, expected: string, found: string) {
    super(`${field}: expected ${expected}, found ${found}`);
    this.field = field;
  }
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
