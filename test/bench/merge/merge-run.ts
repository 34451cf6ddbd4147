// One run of `npm run bench -- merge`.

import { figure, tableText, type Row } from "../table.js";
import { measureDelays, measureMerges, type DelayFigures, type MergeFigures } from "./merge.js";
import type { MergeFarmOptions, MergeShape } from "./merge-farm.js";

export interface MergeRunOptions extends MergeFarmOptions {
  /** Groups of 4 outputs of 1 kB, to see what a group costs. */
  readonly groups: readonly number[];
  /** In percent of the usual amounts. */
  readonly percent: number;
}

/** Small, middle and large outputs, some hundred megabytes of each but the smallest. */
const shapes: readonly Omit<MergeShape, "tool">[] = [
  { outputBytes: 1_000, outputsPerGroup: 100, groups: 100 },
  { outputBytes: 1_000, outputsPerGroup: 1_000, groups: 20 },
  { outputBytes: 100_000, outputsPerGroup: 100, groups: 40 },
  { outputBytes: 10_000_000, outputsPerGroup: 10, groups: 6 },
];
const delayShape: MergeShape = { tool: "concat", outputBytes: 100_000, outputsPerGroup: 100, groups: 20 };
const costShape = { tool: "concat", outputBytes: 1_000, outputsPerGroup: 4 } as const;

export interface MergeRunFigures {
  readonly merges: readonly MergeFigures[];
  readonly costs: readonly MergeFigures[];
  readonly delays: DelayFigures;
}

export async function runMergeBench(
  options: MergeRunOptions,
  progress: (what: string) => void,
  signal: AbortSignal,
): Promise<{ readonly text: string; readonly figures: MergeRunFigures }> {
  const scaled = (groups: number): number => Math.max(1, Math.round((groups * options.percent) / 100));
  const merges: MergeFigures[] = [];
  for (const tool of ["concat", "tar"] as const) {
    for (const shape of shapes) {
      progress(
        `${tool}, ${shape.groups} groups of ${shape.outputsPerGroup} outputs of ${shape.outputBytes} B`,
      );
      const given = { ...shape, tool, groups: scaled(shape.groups) };
      merges.push(await measureMerges(given, { ...options, isPlainMeasured: true }, signal));
    }
  }
  progress("delays");
  const delays = await measureDelays({ ...delayShape, groups: scaled(delayShape.groups) }, options, signal);
  const costs: MergeFigures[] = [];
  for (const groups of options.groups) {
    progress(`${groups} groups`);
    costs.push(await measureMerges({ ...costShape, groups }, { ...options, isPlainMeasured: false }, signal));
  }
  const figures = { merges, delays, costs };
  return { text: mergeText(figures, options), figures };
}

function mergeText({ merges, delays, costs }: MergeRunFigures, { slots }: MergeRunOptions): string {
  const { publishedMs, endedMs } = delays;
  return [
    `merge: a merger with ${slots} slots, all outputs reported at once; beside it cat or tar, a checksum pass and fsync\n`,
    tableText([
      ["tool, output, a group", "groups", "MB/s", "plain MB/s", "of plain", "to the end MB/s"],
      ...merges.map(throughputRow),
    ]),
    `\nfrom a group's last output to its published file: ${figure(publishedMs?.p50, 1)} ms p50, ${figure(publishedMs?.max, 1)} ms at most` +
      `\nfrom the job's last output to its end: ${figure(endedMs, 1)} ms\n`,
    tableText([["groups", "ms a group", "driver CPU ms", "merger CPU ms"], ...costs.map(costRow)]),
  ].join("\n");
}

function throughputRow({ shape, seconds, plainSeconds, endSeconds }: MergeFigures): Row {
  const { tool, outputBytes, outputsPerGroup, groups } = shape;
  const megabytes = (outputBytes * outputsPerGroup * groups) / 1e6;
  const plain = plainSeconds ?? Number.NaN;
  return [
    `${tool}, ${figure(outputBytes)} B, ${figure(outputsPerGroup)}`,
    figure(groups),
    figure(megabytes / seconds, 1),
    figure(megabytes / plain, 1),
    `${figure((100 * plain) / seconds)} %`,
    figure(megabytes / endSeconds, 1),
  ];
}

function costRow({ shape, seconds, driverMs, mergerMs }: MergeFigures): Row {
  const perGroup = (1_000 * seconds) / shape.groups;
  return [figure(shape.groups), figure(perGroup, 2), figure(driverMs, 2), figure(mergerMs, 2)];
}
