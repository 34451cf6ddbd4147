// One run of `npm run bench -- feed`: every event time, for everybody who feeds.

import { withFolder } from "../bench-folder.js";
import { measureFeed, type FeedFigures, type FeedOptions, type FeedVariant } from "./feed.js";
import { feedText } from "./feed-text.js";
import { feedProgramIn } from "./program.js";

export interface FeedRunOptions extends FeedOptions {
  readonly streamMs: readonly number[];
  readonly execMs: readonly number[];
}

export async function runFeed(
  options: FeedRunOptions,
  progress: (what: string) => void,
  signal: AbortSignal,
): Promise<{ readonly text: string; readonly figures: readonly FeedFigures[] }> {
  return withFolder(options.folder, async (folder) => {
    const program = await feedProgramIn(folder);
    const figures: FeedFigures[] = [];
    for (const variant of variants) {
      for (const eventMs of isStream(variant) ? options.streamMs : options.execMs) {
        progress(
          `${variant.feeder}, ${variant.outputBytes} B, ${variant.durability}, events of ${eventMs} ms`,
        );
        figures.push(await measureFeed(variant, eventMs, { program, options }, signal));
      }
    }
    return { text: feedText(figures, { options, program: program.name }), figures };
  });
}

const outputBytes = 1_000;

const variants: readonly FeedVariant[] = [
  { feeder: "stream", outputBytes: 0, durability: "relaxed" },
  { feeder: "stream", outputBytes, durability: "relaxed" },
  { feeder: "stream", outputBytes, durability: "strict" },
  { feeder: "alone", outputBytes: 0, durability: "relaxed" },
  { feeder: "alone", outputBytes, durability: "relaxed" },
  { feeder: "exec", outputBytes: 0, durability: "relaxed" },
  { feeder: "exec", outputBytes, durability: "relaxed" },
  { feeder: "exec", outputBytes, durability: "strict" },
  { feeder: "xargs", outputBytes: 0, durability: "relaxed" },
  { feeder: "xargs", outputBytes, durability: "relaxed" },
];

function isStream({ feeder }: FeedVariant): boolean {
  return feeder === "stream" || feeder === "alone";
}
