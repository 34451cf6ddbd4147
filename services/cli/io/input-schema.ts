// What a job file may say of its inputs: a path, a pattern or a list of files, and how many events each has.

import { z } from "zod";
import { command } from "./command-schema.js";
import { countPlaceholders } from "../core/placeholders.js";
import { hasName, readAs, readBy } from "./described.js";
import { duration, text, wholeNumber } from "./schema-values.js";

export const eventNumberMax = 0xffff_ffff;
export const inputsMax = 100_000;

const inputPath = text("the path of a file", /^[^\0]+$/);

/** Where inputs lie, whatever else is wrong with their entry. */
export const placeSchema = z.union([z.object({ list: inputPath }), z.object({ path: inputPath })]);

const countRule = z.strictObject(
  { command: command(countPlaceholders), timeout: duration("1ms").prefault("10m") },
  { error: 'a number, or a command that counts, such as { command: [count-events, "{input}"] }' },
);

const number = wholeNumber(1, eventNumberMax, ", or { command: […] }");

/** How many events a file has: a number, or what says so. */
export type Events = number | z.output<typeof countRule>;

const events = readAs<Events>(z.union([number, countRule]), (written, context) =>
  typeof written === "object" && written !== null
    ? readBy(countRule, written, context)
    : readBy(number, written, context),
);

const firstEvent = wholeNumber(1, eventNumberMax).default(1);
const scope = text("a text of at most 200 characters", /^.{0,200}$/).default("");

const pathEntry = z.strictObject(
  { path: inputPath, events, firstEvent, guid: scope, scope },
  { error: "an input such as { path: events.lhe, events: 100 }" },
);

const listEntry = z.strictObject({ list: inputPath, events: events.optional(), firstEvent, scope });

export type InputEntry = z.output<typeof pathEntry> | z.output<typeof listEntry>;

/** One entry, which may stand for many inputs. */
export const inputSchema = readAs<InputEntry>(z.union([pathEntry, listEntry]), (written, context) =>
  hasName(written, "list") ? readBy(listEntry, written, context) : readBy(pathEntry, written, context),
);

export function namesOfInput(rest: readonly (string | number)[]): readonly string[] {
  if (rest.length === 1)
    return [...new Set([...Object.keys(pathEntry.shape), ...Object.keys(listEntry.shape)])];
  return rest.at(-1) === "events" ? Object.keys(countRule.shape) : [];
}
