import { expect, test } from "vitest";
import { lookAgain, rangesOfFlaws, type Flaw, type Look, type MergeInput } from "./merge-input.js";
import { writeError } from "./merge-error.js";

const never = new AbortController().signal;
const inputs: MergeInput[] = [3, 1, 2].map((range) => ({
  range,
  events: { input: 0, first: range, last: range },
  path: `/${range}`,
  sizeBytes: 1,
  adler32: 1,
}));
const missing = (input: MergeInput): Flaw => ({ input, found: "is missing" });

test("an output that shows late is waited for, and only the flawed ones are looked at again", async () => {
  const looked: number[][] = [];
  const look: Look = (some) => {
    looked.push(some.map(({ range }) => range));
    return Promise.resolve(looked.length === 1 ? some.slice(1).map(missing) : []);
  };
  expect(await lookAgain(inputs.map(missing), { look, lookAgainMs: 10_000 }, never)).toEqual([]);
  expect(looked).toEqual([
    [3, 1, 2],
    [1, 2],
  ]);
});

test("what is still flawed when the window is over is lost", async () => {
  const look: Look = (some) => Promise.resolve(some.filter(({ range }) => range !== 2).map(missing));
  const flaws = await lookAgain(inputs.map(missing), { look, lookAgainMs: 10 }, never);
  expect(flaws.map(({ found }) => found)).toEqual(["is missing", "is missing"]);
  expect(rangesOfFlaws(flaws)).toEqual({ first: [1, 3], count: [1, 1] });
});

test("without a window, and without flaws, nothing is looked at again", async () => {
  const look: Look = () => Promise.reject(new Error("looked"));
  expect(await lookAgain(inputs.map(missing), { look, lookAgainMs: 0 }, never)).toHaveLength(3);
  expect(await lookAgain([], { look, lookAgainMs: 1e9 }, never)).toEqual([]);
});

test("waiting for late outputs ends when told to stop", async () => {
  const stop = new AbortController();
  const look: Look = (some) => {
    stop.abort(new Error("revoked"));
    return Promise.resolve(some.map(missing));
  };
  const waiting = lookAgain(inputs.slice(0, 1).map(missing), { look, lookAgainMs: 3_000 }, stop.signal);
  await expect(waiting).rejects.toThrow("revoked");
});

test.each([
  ["ENOSPC", "cannot write /out: no space is left on its file system (ENOSPC)"],
  ["EDQUOT", "cannot write /out: the quota is used up (EDQUOT)"],
  ["EROFS", "cannot write /out: its file system is read-only (EROFS)"],
  ["EIO", "cannot write /out: i/o error"],
])("a write that fails with %s says so, and names the file", (code, message) => {
  const { failure } = writeError("/out", Object.assign(new Error("i/o error"), { code }));
  expect(failure).toMatchObject({ class: "node", message });
});
