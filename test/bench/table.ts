// Figures as plain text: one row a figure, one column a run.

/** One row: what it is, and a cell for each run. */
export type Row = readonly [title: string, ...cells: string[]];

/** Lines in which titles stand left and cells right. */
export function tableText(rows: readonly Row[]): string {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, i) => Math.max(...rows.map((row) => widthOf(row[i]))));
  return rows.map((row) => `${lineOf(row, widths)}\n`).join("");
}

function widthOf(cell: string | undefined): number {
  return cell?.length ?? 0;
}

function lineOf(row: Row, widths: readonly number[]): string {
  const [title, ...cells] = row;
  const padded = cells.map((cell, i) => cell.padStart(widths[i + 1] ?? 0));
  return [title.padEnd(widths[0] ?? 0), ...padded].join("  ").trimEnd();
}

/** A number with so many places behind the point, and commas; `-` when there is none. */
export function figure(value: number | undefined, places = 0): string {
  if (value === undefined || !Number.isFinite(value)) return "-";
  return value.toLocaleString("en-US", { minimumFractionDigits: places, maximumFractionDigits: places });
}

export function megabytes(bytes: number | undefined): string {
  return figure(bytes === undefined ? undefined : bytes / 1e6);
}
