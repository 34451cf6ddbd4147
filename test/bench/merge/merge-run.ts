// One run of `npm run bench -- merge`.

import { figure, megabytes, tableText, type Row } from "../table.js";
import { measureDelays, measureMerges, type DelayFigures, type MergeFigures } from "./merge.js";
import type { MergeFarmOptions, MergeShape } from "./merge-farm.js";

export interface MergeRunOptions extends MergeFarmOptions {
  /** Groups of 4 outputs of 1 kB, to see what a group costs. */
  readonly groups: readonly number[];
  /** In percent of the usual amounts. */
  readonly percent: number;
  /** One group of a million outputs, and nothing else. */
  readonly million: boolean;
}

/** Small, middle and large outputs, some hundred megabytes of each but the smallest. */
const shapes: readonly Omit<MergeShape, "tool">[] = [
  { outputBytes: 1_000, outputsPerGroup: 100, groups: 100 },
  { outputBytes: 1_000, outputsPerGroup: 1_000, groups: 40 },
  { outputBytes: 100_000, outputsPerGroup: 100, groups: 40 },
  { outputBytes: 10_000_000, outputsPerGroup: 10, groups: 6 },
];
const delayShape: MergeShape = { tool: "concat", outputBytes: 100_000, outputsPerGroup: 100, groups: 20 };
const millionShape = { outputBytes: 100, outputsPerGroup: 1_000_000, groups: 1 } as const;
const costShape = { tool: "concat", outputBytes: 1_000, outputsPerGroup: 4 } as const;

export interface MergeRunFigures {
  readonly merges: readonly MergeFigures[];
  readonly costs: readonly MergeFigures[];
  readonly delays: DelayFigures | undefined;
}

export async function runMergeBench(
  options: MergeRunOptions,
  progress: (what: string) => void,
  signal: AbortSignal,
): Promise<MergeOutcome> {
  const scaled = (groups: number): number => Math.max(1, Math.round((groups * options.percent) / 100));
  const merges: MergeFigures[] = [];
  for (const tool of ["concat", "tar"] as const) {
    for (const shape of options.million ? [millionShape] : shapes) {
      progress(
        `${tool}, ${shape.groups} groups of ${shape.outputsPerGroup} outputs of ${shape.outputBytes} B`,
      );
      const given = { ...shape, tool, groups: scaled(shape.groups) };
      merges.push(await measureMerges(given, { ...options, isPlainMeasured: true }, signal));
    }
  }
  if (options.million) return outcome({ merges, delays: undefined, costs: [] }, options);
  progress("delays");
  const delays = await measureDelays({ ...delayShape, groups: scaled(delayShape.groups) }, options, signal);
  const costs: MergeFigures[] = [];
  for (const groups of options.groups) {
    progress(`${groups} groups`);
    costs.push(await measureMerges({ ...costShape, groups }, { ...options, isPlainMeasured: false }, signal));
  }
  return outcome({ merges, delays, costs }, options);
}

interface MergeOutcome {
  readonly text: string;
  readonly figures: MergeRunFigures;
}

function outcome(figures: MergeRunFigures, { slots }: MergeRunOptions): MergeOutcome {
  const { merges, delays, costs } = figures;
  const lines = [
    `merge: a merger with ${slots} slots, all outputs reported at once: MB/s until the last file is published, and until the job is over`,
    "plain: cat or tar, a checksum pass, fsync of file and folder; then rm of the inputs, as it is done until a job is over\n",
    tableText([
      [
        "tool, output, a group",
        "groups",
        "MB/s",
        "plain",
        "of plain",
        "to the end",
        "plain, rm",
        "of plain, rm",
      ],
      ...merges.map(throughputRow),
    ]),
    tableText([
      ["tool, output, a group", "driver CPU ms", "merger CPU ms", "driver MB", "merger MB"],
      ...merges.map(processRow),
    ]),
  ];
  if (delays !== undefined) lines.push(...delayLines(delays));
  if (costs.length > 0)
    lines.push(
      tableText([["groups", "ms a group", "driver CPU ms", "merger CPU ms"], ...costs.map(costRow)]),
    );
  return { text: lines.join("\n"), figures };
}

function delayLines({ publishedMs, endedMs }: DelayFigures): string[] {
  return [
    `from a group's last output to its published file: ${figure(publishedMs?.p50, 1)} ms p50, ${figure(publishedMs?.max, 1)} ms at most`,
    `from the job's last output to its end: ${figure(endedMs, 1)} ms\n`,
  ];
}

function throughputRow({ shape, seconds, plain, endSeconds }: MergeFigures): Row {
  const { outputBytes, outputsPerGroup, groups } = shape;
  const total = (outputBytes * outputsPerGroup * groups) / 1e6;
  const plainSeconds = plain?.seconds ?? Number.NaN;
  const plainEndSeconds = plainSeconds + (plain?.removalSeconds ?? Number.NaN);
  const beside = (own: number, others: number): string[] => [
    figure(total / own, 1),
    figure(total / others, 1),
    `${figure((100 * others) / own)} %`,
  ];
  return [
    nameOf(shape),
    figure(groups),
    ...beside(seconds, plainSeconds),
    ...beside(endSeconds, plainEndSeconds),
  ];
}

function processRow({ shape, driverMs, mergerMs, driverBytes, mergerBytes }: MergeFigures): Row {
  const memory = [megabytes(driverBytes), megabytes(mergerBytes)];
  return [nameOf(shape), figure(driverMs, 1), figure(mergerMs, 1), ...memory];
}

function nameOf({ tool, outputBytes, outputsPerGroup }: MergeShape): string {
  return `${tool}, ${figure(outputBytes)} B, ${figure(outputsPerGroup)}`;
}

function costRow({ shape, seconds, driverMs, mergerMs }: MergeFigures): Row {
  const perGroup = (1_000 * seconds) / shape.groups;
  return [figure(shape.groups), figure(perGroup, 2), figure(driverMs, 2), figure(mergerMs, 2)];
}
