// Durations as people write them: "90s", "1h 30m", "500ms".

const unitMs: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };

const part = /^(\d+(?:\.\d+)?)\s*(ms|d|h|m|s)\s*/;

/** Milliseconds, rounded; undefined when the text is no duration. Each part has its unit, and no unit stands twice. */
export function parseDurationMs(text: string): number | undefined {
  let rest = text.trim();
  let totalMs = 0;
  const seen = new Set<string>();
  while (rest !== "") {
    const [matched, amount, unit] = part.exec(rest) ?? [];
    if (matched === undefined || unit === undefined || seen.has(unit)) return undefined;
    seen.add(unit);
    totalMs += Number(amount) * (unitMs[unit] ?? 0);
    rest = rest.slice(matched.length);
  }
  return seen.size === 0 ? undefined : Math.round(totalMs);
}

/** In the two greatest units that it has: "1h 30m", "2m 5s", "6s", "350ms". */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))}ms`;
  const seconds = Math.round(ms / 1_000);
  const parts = [
    { count: Math.floor(seconds / 86_400), unit: "d" },
    { count: Math.floor(seconds / 3_600) % 24, unit: "h" },
    { count: Math.floor(seconds / 60) % 60, unit: "m" },
    { count: seconds % 60, unit: "s" },
  ];
  const greatest = parts.findIndex(({ count }) => count > 0);
  const shown = parts.slice(greatest, greatest + 2).filter(({ count }) => count > 0);
  return shown.map(({ count, unit }) => `${count}${unit}`).join(" ");
}
