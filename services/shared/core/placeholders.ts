// The placeholders of a job's commands: which there are, and how they are filled in. No shell reads what comes of it.

/** By command: that of a payload is run for one range (of a stream, for many), those of a merge for one group. */
export const placeholdersOf = {
  /** Path of the range's input; numbers of its first and last event; path of the file to be made; the job's folder. */
  payload: ["input", "first", "last", "output", "jobDir"],
  /** The job's folder. */
  stream: ["jobDir"],
  /** Path of a file with one input path a line; path of the file to be made, and its UUID; the job's folder. */
  merge: ["inputs", "output", "guid", "jobDir"],
  /** Path of the merged file; the job's folder. */
  mergeCheck: ["output", "jobDir"],
  /** Path of the input; the job's folder. */
  inputCount: ["input", "jobDir"],
} as const;

/** What stands for each placeholder of a command. */
export type Filling<Command extends keyof typeof placeholdersOf> = Readonly<
  Record<(typeof placeholdersOf)[Command][number], string>
>;

/** Fills placeholders in, wherever they stand in an argument. What was filled in is not looked at again. */
export function fillPlaceholders(
  command: readonly string[],
  filling: Readonly<Record<string, string>>,
): readonly string[] {
  const texts: ReadonlyMap<string, string> = new Map(Object.entries(filling));
  return command.map((word) => word.replace(/\{(\w+)\}/g, (whole, name: string) => texts.get(name) ?? whole));
}
