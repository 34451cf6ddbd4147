// How explanations are worded: whole sentences, in the words of people.

import type { JobView } from "../state/job.js";

/** Names that are told one by one; the rest is counted. */
const namesMax = 3;
/** Letters of a message from elsewhere that are shown in a sentence. */
const quotedMax = 300;

/** "12,345,678". */
export function figure(count: number): string {
  return String(count).replaceAll(/\B(?=(\d{3})+$)/g, ",");
}

/** "1 range", "3 ranges". */
export function counted(count: number, noun: string, many = `${noun}s`): string {
  return `${figure(count)} ${count === 1 ? noun : many}`;
}

/** "once", "twice", "3 times". */
export function often(count: number): string {
  return count === 1 ? "once" : count === 2 ? "twice" : `${figure(count)} times`;
}

/** "all its 4 ranges", "its only range", "3 of its 4 ranges". */
export function share(count: number, total: number, noun: string): string {
  if (count < total) return `${figure(count)} of its ${counted(total, noun)}`;
  return total === 1 ? `its only ${noun}` : `all its ${counted(total, noun)}`;
}

/** "a", "a and b", "a, b and c", "a, b, c and 9 more". */
export function listed(names: readonly string[], most = namesMax): string {
  const shown = names.slice(0, most);
  const rest = names.length - shown.length;
  const last = rest > 0 ? `${rest} more` : (shown.pop() ?? "");
  return shown.length === 0 ? last : `${shown.join(", ")} and ${last}`;
}

/** "actor a", "actors a and b", "12 actors". */
export function called(noun: string, names: readonly string[]): string {
  if (names.length > namesMax) return counted(names.length, noun);
  return `${noun}${names.length === 1 ? "" : "s"} ${listed(names)}`;
}

/** The verb that so many of them take: "is" or "are" unless said otherwise. */
export function verb(count: number, one = "is", many = "are"): string {
  return count === 1 ? one : many;
}

/** What somebody else said, as a part of a sentence: in one line, not too long, without its full stop. */
export function quoted(message: string): string {
  const line = message.replaceAll(/\s+/g, " ").trim();
  const short = line.length > quotedMax ? `${line.slice(0, quotedMax)}…` : line;
  return short.replace(/\.+$/, "");
}

/** Clauses as one sentence. */
export function sentence(...clauses: readonly string[]): string {
  const text = clauses.filter((clause) => clause !== "").join("; ");
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** A job by its number and name. */
export function nameOf({ number, spec }: JobView): string {
  return `job ${number} (${spec.name})`;
}
