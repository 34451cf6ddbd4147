import fc from "fast-check";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { checksumFile, checksumStream } from "./checksum.js";
import { testFolder } from "./testing-folder.js";

let folder: string;

beforeEach(async () => {
  folder = await testFolder();
});

/** As RFC 1950 defines it. */
function adler32(bytes: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (const byte of bytes) {
    a = (a + byte) % 65_521;
    b = (b + a) % 65_521;
  }
  return ((b << 16) | a) >>> 0;
}

test("bytes in any pieces have the checksum of RFC 1950, at every moment", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 3_000 }), { maxLength: 5 }), async (pieces) => {
      const stream = await checksumStream();
      let all = Buffer.alloc(0);
      for (const piece of pieces) {
        stream.update(piece);
        all = Buffer.concat([all, piece]);
        expect(stream.value()).toEqual({ sizeBytes: all.byteLength, adler32: adler32(all) });
      }
    }),
    { seed: 7, numRuns: 50 },
  );
});

test("a file larger than one block is read to its end", async () => {
  const bytes = Buffer.alloc(2_500_000, "muon");
  await writeFile(join(folder, "large"), bytes);
  const { signal } = new AbortController();
  expect(await checksumFile(join(folder, "large"), signal)).toEqual({
    sizeBytes: bytes.byteLength,
    adler32: adler32(bytes),
  });
});

test("an empty file has checksum 1", async () => {
  await writeFile(join(folder, "empty"), "");
  expect(await checksumFile(join(folder, "empty"), new AbortController().signal)).toEqual({
    sizeBytes: 0,
    adler32: 1,
  });
});

test("reading stops when told to", async () => {
  await writeFile(join(folder, "some"), "x");
  await expect(checksumFile(join(folder, "some"), AbortSignal.abort(new Error("enough")))).rejects.toThrow(
    "enough",
  );
});
