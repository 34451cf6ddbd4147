// Which jobs are meant: `last`, `3`, `1,3,5-8`, `all`.
//
//   S1. A text selects jobs that are there, each once and in ascending order, or is refused in one sentence.
//   S2. The work is bounded by the jobs that are there and the length of the text, whatever numbers stand in it.

import type { JobNumber } from "../../shared/core/id.js";

export type Selector =
  | { readonly kind: "all" }
  | { readonly kind: "last" }
  | { readonly kind: "numbers"; readonly spans: readonly NumberSpan[] };

interface NumberSpan {
  readonly first: number;
  readonly last: number;
}

const numberMax = 0xffff_ffff;
const form = "expected jobs such as 3, 1,3,5-8, last or all";

/** The selector, or a sentence on what was expected. */
export function parseSelector(text: string): Selector | string {
  if (text === "all" || text === "last") return { kind: text };
  const spans: NumberSpan[] = [];
  for (const part of text.split(",")) {
    const [, low, high = low] = /^(\d{1,10})(?:-(\d{1,10}))?$/.exec(part.trim()) ?? [];
    const [first, last] = [Number(low), Number(high)];
    if (!(first >= 1 && last >= first && last <= numberMax)) return `${form}, found ${JSON.stringify(text)}`;
    spans.push({ first, last });
  }
  return { kind: "numbers", spans };
}

/** Whether it is a certain job that is meant, so that there is one answer. */
export function isOfOne(selector: Selector): boolean {
  if (selector.kind !== "numbers") return selector.kind === "last";
  const [span, ...others] = selector.spans;
  return others.length === 0 && span?.first === span?.last;
}

/** The jobs that are meant of those that are there (ascending), or a sentence that names one that is not (S1). */
export function selectJobs(selector: Selector, there: readonly JobNumber[]): readonly JobNumber[] | string {
  if (selector.kind === "all") return there;
  const newest = there.at(-1);
  if (newest === undefined) return "there are no jobs yet: noctua submit begins one";
  if (selector.kind === "last") return [newest];
  for (const span of selector.spans) {
    const missing = firstMissing(span, there);
    if (missing !== undefined) return `there is no job ${missing}: the jobs are ${listed(there)}`;
  }
  return there.filter((job) => selector.spans.some(({ first, last }) => first <= job && job <= last));
}

/** (S2): it ends at the first number that is missing. */
function firstMissing({ first, last }: NumberSpan, there: readonly JobNumber[]): number | undefined {
  let wanted = first;
  for (const job of there) {
    if (job === wanted && wanted <= last) wanted += 1;
  }
  return wanted > last ? undefined : wanted;
}

const spansListed = 10;

/** As a selector would say it: 1-3,7. */
export function listed(jobs: readonly number[]): string {
  const spans: { first: number; last: number }[] = [];
  for (const job of jobs) {
    const span = spans.at(-1);
    if (span?.last === job - 1) span.last = job;
    else spans.push({ first: job, last: job });
  }
  const said = spans
    .slice(0, spansListed)
    .map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`));
  return `${said.join(",")}${spans.length > spansListed ? " and more" : ""}`;
}
