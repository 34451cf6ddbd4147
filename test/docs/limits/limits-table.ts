// All limits as tables of Markdown, one for each group.

import { hasTest, limitText, type Limit, type LimitGroup, type Place } from "./limit.js";
import { limitsOfCalls } from "./limits-of-calls.js";
import { limitsOfClients } from "./limits-of-clients.js";
import { limitsOfFiles } from "./limits-of-files.js";
import { limitsOfJobs } from "./limits-of-jobs.js";
import { limitsOfNodes } from "./limits-of-nodes.js";
import { limitsOfTheDriver } from "./limits-of-the-driver.js";
import { limitsOfThePort } from "./limits-of-the-port.js";

const groups: readonly LimitGroup[] = [
  limitsOfThePort,
  limitsOfCalls,
  limitsOfClients,
  limitsOfJobs,
  limitsOfTheDriver,
  limitsOfNodes,
  limitsOfFiles,
];

/** Limits of which the test that is to reach them is not there. */
export function untestedLimits(): string[] {
  return groups.flatMap(({ limits }) => limits.filter(({ test }) => !hasTest(test)).map(({ what }) => what));
}

/** Where the numbers are kept that it tells. */
export function limitPlaces(): Place[] {
  return groups.flatMap(({ limits }) => limits.flatMap(({ of }) => (of === undefined ? [] : [of])));
}

export function limitsTable(): string {
  const parts = groups.map(({ title, limits }) => {
    const rows = [
      ["what", "limit", "at it", "reached by"],
      Array<string>(4).fill("---"),
      ...limits.map(rowOf),
    ];
    return [`### ${title}`, "", ...rows.map((cells) => `| ${cells.join(" | ")} |`)].join("\n");
  });
  return `${parts.join("\n\n")}\n`;
}

function rowOf(limit: Limit): readonly string[] {
  const [file] = limit.test;
  const name = file.split("/").at(-1) ?? file;
  return [limit.what, limitText(limit), limit.then, `[${name}](../${file})`];
}
