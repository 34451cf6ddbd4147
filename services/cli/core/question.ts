// What somebody wonders about, as it stands on the command line.

import type { JobNumber } from "../../shared/core/id.js";

export type Question =
  | { readonly kind: "job"; readonly job: JobNumber }
  | { readonly kind: "node"; readonly name: string }
  | { readonly kind: "range"; readonly job: JobNumber; readonly range: number }
  | { readonly kind: "event"; readonly job: JobNumber; readonly path: string; readonly event: number };

/** What was said of it. */
export interface Asked {
  readonly job: JobNumber | undefined;
  readonly range: number | undefined;
  /** `FILE:NUMBER`. */
  readonly event: string | undefined;
  readonly node: string | undefined;
}

/** The one thing that is asked about, or a sentence on what was expected. */
export function questionOf({ job, range, event, node }: Asked): Question | string {
  const said = [range, event, node].filter((one) => one !== undefined).length;
  if (said > 1 || (node !== undefined && job !== undefined)) {
    return "expected one thing to explain, found several: a job, one of its ranges, one of its events, or a node";
  }
  if (node !== undefined) return { kind: "node", name: node };
  if (job === undefined) return "expected something to explain: the number of a job, or --node with a name";
  if (range !== undefined) return { kind: "range", job, range };
  if (event === undefined) return { kind: "job", job };
  const [, path, number] = /^(.+):(\d{1,15})$/.exec(event) ?? [];
  if (path === undefined)
    return `expected an input file and the number of an event in it, as in input/2.lhe:17, found ${event}`;
  return { kind: "event", job, path, event: Number(number) };
}
