import { expect, test } from "vitest";
import { failureOf } from "../../shared/core/failure.js";
import {
  acknowledge,
  eachResult,
  inFlightBytesMax,
  newOutbox,
  sizeOf,
  takeBack,
  takeMessage,
  type Report,
} from "./outbox.js";
import { heldRange } from "./testing.js";

const output = (wallMs = 1): Report => ({ kind: "output", sizeBytes: wallMs * 10, adler32: wallMs, wallMs });

function outboxWith(...entries: readonly (readonly [grant: number, range: number, report: Report])[]) {
  const outbox = newOutbox();
  for (const [grant, range, report] of entries) {
    outbox.waiting.push({ held: heldRange(grant, range), report, doneAtMs: 0 });
  }
  return outbox;
}

test("outputs go in columns, by range, and a span ends where its grant does", () => {
  const outbox = outboxWith([2, 5, output(5)], [1, 3, output(3)], [1, 4, output(4)], [1, 9, output(9)]);
  expect(takeMessage(outbox)).toEqual({
    kind: "results",
    number: 1,
    outputs: [
      {
        job: 1,
        spans: { first: [3, 5, 9], count: [2, 1, 1] },
        grant: [1, 2, 1],
        sizeBytes: [30, 40, 50, 90],
        adler32: [3, 4, 5, 9],
        wallMs: [3, 4, 5, 9],
      },
    ],
    failures: [],
    returned: [],
    suspected: [],
  });
});

test("ranges that are done without outputs go in fewer columns, and more of them in a message", () => {
  const outbox = outboxWith([1, 4, { kind: "done", wallMs: 8 }], [1, 3, { kind: "done", wallMs: 7 }]);
  expect(takeMessage(outbox)?.outputs).toEqual([
    {
      job: 1,
      spans: { first: [3], count: [2] },
      grant: [1],
      sizeBytes: [],
      adler32: [],
      wallMs: [7, 8],
    },
  ]);
  const taken = (report: Report): number => {
    const many = outboxWith(...Array.from({ length: 2_000 }, (_, range) => [1, range, report] as const));
    return takeMessage(many)?.outputs[0]?.wallMs.length ?? 0;
  };
  expect(taken({ kind: "done", wallMs: 1 })).toBeGreaterThan(taken(output()));
});

test("failures and what is handed back travel with the outputs", () => {
  const failure = failureOf("event", "bad");
  const outbox = outboxWith([1, 1, { kind: "failure", failure }], [1, 2, { kind: "returned" }]);
  expect(takeMessage(outbox)).toMatchObject({
    outputs: [],
    failures: [{ job: 1, range: 1, grant: 1, failure }],
    returned: [{ job: 1, grant: 1, spans: { first: [2], count: [1] } }],
  });
});

test("a range that is done under two grants goes in two messages", () => {
  const outbox = outboxWith([1, 7, output()], [2, 7, output()]);
  expect(takeMessage(outbox)?.outputs[0]?.grant).toEqual([1]);
  expect(takeMessage(outbox)?.outputs[0]?.grant).toEqual([2]);
});

test("more than the window holds waits for acknowledgements, and none is lost", () => {
  const failure = { ...failureOf("event", "m".repeat(1_000)), stderrTail: "t".repeat(4_096) };
  const outbox = outboxWith(
    ...Array.from({ length: 20 }, (_, i) => [1, i, { kind: "failure", failure }] as const),
  );
  const reported: number[] = [];
  while (sizeOf(outbox) > 0) {
    for (let sent = takeMessage(outbox); sent !== undefined; sent = takeMessage(outbox)) {
      reported.push(...sent.failures.map(({ range }) => range));
      expect(outbox.bytesInFlight).toBeLessThanOrEqual(inFlightBytesMax);
    }
    const [number = 0] = outbox.inFlight.keys();
    acknowledge(outbox, number);
  }
  expect(reported).toEqual(Array.from({ length: 20 }, (_, i) => i));
});

test("what was not acknowledged is sent again, oldest first, under numbers never used before", () => {
  const outbox = outboxWith([1, 1, output()]);
  expect(takeMessage(outbox)?.number).toBe(1);
  outbox.waiting.push({ held: heldRange(1, 2), report: output(), doneAtMs: 5 });
  takeBack(outbox);
  expect([...eachResult(outbox)].map(({ held }) => held.range)).toEqual([1, 2]);
  const again = takeMessage(outbox);
  expect(again).toMatchObject({ number: 2, outputs: [{ spans: { first: [1], count: [2] } }] });
  acknowledge(outbox, 1); // Late, for the message of the last session.
  expect(sizeOf(outbox)).toBe(2);
  acknowledge(outbox, 2);
  acknowledge(outbox, 2);
  expect(outbox).toMatchObject({ bytesInFlight: 0, waiting: [] });
});
