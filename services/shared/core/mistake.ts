// What is wrong with a file that a person wrote.

/** One mistake, said so that it can be mended. */
export interface Mistake {
  /** From 1; undefined when the mistake has no place. */
  readonly line: number | undefined;
  /** Such as `payload.command[2]`; empty when it is about the whole file. */
  readonly field: string;
  readonly expected: string;
  readonly found: string;
}

/** Mistakes that are shown; the rest is counted. */
const shownMax = 50;

/** All mistakes in one answer, in the order of the file, one a line: `job.yaml:3: name: expected …, found …`. */
export function describeMistakes(
  { file, what }: { readonly file: string; readonly what: string },
  mistakes: readonly Mistake[],
): string {
  const inOrder = [...mistakes].sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
  const lines = inOrder.slice(0, shownMax).map((mistake) => `  ${describeMistake(file, mistake)}`);
  if (mistakes.length > shownMax) lines.push(`  and ${mistakes.length - shownMax} more`);
  const count = mistakes.length === 1 ? "1 mistake" : `${mistakes.length} mistakes`;
  return [`the ${what} has ${count}:`, ...lines].join("\n");
}

export function describeMistake(file: string, { line, field, expected, found }: Mistake): string {
  const place = line === undefined ? file : `${file}:${line}`;
  return `${place}: ${field === "" ? "" : `${field}: `}expected ${expected}, found ${found}`;
}

/** Of a name that somebody wrote. */
const stepMax = 80;

/** A path into the file as people write it: `inputs[0].path`. */
export function fieldName(path: readonly (string | number)[]): string {
  let name = "";
  for (const step of path)
    name += typeof step === "number" ? `[${step}]` : `${name === "" ? "" : "."}${step.slice(0, stepMax)}`;
  return name;
}

const describedMax = 60;

/** A value as people would write it, and of what kind it is, where that can be mistaken. */
export function describe(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object") return "a mapping";
  if (typeof value === "number") return `the number ${value}`;
  const written = JSON.stringify(value);
  return written.length > describedMax ? `${written.slice(0, describedMax)}…` : written;
}
