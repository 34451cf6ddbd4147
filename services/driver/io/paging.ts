// Long lists, a page at a time.
//
//   L1. A token says after which item the next page begins: whatever is there then follows, each item once. It is good for
//       ever, also with another driver.
//   L2. Clients take messages of 4 MB, unless they are told otherwise: a page ends before its items have more than half of
//       that together, whatever was asked for. It has one item at least, if any is left.

import { WireError } from "../../shared/io/wire-checks.js";

const sizeDefault = 100;
export const pageSizeMax = 1_000;
/** (L2) */
export const pageBytesMax = 2 * 1024 * 1024;

export interface PageRequest {
  readonly pageSize: number;
  readonly pageToken: string;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextPageToken: string;
}

/** How an item is told: its message, and what that has on the wire. */
export interface Telling<Key, Message> {
  readonly told: (key: Key) => Message;
  readonly bytesOf: (message: Message) => number;
}

/** A page about these names, which are all that there are, in any order. */
export function pageOfNames<Message>(
  names: Iterable<string>,
  { pageSize, pageToken }: PageRequest,
  telling: Telling<string, Message>,
): Page<Message> {
  const size = sizeOf(pageSize);
  return pageOf(firstAfter(keyIn(pageToken), names, size + 1), size, telling);
}

/** The first of the names after a key, so many at most, in ascending order. Not all are sorted: there may be ten thousand. */
function firstAfter(key: string | undefined, names: Iterable<string>, most: number): readonly string[] {
  let first: string[] = [];
  let last: string | undefined;
  for (const name of names) {
    if ((key !== undefined && name <= key) || (last !== undefined && name >= last)) continue;
    first.push(name);
    if (first.length < 2 * most) continue;
    first = first.sort().slice(0, most);
    last = first.at(-1);
  }
  return first.sort().slice(0, most);
}

/** A page about these numbers, which are all that there are in ascending order. */
export function pageOfNumbers<Key extends number, Message>(
  numbers: readonly Key[],
  { pageSize, pageToken }: PageRequest,
  telling: Telling<Key, Message>,
): Page<Message> {
  const size = sizeOf(pageSize);
  const key = keyIn(pageToken);
  const first = key === undefined ? 0 : numbers.findIndex((number) => number > Number(key));
  return pageOf(first === -1 ? [] : numbers.slice(first, first + size + 1), size, telling);
}

/** Of what follows, one more than may be in the page, if there is one. */
function pageOf<Key extends string | number, Message>(
  following: readonly Key[],
  size: number,
  telling: Telling<Key, Message>,
): Page<Message> {
  const items = fitting(following, telling, size);
  const isLast = items.length === following.length;
  return { items, nextPageToken: isLast ? "" : tokenOf(String(following[items.length - 1])) };
}

/** The messages of the first items, of as many as fit into one page; no more than one too many is made (L2). */
export function fitting<Item, Message>(
  items: Iterable<Item>,
  { told, bytesOf }: Telling<Item, Message>,
  most = pageSizeMax,
): readonly Message[] {
  const messages: Message[] = [];
  let bytes = 0;
  for (const item of items) {
    if (messages.length === most) break;
    const message = told(item);
    bytes += bytesOf(message);
    if (bytes > pageBytesMax && messages.length > 0) break;
    messages.push(message);
  }
  return messages;
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
