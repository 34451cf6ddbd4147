// What the driver does with files (services/driver/io/file-work.ts), on the simulated shared file system: each step takes
// its time, so that a crash finds the work half done.

import type { Command } from "../../services/driver/core/command.js";
import type { FileEffect } from "../../services/driver/core/effect.js";
import type { MergeGrant } from "../../services/driver/core/fact.js";
import { jobViewOf, type FarmView } from "../../services/driver/core/farm.js";
import type { JobView } from "../../services/driver/core/job.js";
import { jobReport, keptRanges } from "../../services/driver/core/report.js";
import { present, unreachable } from "../../services/shared/core/assert.js";
import type { JobNumber } from "../../services/shared/core/id.js";
import {
  mergedFolder,
  mergedPath,
  outputPath,
  outputsFolder,
  temporaryMergedPath,
} from "../../services/shared/core/names.js";
import { eachRange } from "../../services/shared/core/spans.js";
import type { Dice } from "./dice.js";
import type { SharedFiles } from "./shared-files.js";
import { sizeOf } from "./sim-file.js";
import type { Sight } from "./sighting.js";
import type { Lifetime, Timeline } from "./timeline.js";

interface FilesWorld {
  readonly timeline: Timeline;
  readonly files: SharedFiles;
  readonly sight: Sight;
  readonly complain: (promise: string, flaw: string) => void;
}

interface Engine {
  readonly read: <Answer>(question: (farm: FarmView) => Answer, tell: (answer: Answer) => void) => void;
  readonly post: (command: Command) => void;
}

/** One step with a file. */
const stepMs = [0, 50] as const;

export class DriverFiles {
  readonly #world: FilesWorld;
  readonly #dice: Dice;
  readonly #lifetime: Lifetime;
  readonly #engine: Engine;

  constructor(world: FilesWorld, dice: Dice, lifetime: Lifetime, engine: Engine) {
    this.#world = world;
    this.#dice = dice;
    this.#lifetime = lifetime;
    this.#engine = engine;
  }

  start(effect: FileEffect): void {
    switch (effect.kind) {
      case "publish-merge":
        this.#publish(effect.merge);
        break;
      case "remove-inputs":
        this.#removeInputs(effect.merge);
        break;
      case "report-job":
        this.#report(effect.job);
        break;
      default:
        unreachable(effect);
    }
  }

  #publish({ job, group, grant }: MergeGrant): void {
    const { files } = this.#world;
    this.#engine.read(
      (farm) => {
        const view = jobViewOf(farm, job);
        const stage = present(view.groups.get(group), "merge group").stage;
        return { spec: view.spec, file: "file" in stage ? stage.file : undefined };
      },
      ({ spec, file }) => {
        const temporary = temporaryMergedPath(job, group, grant);
        const final = mergedPath(job, group, spec);
        const rename = (): void => {
          const there = files.read(final);
          if (files.read(temporary) !== undefined) files.rename(temporary, final);
          else if (there === undefined || sizeOf(there) !== file?.sizeBytes) {
            this.#world.complain("P3", `${temporary} was accepted and is neither there nor published`);
          }
        };
        const merge = { job, group };
        this.#steps([rename, () => this.#engine.post({ kind: "confirm-published", merge })]);
      },
    );
  }

  #removeInputs(merge: Omit<MergeGrant, "grant">): void {
    this.#engine.read(
      (farm) => {
        const job = jobViewOf(farm, merge.job);
        return pathsOf(job, eachRange(present(job.groups.get(merge.group), "merge group").spans));
      },
      (paths) => {
        this.#steps([
          ...this.#removals(paths),
          () => this.#engine.post({ kind: "confirm-inputs-removed", merge }),
        ]);
      },
    );
  }

  #report(number: JobNumber): void {
    const { files, sight } = this.#world;
    this.#engine.read(
      (farm) => {
        const job = jobViewOf(farm, number);
        return { report: jobReport(farm, job), kept: new Set(pathsOf(job, keptRanges(job))) };
      },
      ({ report, kept }) => {
        const outputs = files.list(outputsFolder(number)).filter((path) => !kept.has(path));
        const temporaries = files.list(mergedFolder(number)).filter((path) => path.endsWith(".tmp"));
        this.#steps([
          () => sight({ kind: "report-written", job: number, report }),
          ...this.#removals([...outputs, ...temporaries]),
          () => this.#engine.post({ kind: "confirm-reported", job: number }),
        ]);
      },
    );
  }

  #removals(paths: readonly string[]): (() => void)[] {
    return paths.map((path) => () => this.#world.files.remove(path, "driver"));
  }

  /** One after the other. */
  #steps(steps: readonly (() => void)[]): void {
    const [first, ...rest] = steps;
    if (first === undefined) return;
    this.#world.timeline.after(this.#dice.between(stepMs), this.#lifetime, () => {
      first();
      this.#steps(rest);
    });
  }
}

/** Outputs of ranges that are done or merged. */
function pathsOf(job: JobView, ranges: Iterable<number>): string[] {
  return [...ranges].map((range) => {
    const grant = present(job.table.winnerOf(range), "winner of the range");
    return outputPath(
      { job: job.number, range, grant, events: job.layout.locate(range) },
      job.spec.outputSuffix,
    );
  });
}
