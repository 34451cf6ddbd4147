// npm run bench -- dispatch | recover | memory | feed | merge | report | shutdown       (options.ts tells the options)
//
// Nothing here passes or fails by its speed: figures are printed, with the conditions under which they were measured. Only a stop
// that passes its deadline is a failure.

import { mkdir, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { conditionRows, conditionsOf } from "./conditions.js";
import { measureDispatch, type DispatchFigures, type DispatchOptions } from "./dispatch.js";
import { dispatchText } from "./dispatch-text.js";
import { runFeed } from "./feed/feed-run.js";
import { runMergeBench } from "./merge/merge-run.js";
import { measureMemory, memoryText } from "./memory.js";
import { parseBenchArguments, type BenchArguments } from "./options.js";
import { profileText } from "./profile.js";
import { measureRecovery, recoverText } from "./recover.js";
import { measureReport, reportShapes, reportText, type ReportFigures } from "./report.js";
import { isLate, measureShutdown, shutdownText } from "./shutdown/shutdown.js";
import { tableText } from "./table.js";

/** Functions that a profile shows. */
const profileTop = 40;

/** What a benchmark came to: for people, and for programs. */
interface Outcome {
  readonly text: string;
  readonly figures: unknown;
}

async function dispatch(given: BenchArguments, signal: AbortSignal): Promise<Outcome> {
  const options: DispatchOptions = { ...given, ranges: given.ranges ?? 100_000_000 };
  const figures: DispatchFigures[] = [];
  for (const resultsPerMessage of given.results) {
    for (const actors of given.actors) {
      progress(`${actors} actors, ${resultsPerMessage} results a message`);
      figures.push(await measureDispatch({ actors, resultsPerMessage }, options, signal));
    }
  }
  let text = dispatchText(figures, options);
  for (const { actors, resultsPerMessage, profile } of figures) {
    if (profile === undefined) continue;
    text += `\nprofile of ${actors} actors, ${resultsPerMessage} results a message\n\n${await profileText(profile, { lastSeconds: given.seconds, top: profileTop })}`;
  }
  return { text, figures };
}

async function recover(given: BenchArguments, signal: AbortSignal): Promise<Outcome> {
  const { folder, program, nodeFlags, profileFolder } = given;
  const ranges = given.ranges ?? 10_000_000;
  const options = { folder, program, nodeFlags, profileFolder, ranges, actors: 100, resultsPerMessage: 100 };
  progress("making the journal, then starting on it");
  const figures = await measureRecovery(options, signal);
  const text = recoverText(figures, options);
  if (figures.profile === undefined) return { text, figures };
  return {
    text: `${text}\n${await profileText(figures.profile, { lastSeconds: undefined, top: profileTop })}`,
    figures,
  };
}

async function memory(given: BenchArguments, signal: AbortSignal): Promise<Outcome> {
  const { folder, program, nodeFlags, complete, mergeEvery, snapshotAfter } = given;
  const ranges = given.ranges ?? 100_000_000;
  const crowd = { actors: 100, resultsPerMessage: 100, mergeEvery, snapshotAfter };
  const options = { folder, program, nodeFlags, ranges, complete, ...crowd };
  progress("submitting the job, then completing some of it");
  const figures = await measureMemory(options, signal);
  return { text: memoryText(figures), figures };
}

async function feed(given: BenchArguments, signal: AbortSignal): Promise<Outcome> {
  const { text, figures } = await runFeed({ ...given, ...given.feed }, progress, signal);
  const profiles = await Promise.all(
    figures.flatMap(({ profile }) =>
      profile === undefined
        ? []
        : [
            profileText(profile, { lastSeconds: given.seconds, top: profileTop }).then((shares) => [
              profile,
              shares,
            ]),
          ],
    ),
  );
  return { text: [text, ...profiles.flat()].join("\n"), figures };
}

async function merge(given: BenchArguments, signal: AbortSignal): Promise<Outcome> {
  return runMergeBench({ ...given, ...given.merge }, progress, signal);
}

async function report({ folder, percent }: BenchArguments, signal: AbortSignal): Promise<Outcome> {
  const figures: ReportFigures[] = [];
  for (const shape of reportShapes(percent)) {
    progress(shape.name);
    figures.push(await measureReport(shape, folder, signal));
  }
  return { text: reportText(figures), figures };
}

async function shutdown({ folder, situations }: BenchArguments, signal: AbortSignal): Promise<Outcome> {
  const figures = await measureShutdown({ folder, situations }, progress, signal);
  if (isLate(figures)) process.exitCode = 1;
  return { text: shutdownText(figures), figures };
}

/** To standard error, so that what is printed can be kept. */
function progress(what: string): void {
  process.stderr.write(`bench: ${what}\n`);
}

async function main(words: readonly string[], signal: AbortSignal): Promise<void> {
  const given = parseBenchArguments(words);
  if (given.profileFolder !== undefined) await mkdir(resolve(given.profileFolder), { recursive: true });
  const conditions = await conditionsOf(given.folder);
  const { text, figures } = await { dispatch, recover, memory, feed, merge, report, shutdown }[given.bench](
    given,
    signal,
  );
  process.stdout.write(`${tableText(conditionRows(conditions))}\n${text}`);
  if (given.json !== undefined) {
    await writeFile(
      given.json,
      `${JSON.stringify({ bench: given.bench, conditions, figures }, undefined, 2)}\n`,
    );
  }
}

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => stop.abort(new Error(`told to stop by ${signal}`)));
}

main(process.argv.slice(2), stop.signal).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
