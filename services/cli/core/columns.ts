// Tables and lines for people.

import { formatDuration } from "../../shared/core/duration.js";

export interface Column {
  readonly title: string;
  /** Numbers stand to the right. */
  readonly isNumber?: boolean;
}

/** One line a row below the titles, in columns. */
export function tableText(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const all = [columns.map(({ title }) => title), ...rows];
  const widths = columns.map((_, i) => Math.max(...all.map((row) => row[i]?.length ?? 0)));
  const lines = all.map((row) =>
    columns
      .map(({ isNumber }, i) => {
        const [cell, width] = [row[i] ?? "", widths[i] ?? 0];
        return isNumber === true ? cell.padStart(width) : cell.padEnd(width);
      })
      .join("  "),
  );
  return lines.map((line) => line.trimEnd()).join("\n");
}

/** The text, or its beginning where it does not fit. */
export function clipped(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}~`;
}

/** A duration as it stands in a column: 6s, 1h30m. */
export function columnDuration(ms: number): string {
  return formatDuration(ms).replace(" ", "");
}

/** The lines of a text, each cut at spaces where it is too long, save those with commands to be copied: they begin with =>. */
export function folded(text: string, width: number): string {
  return text
    .split("\n")
    .flatMap((line) => foldedLine(line, width))
    .join("\n");
}

/** `more`: how much further in what goes on stands. */
function foldedLine(line: string, width: number, more = 2): readonly string[] {
  const indent = line.length - line.trimStart().length;
  if (line.length <= width || indent + 20 > width || line.startsWith("=>")) return [line];
  const cut = line.lastIndexOf(" ", width);
  const end = cut > indent ? cut : line.indexOf(" ", width);
  if (end < 0) return [line];
  return [line.slice(0, end), ...foldedLine(`${" ".repeat(indent + more)}${line.slice(end + 1)}`, width, 0)];
}
