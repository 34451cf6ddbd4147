// The command of an `exec` payload, with its places filled in.

/** What may stand in the command of a range. */
export interface ExecPlaces {
  /** Path of the range's input file. */
  readonly input: string;
  /** Numbers of the first and the last event, from 1. */
  readonly first: string;
  readonly last: string;
  /** Path of the file to be made. */
  readonly output: string;
  readonly jobDir: string;
}

/** Fills the places, wherever they stand in an argument. What was filled in is not looked at again. */
export function fillCommand(command: readonly string[], places: ExecPlaces): readonly string[] {
  const filling: ReadonlyMap<string, string> = new Map(Object.entries(places));
  return command.map((word) =>
    word.replace(/\{(\w+)\}/g, (place, name: string) => filling.get(name) ?? place),
  );
}
