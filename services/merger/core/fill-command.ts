// The command of a merge, with its places filled in.

/** What may stand in a merge command. */
export interface MergePlaces {
  /** Path of a file with one input path a line. */
  readonly inputs: string;
  /** Path of the file to be made. */
  readonly output: string;
  readonly jobDir: string;
}

/** Fills `{inputs}`, `{output}` and `{jobDir}`, wherever they stand in an argument. What was filled in is not looked at again. */
export function fillCommand(command: readonly string[], places: MergePlaces): readonly string[] {
  const filling: ReadonlyMap<string, string> = new Map(Object.entries(places));
  return command.map((word) =>
    word.replace(/\{(\w+)\}/g, (place, name: string) => filling.get(name) ?? place),
  );
}
