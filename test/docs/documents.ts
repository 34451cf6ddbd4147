// The documents for users, and what stands in them.

import { readFileSync } from "node:fs";
import { join } from "node:path";

export const top = join(import.meta.dirname, "..", "..");

/** In the order in which a newcomer reads them; what one has started is there for the next. */
export const pages = [
  "docs/first-job.md",
  "docs/job-file.md",
  "docs/payloads.md",
  "docs/payload-protocol.md",
  "docs/merging.md",
  "docs/when-things-fail.md",
  "docs/report.md",
  "docs/metrics.md",
  "docs/who-gets-in.md",
  "docs/nodes.md",
  "docs/configuration.md",
  "docs/measuring.md",
];

/** Read from the top of the repository. */
export const others = [
  "README.md",
  "docs/README.md",
  "docs/api.md",
  "examples/cms-dimuon/README.md",
  "examples/drell-yan/README.md",
  "examples/feedback/README.md",
  "examples/payloads/README.md",
];

export function textOf(document: string): string {
  return readFileSync(join(top, document), "utf8");
}

/** A fenced block. */
export interface Block {
  /** `sh` is run, `text` is only shown. */
  readonly language: string;
  readonly text: string;
  /** The heading that it stands below, and its number there. */
  readonly title: string;
}

export function blocksOf(document: string): Block[] {
  const counts = new Map<string, number>();
  let heading = "";
  return [...textOf(document).matchAll(/^#+ (.*)$|^```(\w*)\n([^]*?)^```$/gm)].flatMap((match) => {
    const [, newHeading, language = "", text = ""] = match;
    if (newHeading !== undefined && language === "" && text === "") {
      heading = newHeading;
      return [];
    }
    const count = (counts.get(heading) ?? 0) + 1;
    counts.set(heading, count);
    return [{ language, text, title: count === 1 ? heading : `${heading} (${count})` }];
  });
}

/** A call of `noctua` in running text, as in `noctua drain NODE --wait`. */
export interface Call {
  readonly command: string;
  readonly flags: readonly string[];
}

export function callsIn(document: string): Call[] {
  return [...textOf(document).matchAll(/\bnoctua ([a-z]+)\b([^`|&;#\n]*)/g)].map(
    ([, command = "", rest = ""]) => {
      return { command, flags: [...rest.matchAll(/(?<= )--[a-z-]+/g)].map(([flag]) => flag) };
    },
  );
}
