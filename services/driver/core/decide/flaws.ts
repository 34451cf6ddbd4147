// What is wrong with a field: its name, what was expected and what was found; undefined when nothing is.

/** What is wrong with something, if anything, or with several. */
type Found = string | undefined | readonly string[];

/** All that is wrong. */
export function flaws(...found: readonly Found[]): readonly string[] {
  return found.flatMap((one) => one ?? []);
}

/** Those of each item, and of no more items than people read. */
export function flawsOfEach<Item>(items: readonly Item[], judge: (item: Item, i: number) => Found): string[] {
  const found: string[] = [];
  for (const [i, item] of items.entries()) {
    if (found.length >= flawsMax) break;
    found.push(...flaws(judge(item, i)));
  }
  return found;
}

const flawsMax = 100;

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
