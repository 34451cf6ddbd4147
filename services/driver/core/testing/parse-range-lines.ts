// For tests: reads what range lines (report-ranges.ts) tell.

import type { RangesLine } from "../../../shared/core/report.js";

export function parseRangeLines(text: string): readonly RangesLine[] {
  const lines = text.split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line) as RangesLine);
}
