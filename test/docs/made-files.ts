// Files in docs/ that are made from what the program knows, so that they cannot say anything else.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { z } from "zod";
import { answerSchemas } from "../../services/cli/io/answer-schemas.js";
import { jobJsonSchema } from "../../services/cli/io/job-json-schema.js";
import { reportHead, reportLines } from "../../services/cli/io/report-schema.js";
import { reportLists } from "../../services/shared/core/report.js";
import { fieldTables } from "./field-tables.js";
import { limitsTable } from "./limits/limits-table.js";
import { settingsJsonSchema } from "./settings-schema.js";
import { settingTables } from "./setting-tables.js";

const top = join(import.meta.dirname, "..", "..");

/** What editors and validators know best. */
const target = "draft-07";

/** What stands above it in a document was written by hand. */
const mark = "<!-- npm run docs makes what follows -->\n";

interface MadeFile {
  /** Below the repository. */
  readonly path: string;
  /** The content, from that which is there. */
  readonly make: (old: string) => string;
}

const madeFiles: readonly MadeFile[] = [
  { path: "docs/schemas/job.schema.json", make: () => JSON.stringify(jobJsonSchema()) },
  { path: "docs/schemas/settings.schema.json", make: () => JSON.stringify(settingsJsonSchema()) },
  { path: "docs/schemas/report.schema.json", make: () => JSON.stringify(reportJsonSchema()) },
  ...Object.entries(answerSchemas).map(([name, schema]) => ({
    path: `docs/schemas/${name}.schema.json`,
    make: () => JSON.stringify(answerSchema(schema)),
  })),
  { path: "docs/job-file.md", make: (old) => behindMark(old, fieldTables(jobJsonSchema(), "The job")) },
  { path: "docs/limits.md", make: (old) => behindMark(old, limitsTable()) },
  { path: "docs/configuration.md", make: (old) => behindMark(old, settingTables()) },
];

/** Of what a command prints with --json. */
function answerSchema(schema: z.ZodType): object {
  return z.toJSONSchema(schema, { target });
}

/** A report, as its file has it, and the lines of its lists; fields that are not known are let through. */
function reportJsonSchema(): object {
  const how = { io: "input", target } as const;
  const lines = reportLists.map((list) => [`line of ${list}.jsonl`, z.toJSONSchema(reportLines[list], how)]);
  return { title: "report.json", ...z.toJSONSchema(reportHead, how), definitions: Object.fromEntries(lines) };
}

function behindMark(old: string, text: string): string {
  const end = old.indexOf(mark);
  if (end < 0) throw new Error(`expected the line ${mark.trim()}, found none`);
  return `${old.slice(0, end)}${mark}\n${text}`;
}

/** What each file is, and what it should be. */
export function allMadeFiles(): Promise<readonly { path: string; is: string; shouldBe: string }[]> {
  return Promise.all(
    madeFiles.map(async ({ path, make }) => {
      const filepath = join(top, path);
      const is = await readFile(filepath, "utf8").catch(() => "");
      const options = await resolveConfig(filepath);
      return { path: filepath, is, shouldBe: await format(make(is), { ...options, filepath }) };
    }),
  );
}
