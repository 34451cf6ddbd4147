// The documents for users, and what stands in them.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const top = join(import.meta.dirname, "..", "..");

/** The first of them starts services for the others, and the last stops them. */
const [first, last] = ["docs/first-job.md", "docs/nodes.md"];
const all = readdirSync(join(top, "docs"))
  .filter((name) => name.endsWith(".md"))
  .map((name) => `docs/${name}`);

/** In the order in which their commands are run; what one has started is there for the next. */
export const pages = [first, ...all.filter((page) => page !== first && page !== last), last];

/** Beside the programs that they tell of. */
export const guides = ["cms-dimuon", "drell-yan", "feedback", "payloads"].map((example) => {
  return `examples/${example}/README.md`;
});

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
