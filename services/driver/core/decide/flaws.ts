// What is wrong with a field: its name, what was expected and what was found; undefined when nothing is.

/** Node's timers go no further. */
export const timeoutMsMax = 2 ** 31 - 1;

export function numberFlaw(
  field: string,
  value: number,
  [least, most]: readonly [number, number],
): string | undefined {
  if (Number.isInteger(value) && value >= least && value <= most) return undefined;
  return `${field}: expected a whole number from ${String(least)} to ${String(most)}, found ${String(value)}`;
}

export function commandFlaw(field: string, command: readonly string[]): string | undefined {
  return command.length > 0 && command[0] !== "" ? undefined : `${field}: expected a program, found none`;
}
