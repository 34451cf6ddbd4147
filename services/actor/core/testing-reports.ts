// For tests: what a message says of each range.

import { eachRange } from "../../shared/core/spans.js";
import type { HeldRange } from "./held.js";
import type { RangeResults } from "./message.js";
import { heldRange } from "./testing.js";

export function reportsIn(message: RangeResults | undefined): { held: HeldRange; kind: string }[] {
  if (message === undefined) return [];
  const outputs = message.outputs.flatMap(({ job, spans, grant }) =>
    spans.first.flatMap((first, i) =>
      Array.from({ length: spans.count[i] ?? 0 }, (_, j) => heldRange(grant[i] ?? 0, first + j, job)),
    ),
  );
  const returned = message.returned.flatMap(({ job, grant, spans }) =>
    [...eachRange(spans)].map((range) => ({ job, grant, range })),
  );
  return [
    ...outputs.map((held) => ({ held, kind: "output" })),
    ...message.failures.map(({ job, grant, range }) => ({ held: { job, grant, range }, kind: "failure" })),
    ...returned.map((held) => ({ held, kind: "returned" })),
  ];
}
