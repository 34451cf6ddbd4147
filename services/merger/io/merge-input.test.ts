import { expect, test } from "vitest";
import { flawsAmong, rangesOfFlaws, type Look, type MergeInput } from "./merge-input.js";
import { writeError } from "./merge-error.js";

const never = new AbortController().signal;
const inputs: MergeInput[] = [3, 1, 2].map((range) => ({
  range,
  path: `/${range}`,
  sizeBytes: 1,
  adler32: 1,
}));

test("an output that shows late is waited for, and only the flawed ones are looked at again", async () => {
  const looked: number[] = [];
  const look: Look = ({ range }) => {
    looked.push(range);
    return Promise.resolve(range === 1 && looked.length <= 3 ? "is missing" : undefined);
  };
  expect(await flawsAmong(inputs, look, 10, never)).toEqual([]);
  expect(looked).toEqual([3, 1, 2, 1]);
});

test("what is still flawed when the window is over is lost", async () => {
  const look: Look = ({ range }) => Promise.resolve(range === 2 ? undefined : "is missing");
  const flaws = await flawsAmong(inputs, look, 10, never);
  expect(flaws.map(({ found }) => found)).toEqual(["is missing", "is missing"]);
  expect(rangesOfFlaws(flaws)).toEqual({ first: [1, 3], count: [1, 1] });
});

test("without a window nothing is looked at twice", async () => {
  let looks = 0;
  const look: Look = () => {
    looks += 1;
    return Promise.resolve("is missing");
  };
  expect(await flawsAmong(inputs, look, 0, never)).toHaveLength(3);
  expect(looks).toBe(3);
});

test("waiting for late outputs ends when told to stop", async () => {
  const stop = new AbortController();
  const look: Look = () => {
    stop.abort(new Error("revoked"));
    return Promise.resolve("is missing");
  };
  await expect(flawsAmong(inputs.slice(0, 1), look, 1e9, stop.signal)).rejects.toThrow("revoked");
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
