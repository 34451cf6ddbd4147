import fc from "fast-check";
import { expect, test } from "vitest";
import { grantNumber, jobNumber } from "../../../shared/core/id.js";
import { eachRange, spansOf, type Span } from "../../../shared/core/spans.js";
import type { JobOutputs } from "../facts/command.js";
import type { OutputColumns } from "../facts/fact.js";
import { SupersededColumns, WonColumns } from "./result-columns.js";

/** Spans that ascend and may touch, each with its grant, and whether each range's output wins. */
const message = fc
  .array(fc.tuple(fc.nat({ max: 2 }), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 3 })), {
    maxLength: 8,
  })
  .map((items) => {
    let end = 0;
    const spans: Span[] = [];
    for (const [gap, count] of items) {
      spans.push({ first: end + gap, count });
      end += gap + count;
    }
    const columns = spansOf(...spans);
    const ranges = [...eachRange(columns)];
    const outputs: JobOutputs = {
      job: jobNumber(1),
      spans: columns,
      grant: items.map(([, , grant]) => grantNumber(grant)),
      sizeBytes: ranges.map((range) => range + 100),
      adler32: ranges.map((range) => range + 1_000),
      wallMs: ranges.map((range) => range + 10_000),
    };
    return outputs;
  });

/** One row for each range. */
function rowsOf({ spans, grant, sizeBytes, adler32, wallMs }: OutputColumns): unknown[] {
  const grants = spans.count.flatMap((count, i) => Array.from({ length: count }, () => grant[i]));
  const rows = [...eachRange(spans)].map((range, i) => [
    range,
    grants[i],
    sizeBytes[i],
    adler32[i],
    wallMs[i],
  ]);
  expect([spans.first.length, sizeBytes.length, adler32.length, wallMs.length]).toEqual([
    grant.length,
    rows.length,
    rows.length,
    rows.length,
  ]);
  return rows;
}

test("each output goes with its own grant, size, checksum and time to those that win or to the others", () => {
  fc.assert(
    fc.property(message, fc.infiniteStream(fc.boolean()), (outputs, wins) => {
      const [won, lost] = [new WonColumns(outputs), new SupersededColumns(outputs)];
      const expected: unknown[] = [];
      const superseded: string[] = [];
      let column = 0;
      outputs.spans.first.forEach((first, span) => {
        const grant = outputs.grant[span] ?? grantNumber(0);
        for (let range = first; range < first + (outputs.spans.count[span] ?? 0); range += 1) {
          if (wins.next().value === true) {
            won.take(range, span, column);
            expected.push([range, grant, range + 100, range + 1_000, range + 10_000]);
          } else {
            lost.take(range, grant);
            superseded.push(`${String(grant)}/${String(range)}`);
          }
          column += 1;
        }
      });
      expect(rowsOf(won.columns())).toEqual(expected);
      const named = lost
        .bySpans()
        .flatMap(({ grant, spans }) =>
          [...eachRange(spans)].map((range) => `${String(grant)}/${String(range)}`),
        );
      expect(named.sort()).toEqual(superseded.sort());
    }),
    { seed: 7, numRuns: 300 },
  );
});

test("columns that all win are handed on as they are, and not copied", () => {
  const [outputs] = fc.sample(
    message.filter(({ spans }) => spans.first.length > 3),
    { seed: 8, numRuns: 1 },
  );
  if (outputs === undefined) throw new Error("no sample");
  const won = new WonColumns(outputs);
  let column = 0;
  outputs.spans.first.forEach((first, span) => {
    for (let i = 0; i < (outputs.spans.count[span] ?? 0); i += 1) won.take(first + i, span, column++);
  });
  expect(won.columns().sizeBytes).toBe(outputs.sizeBytes);
  expect(won.columns().spans).toBe(outputs.spans);
});
