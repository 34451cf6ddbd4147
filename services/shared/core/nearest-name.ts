// "Did you mean …?", for names that nobody knows.

/** The known name that is nearest to `name`, if one is near enough to be meant. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const mistakesMax = Math.max(1, Math.floor(name.length / 3));
  let nearest: string | undefined;
  let fewest = mistakesMax + 1;
  for (const candidate of known) {
    if (Math.abs(name.length - candidate.length) >= fewest) continue;
    const mistakes = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (mistakes < fewest) [nearest, fewest] = [candidate, mistakes];
  }
  return nearest;
}

/** Letters to put in, take out, change or swap with a neighbour, to make one text of the other. */
function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const change = from[i - 1] === to[j - 1] ? 0 : 1;
      let least = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + change);
      const isSwap = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      if (isSwap) least = Math.min(least, at(beforeLast, j - 2) + 1);
      row.push(least);
    }
    [beforeLast, last] = [last, row];
  }
  return at(last, to.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
