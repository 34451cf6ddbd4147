import { expect, test } from "vitest";
import type { PayloadEnd } from "./payload.js";
import { withRoom } from "./room-to-begin.js";
import { aRun, endOfRun } from "./testing-run.js";

const made = { kind: "made", wallMs: 1 } as const;

/** A node of which a test says what is free, and how its payload ends. */
class Node {
  freeBytes = 2_000_000;
  nowMs = 0;
  looks = 0;
  begun = 0;
  readonly #payload = withRoom(
    {
      start: (run) => {
        this.begun += 1;
        run.onEnd(made);
      },
      abort: () => undefined,
      recall: () => undefined,
      endJob: () => undefined,
      close: () => Promise.resolve(),
    },
    { folder: "/scratch/mine", bytesMin: 1_000_000, clock: { nowMs: () => this.nowMs, unixMs: () => 0 } },
    () => {
      this.looks += 1;
      return Promise.resolve(this.freeBytes);
    },
  );

  run(): Promise<PayloadEnd> {
    return endOfRun(this.#payload, aRun({}));
  }
}

test("no range begins while too little is free: it fails for the node's sake, with folder and sizes (F1, F2)", async () => {
  const node = new Node();
  node.freeBytes = 500_000;
  expect(await node.run()).toMatchObject({
    kind: "failure",
    failure: {
      class: "node",
      message: "expected 1MB of free space in the scratch folder /scratch/mine, found 500kB",
    },
  });
  expect(node.begun).toBe(0);
  node.freeBytes = 1_000_000;
  expect(await node.run()).toBe(made); // It is looked at anew.
});

test("however many ranges begin, it is looked at once in a while (F1)", async () => {
  const node = new Node();
  for (let i = 0; i < 100; i += 1) await node.run();
  expect(node.looks).toBe(1);
  node.nowMs = 1_000;
  await node.run();
  expect(node.looks).toBe(2);
});
