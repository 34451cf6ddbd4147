// Sizes as people write them: "64MB", "1.5 GB".

const unitBytes: Readonly<Record<string, number>> = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };

/** Bytes, rounded; undefined when the text is no size. */
export function parseSizeBytes(text: string): number | undefined {
  const [, amount, unit = ""] = /^(\d+(?:\.\d+)?) ?([kMGT]?B)$/.exec(text.trim()) ?? [];
  const bytes = unitBytes[unit];
  return amount === undefined || bytes === undefined ? undefined : Math.round(Number(amount) * bytes);
}

/** In the greatest unit of which there is one: "64MB", "1.5GB". */
export function formatSize(bytes: number): string {
  const [unit, size] = Object.entries(unitBytes).findLast(([, size]) => bytes >= size) ?? ["B", 1];
  return `${Number((bytes / size).toPrecision(3))}${unit}`;
}
