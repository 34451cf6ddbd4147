// What a snapshot keeps of a job's failures, read back into its log. Older drivers did not tell which node ranges failed on
// for good: of those it stays unknown.

import type * as wire from "../../../../gen/noctua/journal/v1/snapshot.js";
import { grantNumber } from "../../../shared/core/id.js";
import { SpanSet } from "../../../shared/core/span-set.js";
import { eachSpan } from "../../../shared/core/spans.js";
import * as words from "../../../shared/io/wire-types.js";
import type { Job } from "../../core/state/job.js";

export function enterFailures({ failures }: Job, piece: wire.FailuresPiece, where: string): void {
  piece.records.forEach((record, i) => {
    const failure = words.failureFromWire(record.failure, `${where}.records[${i}].failure`);
    failures.records.push({ ...record, grant: grantNumber(record.grant), failure });
  });
  piece.failedOn.forEach(({ node, spans }, i) => {
    const onNode = failures.finalOn.get(node) ?? new SpanSet();
    failures.finalOn.set(node, onNode);
    for (const span of eachSpan(words.spansFromWire(spans, `${where}.failedOn[${i}].spans`)))
      onNode.add(span);
  });
}
