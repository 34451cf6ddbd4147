// For tests: a merge of real files, run by itself.

import { readdir } from "node:fs/promises";
import { dirname } from "node:path";
import { newPlan } from "../../shared/core/job-plan.js";
import type { MergeSpec, MergeTool } from "../../shared/core/job-spec.js";
import { runInProcessGroup } from "../../shared/io/process-group.js";
import type { MergeOutcome } from "../core/step.js";
import { fakeGroup, fakeSpec, fakeWorkdir, type FakeGroup } from "./fake-job.js";
import { runMerge, type MergeRunOptions } from "./merge-run.js";

const never = new AbortController().signal;

export const concat: MergeTool = { kind: "concat" };

/** A merge command: $1 is the list of inputs, $2 the output, $3 the job's folder. */
export const shell = (script: string): MergeTool => ({
  kind: "command",
  command: ["sh", "-c", script, "merge", "{inputs}", "{output}", "{jobDir}"],
});

/** In what a run differs from the usual one. */
export interface RunChanges extends Partial<MergeRunOptions> {
  readonly rule?: Partial<MergeSpec>;
  readonly onProgress?: (bytesRead: number) => void;
}

export interface MergeBench {
  readonly workdir: string;
  readonly group: FakeGroup;
  readonly progress: number[];
  /** What its commands wrote, each piece behind whose it is. */
  readonly written: string[];
  run(tool: MergeTool, changes?: RunChanges): Promise<MergeOutcome>;
  /** What lies in the folder of merged files. */
  left(): Promise<string[]>;
}

/** `folder` is the workdir; a new one when undefined. */
export async function mergeBench(
  outputs: readonly (readonly [number, string])[],
  folder?: string,
): Promise<MergeBench> {
  const workdir = await fakeWorkdir(folder);
  const group = await fakeGroup(workdir, 7, outputs);
  const progress: number[] = [];
  const written: string[] = [];
  const usual: MergeRunOptions = {
    workdir,
    environment: { PATH: "/usr/local/bin:/usr/bin:/bin" },
    graceMs: 5_000,
    runProgram: runInProcessGroup,
    lookAgainMs: 0,
    roomWaitMs: 0,
    onWait: () => undefined,
  };
  return {
    workdir,
    group,
    progress,
    written,
    run: (tool, { rule = {}, onProgress: onRead, ...changes } = {}) => {
      const spec = fakeSpec(workdir, tool);
      const plan = newPlan({ ...spec, merge: { ...spec.merge, ...rule } });
      const onProgress = (bytes: number): void => {
        progress.push(bytes);
        onRead?.(bytes);
      };
      const onOutput = (command: string, piece: Buffer): void =>
        void written.push(`${command}: ${String(piece)}`);
      const merge = { lent: group.lent, plan, onProgress, onOutput };
      return runMerge({ ...usual, ...changes }, merge, never);
    },
    left: () => readdir(dirname(group.temporary)),
  };
}
