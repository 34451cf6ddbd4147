// Long lists, a page at a time.
//
//   L1. A token says after which item the next page begins: whatever is there then follows, each item once. It is good for
//       ever, also with another driver.

import { WireError } from "../../shared/io/wire-checks.js";

const sizeDefault = 100;
export const pageSizeMax = 1_000;

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

/** A page that begins at a number: how many items it may have, and where it begins. */
export function pageFrom({ pageSize, pageToken }: PageRequest): {
  readonly size: number;
  readonly from: number;
} {
  const size = sizeOf(pageSize);
  const from = Number(keyIn(pageToken) ?? 0);
  if (!Number.isSafeInteger(from) || from < 0) throw noToken("page_token", pageToken);
  return { size, from };
}

/** Throws a `WireError` when it is too large. */
function sizeOf(pageSize: number): number {
  if (pageSize > pageSizeMax) throw new WireError("page_size", `at most ${pageSizeMax}`, String(pageSize));
  return pageSize === 0 ? sizeDefault : pageSize;
}

/** Tells tokens from other texts, and one making of them from the next. */
const mark = "1:";

export function tokenOf(key: string): string {
  return Buffer.from(`${mark}${key}`).toString("base64url");
}

/** What the token was made of; undefined when it is empty. */
export function keyIn(token: string, field: TokenField = "page_token"): string | undefined {
  if (token === "") return undefined;
  const text = Buffer.from(token, "base64url").toString();
  if (text.startsWith(mark)) return text.slice(mark.length);
  throw noToken(field, token);
}

export function noToken(field: TokenField, token: string): WireError {
  return new WireError(field, `${expected[field]} before`, JSON.stringify(token.slice(0, 40)));
}

const expected = {
  page_token: "the next_page_token of a page",
  resume_token: "the resume_token of a response",
} as const;

type TokenField = keyof typeof expected;
