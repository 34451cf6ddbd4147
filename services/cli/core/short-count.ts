// Large counts as people take them in.
//
//   S1. They are rounded down, so that nothing seems done before it is; and what is not 0 never seems 0.

/** At most six characters: 99999, 9999k, 99.9M. (S1) */
export function shortCount(count: number): string {
  if (count < 100_000) return String(count);
  if (count < 10_000_000) return `${Math.floor(count / 1_000)}k`;
  return `${Math.floor(count / 100_000) / 10}M`;
}

/** `168/400`; short where there are so many in all. */
export function outOf(part: number, whole: number, shortFrom = 10_000_000): string {
  return whole < shortFrom ? `${part}/${whole}` : `${shortCount(part)}/${shortCount(whole)}`;
}
