import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, expect, onTestFinished, test } from "vitest";
import type { Put } from "./put-output.js";
import { PutThreads } from "./put-threads.js";
import { newFolder, removeFolders } from "./testing.js";

afterAll(removeFolders);

/** Threads that do as the program says with each order, or with so many of a batch, and say that each took them so long. */
async function threadsThat(program: string, { tookMs = 0, ofBatch = 1_000 } = {}): Promise<PutThreads> {
  const path = join(await newFolder(), "program.mjs");
  await writeFile(
    path,
    `import { existsSync } from "node:fs";
    import { parentPort, threadId } from "node:worker_threads";
    const pause = new Int32Array(new SharedArrayBuffer(4));
    const put = (order) => { ${program} };
    parentPort.on("message", (orders) => {
      const puts = orders.slice(0, ${ofBatch}).map(put);
      parentPort.postMessage({ puts, tookMs: ${tookMs} * puts.length });
    });`,
  );
  const threads = new PutThreads(path);
  onTestFinished(() => threads.close());
  return threads;
}

/** What comes of orders that are given at once; the device tells them apart. */
function putAll(threads: PutThreads, count: number): Promise<Put[]> {
  const order = { from: "here", path: "there", isDurable: false };
  return Promise.all(Array.from({ length: count }, (_, device) => threads.put({ ...order, device })));
}

test.each([1_000, 3, 1])(
  "every order gets its own answer, if a thread comes to %i of a batch (H1, H2)",
  async (ofBatch) => {
    const threads = await threadsThat("return { kind: 'put', sizeBytes: order.device, adler32: 1 };", {
      ofBatch,
    });
    const sizes = (await putAll(threads, 1_000)).map((put) => put.kind === "put" && put.sizeBytes);
    expect(sizes).toEqual(Array.from({ length: 1_000 }, (_, i) => i));
  },
);

test("what goes fast goes through one thread, and what takes long through four (H3)", async () => {
  const program = "return { kind: 'put', sizeBytes: threadId, adler32: 1 };";
  const threadsOf = async (threads: PutThreads): Promise<number> => {
    await putAll(threads, 1); // Now it is known how long one takes.
    const puts = await putAll(threads, 50);
    return new Set(puts.map((put) => put.kind === "put" && put.sizeBytes)).size;
  };
  expect(await threadsOf(await threadsThat(program))).toBe(1);
  expect(await threadsOf(await threadsThat(program, { tookMs: 100 }))).toBe(4);
});

test("what comes while a thread is held up goes through another (H3)", async () => {
  const gate = join(await newFolder(), "gate");
  const threads = await threadsThat(
    `while (order.from !== "here" && !existsSync(order.from)) Atomics.wait(pause, 0, 0, 5);
     return { kind: "put", sizeBytes: 1, adler32: 1 };`,
  );
  const heldUp = threads.put({ from: gate, path: "there", device: 1, isDurable: false });
  await new Promise(setImmediate); // It is handed out alone.
  expect(await putAll(threads, 2)).toHaveLength(2);
  await writeFile(gate, "");
  expect(await heldUp).toMatchObject({ kind: "put" });
});

test("a thread that ends is told of all that it worked on, and followed by another (H1)", async () => {
  const threads = await threadsThat(
    "if (order.device === 2) throw new Error('out of memory'); return { kind: 'put', sizeBytes: 1, adler32: 1 };",
  );
  const kinds = (await putAll(threads, 3)).map(({ kind }) => kind);
  expect(kinds).toEqual(["refused", "refused", "refused"]);
  expect(await putAll(threads, 1)).toMatchObject([{ kind: "put" }]);
  expect((await putAll(threads, 3))[2]).toMatchObject({
    message: expect.stringMatching("out of memory") as unknown,
  });
});
