// Size and checksum of outputs, kept only while they are not merged: in pages, of which those without an output take
// no memory. So 100 million ranges cost what their unmerged outputs cost, and not 10 bytes each from the first day on.

import { assert, present } from "../../shared/core/assert.js";

/** Ranges of one page. */
const pageRanges = 4_096;
const lowWord = 2 ** 32;

interface Page {
  readonly sizeLow: Uint32Array;
  readonly sizeHigh: Uint16Array;
  readonly adler32: Uint32Array;
  /** How many of its ranges have an output. */
  outputs: number;
}

/** Sizes are kept in 48 bits. */
export const outputBytesMax = 2 ** 48 - 1;

/** What is kept of an output. */
export interface PagedOutput {
  readonly sizeBytes: number;
  readonly adler32: number;
}

export class OutputPages {
  readonly #pages: (Page | undefined)[];

  constructor(ranges: number) {
    this.#pages = Array.from({ length: Math.ceil(ranges / pageRanges) });
  }

  /** How many pages take memory now. */
  get pagesHeld(): number {
    return this.#pages.reduce((held, page) => held + (page === undefined ? 0 : 1), 0);
  }

  /** Keeps the output of a range that has none. */
  put(range: number, sizeBytes: number, adler32: number): void {
    const index = Math.floor(range / pageRanges);
    const page = (this.#pages[index] ??= newPage());
    const at = range % pageRanges;
    page.sizeLow[at] = sizeBytes % lowWord;
    page.sizeHigh[at] = Math.floor(sizeBytes / lowWord);
    page.adler32[at] = adler32;
    page.outputs += 1;
  }

  /** The output of a range that has one. */
  get(range: number): PagedOutput {
    const page = present(this.#pages[Math.floor(range / pageRanges)], "page of an output");
    const at = range % pageRanges;
    const sizeBytes = (page.sizeHigh[at] ?? 0) * lowWord + (page.sizeLow[at] ?? 0);
    return { sizeBytes, adler32: page.adler32[at] ?? 0 };
  }

  /** Forgets the output of a range that has one. */
  drop(range: number): void {
    const index = Math.floor(range / pageRanges);
    const page = present(this.#pages[index], "page of an output");
    assert(page.outputs > 0, "the page has an output to be dropped");
    page.outputs -= 1;
    if (page.outputs === 0) this.#pages[index] = undefined;
  }
}

function newPage(): Page {
  return {
    sizeLow: new Uint32Array(pageRanges),
    sizeHigh: new Uint16Array(pageRanges),
    adler32: new Uint32Array(pageRanges),
    outputs: 0,
  };
}
