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
  {
    command: command(countPlaceholders).describe(
      "Prints how many events are in {input}, first of all. Run for each file when the job is submitted, several at once.",
    ),
    timeout: duration("1ms")
      .prefault("10m")
      .describe("It is ended when it takes longer, and that is a mistake."),
  },
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

const firstEvent = wholeNumber(1, eventNumberMax).default(1).describe("Number of the first of them.");
const catalogued = text("a text of at most 200 characters", /^.{0,200}$/).default("");
const scope = catalogued.describe("The catalogue's scope of the file.");

const pathEntry = z.strictObject(
  {
    path: inputPath
      .describe(
        "An input file, or a pattern for many: * ? [abc] {a,b}, and ** for any folders. Sorted, each once; one that nothing fits is a mistake.",
      )
      .meta({ examples: ["events.lhe", "input/*.lhe"] }),
    events: events.describe("Events of each file, or how they are counted."),
    firstEvent,
    guid: catalogued.describe("The catalogue's name of the file."),
    scope,
  },
  { error: "an input such as { path: events.lhe, events: 100 }" },
);

const listEntry = z.strictObject({
  list: inputPath.describe(
    "Instead of path: a file with a path on each line, and behind a tab how many events that has. Lines that are empty or begin with # are left out.",
  ),
  events: events.optional().describe("Events of each file that has none behind a tab."),
  firstEvent,
  scope,
});

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
