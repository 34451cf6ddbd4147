// In which order mistakes in settings are told: first what nobody said, which has no place; then as people wrote it, on the
// command line, in variables by their names, and in the file.

/** Who says what a setting is. */
export type Source = "flag" | "variable" | "file" | "default";

export interface PlacedMistake {
  readonly source: Source;
  /** The word of the command line, or the line of the file. */
  readonly at: number;
  readonly text: string;
}

const order: readonly Source[] = ["default", "flag", "variable", "file"];

export function inWrittenOrder(mistakes: readonly PlacedMistake[]): readonly string[] {
  const sorted = mistakes.toSorted(
    (one, other) =>
      order.indexOf(one.source) - order.indexOf(other.source) ||
      one.at - other.at ||
      (one.source === "variable" ? byText(one.text, other.text) : 0),
  );
  return sorted.map(({ text }) => text);
}

function byText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
