// Long lists, a page at a time.
//
//   L1. A token says after which item the next page begins: whatever is there then follows, each item once. It is good for
//       ever, also with another driver.

import { WireError } from "../../shared/io/wire-checks.js";

const sizeDefault = 100;
const sizeMax = 1_000;

export interface PageRequest {
  readonly pageSize: number;
  readonly pageToken: string;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextPageToken: string;
}

/** The names of a page, of all that there are in ascending order. */
export function pageOfNames(names: readonly string[], request: PageRequest): Page<string> {
  return pageOf(names, request, (name, key) => name > key);
}

/** The numbers of a page, of all that there are in ascending order. */
export function pageOfNumbers<Item extends number>(items: readonly Item[], request: PageRequest): Page<Item> {
  return pageOf(items, request, (item, key) => item > Number(key));
}

function pageOf<Item extends string | number>(
  all: readonly Item[],
  { pageSize, pageToken }: PageRequest,
  isAfter: (item: Item, key: string) => boolean,
): Page<Item> {
  const size = sizeOf(pageSize);
  const key = keyIn(pageToken);
  const first = key === undefined ? 0 : all.findIndex((item) => isAfter(item, key));
  const items = first === -1 ? [] : all.slice(first, first + size);
  const isLast = first === -1 || first + size >= all.length;
  return { items, nextPageToken: isLast ? "" : tokenOf(String(items.at(-1))) };
}

/** Throws a `WireError` when it is too large. */
function sizeOf(pageSize: number): number {
  if (pageSize > sizeMax) throw new WireError("page_size", `at most ${sizeMax}`, String(pageSize));
  return pageSize === 0 ? sizeDefault : pageSize;
}

/** Tells tokens from other texts, and one making of them from the next. */
const mark = "1:";

function tokenOf(key: string): string {
  return Buffer.from(`${mark}${key}`).toString("base64url");
}

function keyIn(token: string): string | undefined {
  if (token === "") return undefined;
  const text = Buffer.from(token, "base64url").toString();
  if (text.startsWith(mark)) return text.slice(mark.length);
  throw new WireError(
    "page_token",
    "the next_page_token of a page before",
    JSON.stringify(token.slice(0, 40)),
  );
}
