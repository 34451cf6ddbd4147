import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { adler32Of } from "../../shared/core/adler32.js";
import { archivedName } from "../../shared/core/names.js";
import { testFolder } from "../../shared/io/testing-folder.js";
import { concat, fuseInputs, tar } from "./built-in-tools.js";
import type { MergeInput } from "./merge-input.js";

const never = new AbortController().signal;
const block = 1 << 20;

/** Around what is gathered, read whole, and read by the loop itself, and some thousand small ones. */
const sizes = [
  ...[7, block, block - 1, block + 1, 3 * block + 5, 0, block / 4, block / 4 + 1, block - 8, 513],
  ...Array.from({ length: 3_000 }, (_, i) => (i * 37) % 900),
];

async function inputsIn(folder: string): Promise<{ inputs: MergeInput[]; contents: Buffer[] }> {
  const contents = sizes.map((size, i) => Buffer.alloc(size, `${i} `));
  const inputs = contents.map((content, range) => ({
    range,
    events: { input: 0, first: range + 1, last: range + 1 },
    path: join(folder, `${range}.out`),
    sizeBytes: content.byteLength,
    adler32: adler32Of(content),
  }));
  for (const [i, { path }] of inputs.entries()) await writeFile(path, contents[i] ?? "");
  return { inputs, contents };
}

test("inputs of all sizes come one behind the other, and their sum is the file's", async () => {
  const folder = await testFolder();
  const { inputs, contents } = await inputsIn(folder);
  let read = 0;
  const onBytes = (bytes: number): void => void (read += bytes);
  const joined = join(folder, "joined");
  const fused = await fuseInputs(inputs, { output: joined, form: concat, onBytes }, never);
  const expected = Buffer.concat(contents);
  expect((await readFile(joined)).equals(expected)).toBe(true);
  const sum = { sizeBytes: expected.byteLength, adler32: adler32Of(expected) };
  expect(fused).toEqual({ ...sum, flaws: [] });
  expect(read).toBe(expected.byteLength);

  const archive = join(folder, "all.tar");
  const archived = await fuseInputs(inputs, { output: archive, form: tar(".out"), onBytes }, never);
  const bytes = await readFile(archive);
  expect(archived).toEqual({ sizeBytes: bytes.byteLength, adler32: adler32Of(bytes), flaws: [] });
  const run = promisify(execFile);
  const { stdout } = await run("tar", ["-xOf", archive], { encoding: "buffer", maxBuffer: 1 << 26 });
  expect(stdout.equals(expected)).toBe(true);
  const names = (await run("tar", ["-tf", archive])).stdout.trimEnd().split("\n");
  expect(names).toEqual(inputs.map(({ events }) => archivedName(events, ".out")));
});

test("what is behind a flawed input is read on, to know what else is lost", async () => {
  const folder = await testFolder();
  const { inputs } = await inputsIn(folder);
  const flawed = inputs.map((input, i) => (i % 1_000 === 3 ? { ...input, adler32: 1 } : input));
  const { flaws } = await fuseInputs(
    flawed,
    { output: join(folder, "all"), form: concat, onBytes: () => undefined },
    never,
  );
  expect(flaws.map(({ input }) => input.range)).toEqual([3, 1_003, 2_003, 3_003]);
});
