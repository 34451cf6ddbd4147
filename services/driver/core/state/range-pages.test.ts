import { describe, expect, test } from "vitest";
import { DONE, HELD, MERGED, READY } from "./range-page.js";
import { placeOf, RangePages } from "./range-pages.js";

const page = 4_096;

/** Leads ranges from one state to another. */
function move(
  pages: RangePages,
  [first, end]: readonly [number, number],
  ...way: Parameters<typeof step>[2][]
): void {
  for (let range = first; range < end; range += 1) for (const one of way) step(pages, range, one);
}

function step(
  pages: RangePages,
  range: number,
  [from, to]: readonly [typeof READY | typeof HELD | typeof DONE, typeof HELD | typeof DONE | typeof MERGED],
): void {
  pages.write(range).move(placeOf(range), from, to);
}

describe("the pages of a job's ranges", () => {
  test("take no memory before they are written to (U1)", () => {
    const pages = new RangePages("merged");
    pages.grow(100_000_000);
    expect(pages.pageOf(99_999_999)).toBeUndefined();
    expect(pages.pages).toEqual({ known: 0, packed: 0 });
    move(pages, [5_000, 5_001], [READY, HELD]);
    expect(pages.pages).toEqual({ known: 1, packed: 0 });
  });

  test("are packed when all of their ranges are merged or failed, as soon as another is written to (U2)", () => {
    const pages = new RangePages("merged");
    pages.grow(2 * page);
    move(pages, [0, page], [READY, HELD], [HELD, DONE], [DONE, MERGED]);
    expect(pages.pages).toEqual({ known: 1, packed: 0 });
    move(pages, [page, page + 1], [READY, HELD]);
    expect(pages.pages).toEqual({ known: 2, packed: 1 });
    expect(pages.pageOf(0)?.stateAt(page - 1)).toBe(MERGED);
  });

  test("are packed when all of their ranges are done, in a job without outputs (U2)", () => {
    const pages = new RangePages("none");
    pages.grow(2 * page);
    move(pages, [0, page], [READY, HELD], [HELD, DONE]);
    move(pages, [page, page + 1], [READY, HELD]);
    expect(pages.pages).toEqual({ known: 2, packed: 1 });
  });

  test("stay open while one of their ranges is held, and long enough for their outputs to be merged (U2)", () => {
    const pages = new RangePages("merged");
    pages.grow(100 * page);
    move(pages, [0, 1], [READY, HELD]);
    for (let some = 1; some < 100; some += 1) move(pages, [some * page, some * page + 9], [READY, DONE]);
    expect(pages.pages).toEqual({ known: 100, packed: 100 - 2 - 64 }); // One is held, one was written last.
    expect(pages.pageOf(page)?.isPacked).toBe(true);
    expect(pages.pageOf(99 * page)?.isPacked).toBe(false);
    move(pages, [page, page + 1], [DONE, MERGED]);
    expect([0, 8, 9].map((at) => pages.pageOf(page)?.stateAt(at))).toEqual([MERGED, DONE, READY]);
  });
});
