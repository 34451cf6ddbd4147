// The merged files of a job that stand under their final names, for whoever asks.

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

/** Undefined when the group has none, or not yet. */
export function mergedFile(job: JobView, number: GroupNumber): PublishedFile | undefined {
  const group = job.groups.get(number);
  if (group?.stage.kind !== "published" && group?.stage.kind !== "closed") return undefined;
  return { ...group.stage.file, group: number, path: mergedPathOf(job, number), spans: group.spans };
}
