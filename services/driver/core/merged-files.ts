// The merged files of a job that stand under their final names, for whoever asks.

import { assert, present } from "../../shared/core/assert.js";
import type { GroupNumber } from "../../shared/core/id.js";
import type { Spans } from "../../shared/core/spans.js";
import type { MergedFile } from "./facts/fact.js";
import type { JobView } from "./state/job.js";
import { mergedPathOf } from "./state/merged-path.js";

export interface PublishedFile extends MergedFile {
  readonly group: GroupNumber;
  /** Relative to the workdir. */
  readonly path: string;
  readonly spans: Spans;
}

/** Numbers of the groups that have one, ascending. */
export function publishedGroups({ groups }: JobView): readonly GroupNumber[] {
  const published = [...groups.values()].filter(
    ({ stage }) => stage.kind === "published" || stage.kind === "closed",
  );
  return published.map(({ number }) => number).sort((a, b) => a - b);
}

/** Of a group that has one. */
export function publishedFile(job: JobView, number: GroupNumber): PublishedFile {
  const { stage, spans } = present(job.groups.get(number), "merge group");
  assert(stage.kind === "published" || stage.kind === "closed", "the group is published");
  return { ...stage.file, group: number, path: mergedPathOf(job, number), spans };
}
