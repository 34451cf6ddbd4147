import { describe, expect, it } from "vitest";
import { OutputPages, outputBytesMax } from "./output-pages.js";

describe("output pages", () => {
  it("give back what was put, up to the largest size and checksum", () => {
    const pages = new OutputPages(10_000);
    pages.put(0, 0, 1);
    pages.put(4_095, outputBytesMax, 0xffff_ffff);
    pages.put(9_999, 2 ** 32 + 5, 7);
    expect(pages.get(0)).toEqual({ sizeBytes: 0, adler32: 1 });
    expect(pages.get(4_095)).toEqual({ sizeBytes: outputBytesMax, adler32: 0xffff_ffff });
    expect(pages.get(9_999)).toEqual({ sizeBytes: 2 ** 32 + 5, adler32: 7 });
  });

  it("take memory only where there are outputs", () => {
    const pages = new OutputPages(100_000_000);
    expect(pages.pagesHeld).toBe(0);
    for (let range = 0; range < 5_000; range += 1) pages.put(range, 1, 1);
    expect(pages.pagesHeld).toBe(2);
    for (let range = 0; range < 4_096; range += 1) pages.drop(range);
    expect(pages.pagesHeld).toBe(1);
    expect(pages.get(4_096)).toEqual({ sizeBytes: 1, adler32: 1 });
  });

  it("refuse to tell of an output that is not there", () => {
    expect(() => new OutputPages(10).get(3)).toThrow("page of an output is there");
  });
});
