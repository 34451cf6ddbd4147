// A job with real output files, for tests: what actors would have left in the workdir.

import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { present } from "../../shared/core/assert.js";
import { rangeLayout } from "../../shared/core/event-range.js";
import { grantNumber, groupNumber, jobNumber } from "../../shared/core/id.js";
import { byArrival, type JobSpec, type MergeTool } from "../../shared/core/job-spec.js";
import { outputPath, temporaryMergedPath } from "../../shared/core/names.js";
import { spansOf } from "../../shared/core/spans.js";
import { checksumFile } from "../../shared/io/checksum.js";
import type { LentGroup, MergeGrant } from "../core/message.js";
import { anInput, wholeSpec } from "../../shared/core/testing-spec.js";
import { testFolder } from "../../shared/io/testing-folder.js";

/** The job of all groups here. */
export const fakeJob = jobNumber(1);

/** Grant of every output here. */
const outputGrant = grantNumber(1);

/** A workdir that a driver has made. */
export async function fakeWorkdir(folder?: string): Promise<string> {
  const workdir = folder ?? (await testFolder());
  await mkdir(join(workdir, "driver"), { mode: 0o700 });
  return workdir;
}

/** 100 ranges of 10 events, and a last one of 5. */
export function fakeSpec(workdir: string, tool: MergeTool, timeoutMs = 50_000): JobSpec {
  return wholeSpec({
    ...{
      name: "job",
      jobDir: workdir,
      inputs: [anInput({ events: 1_005 })],
      eventsPerRange: 10,
      outputSuffix: ".txt",
    },
    merge: { grouping: byArrival, everyOutputs: 3, tool, attemptsMax: 3, timeoutMs },
  });
}

export interface FakeGroup {
  readonly lent: LentGroup;
  /** Path of the output of each range. */
  readonly paths: ReadonlyMap<number, string>;
  /** Path of the temporary. */
  readonly temporary: string;
}

/** Writes an output for each range, and lends them as a group, in the order that is given. */
export async function fakeGroup(
  workdir: string,
  group: number,
  outputs: readonly (readonly [range: number, content: string])[],
): Promise<FakeGroup> {
  const spec = fakeSpec(workdir, { kind: "concat" });
  const layout = rangeLayout(spec);
  const paths = new Map<number, string>();
  const sizeBytes: number[] = [];
  const adler32: number[] = [];
  for (const [range, content] of outputs) {
    const output = { job: fakeJob, range, grant: outputGrant, events: layout.locate(range) };
    const path = join(workdir, outputPath(output, spec.outputSuffix));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
    const sum = await checksumFile(path, new AbortController().signal);
    paths.set(range, path);
    sizeBytes.push(sum.sizeBytes);
    adler32.push(sum.adler32);
  }
  const merge: MergeGrant = { job: fakeJob, group: groupNumber(group), grant: grantNumber(100 + group) };
  const spans = spansOf(...outputs.map(([first]) => ({ first, count: 1 })));
  const lent = { merge, spans, grant: outputs.map(() => outputGrant), sizeBytes, adler32 };
  return { lent, paths, temporary: join(workdir, temporaryMergedPath(merge.job, merge.group, merge.grant)) };
}

/** Path of the output of a range that the group has. */
export function pathOf(group: FakeGroup, range: number): string {
  return present(group.paths.get(range), "output");
}
