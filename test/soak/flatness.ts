// Whether a figure that was taken again and again stays as it is.
//
//   F1. It is flat when its median in the last third of the time is at most `growthMax` of, or `slack` above, that in the second
//       third; the first third is for warming up. What falls is flat.
//   F2. Its slope is that of the straight line through the last two thirds, by least squares, with its standard error.

export interface Point {
  readonly hours: number;
  readonly value: number;
}

export interface Flatness {
  /** Medians of the three thirds. */
  readonly thirds: readonly [number, number, number];
  readonly slopePerHour: number;
  readonly slopeError: number;
  readonly isFlat: boolean;
}

/** (F1) */
const growthMax = 1.1;

/** Undefined when there is too little to tell: fewer than three points in a third. `slack` is in the figure's unit. */
export function flatnessOf(points: readonly Point[], endHours: number, slack: number): Flatness | undefined {
  const within = (third: number): readonly Point[] =>
    points.filter(({ hours }) => Math.min(2, Math.floor((3 * hours) / endHours)) === third);
  const [first, second, third] = [within(0), within(1), within(2)];
  if ([first, second, third].some(({ length }) => length < 3)) return undefined;
  const thirds = [medianOf(first), medianOf(second), medianOf(third)] as const;
  const isFlat = thirds[2] <= Math.max(thirds[1] * growthMax, thirds[1] + slack);
  return { thirds, ...slopeOf([...second, ...third]), isFlat };
}

function medianOf(points: readonly Point[]): number {
  const values = points.map(({ value }) => value).sort((one, other) => one - other);
  const middle = Math.floor(values.length / 2);
  const upper = values[middle] ?? 0;
  return values.length % 2 === 1 ? upper : (upper + (values[middle - 1] ?? 0)) / 2;
}

/** (F2) */
function slopeOf(points: readonly Point[]): Pick<Flatness, "slopePerHour" | "slopeError"> {
  const mean = (of: (point: Point) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [x, y] = [mean(({ hours }) => hours), mean(({ value }) => value)];
  const spread = points.reduce((sum, { hours }) => sum + (hours - x) ** 2, 0);
  const slopePerHour = points.reduce((sum, { hours, value }) => sum + (hours - x) * (value - y), 0) / spread;
  const rest = points.reduce(
    (sum, { hours, value }) => sum + (value - y - slopePerHour * (hours - x)) ** 2,
    0,
  );
  return { slopePerHour, slopeError: Math.sqrt(rest / (points.length - 2) / spread) };
}
