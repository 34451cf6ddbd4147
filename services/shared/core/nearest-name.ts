// "Did you mean …?", for names that nobody knows.
//
//   N1. Names that are far cost little: ten thousand nodes may be known (P7).

/** Of letters, in a name of any length. */
const mistakesMax = 3;

/** The known name that is nearest to `name`, if one is near enough to be meant. */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  const asked = name.toLowerCase();
  let nearest: string | undefined;
  let most = Math.max(1, Math.min(mistakesMax, Math.floor(name.length / 3)));
  for (const candidate of known) {
    if (Math.abs(name.length - candidate.length) > most) continue;
    const mistakes = mistakesIn(asked, candidate.toLowerCase(), most);
    if (mistakes > most) continue;
    nearest = candidate;
    if (mistakes === 0) break;
    most = mistakes - 1;
  }
  return nearest;
}

/**
 * Letters to put in, take out, change or swap with a neighbour, to make one text of the other; infinite when they are more
 * than `most` (N1).
 */
function mistakesIn(from: string, to: string, most: number): number {
  const after = (read: number, written: number, left: number): number => {
    let [i, j] = [read, written];
    while (i < from.length && from[i] === to[j]) [i, j] = [i + 1, j + 1];
    const apart = Math.abs(from.length - i - (to.length - j));
    if (apart > left) return Number.POSITIVE_INFINITY;
    if (i === from.length && j === to.length) return 0;
    if (left === 0) return Number.POSITIVE_INFINITY;
    const isSwap = from[i] === to[j + 1] && from[i + 1] === to[j];
    const swapped = isSwap ? after(i + 2, j + 2, left - 1) : Number.POSITIVE_INFINITY;
    return (
      1 +
      Math.min(after(i + 1, j, left - 1), after(i, j + 1, left - 1), after(i + 1, j + 1, left - 1), swapped)
    );
  };
  return after(0, 0, most);
}
