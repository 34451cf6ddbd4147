// Do the outputs that stay as they are, since nothing is merged or their merge was given up, lie where they should, as they should?
// It goes line by line through `outputs.jsonl`: a job may have more of them than fit into memory.
//
//   K1. The list has each range whose output stays once, in order, under the name that follows from the inputs and its grant.
//   K2. Each file has the size and checksum that its actor took before it told anybody of it.
//   K3. Nothing else lies in the folder.

import { rangeLayout, type RangeLayout } from "../../shared/core/event-range.js";
import type { JobNumber } from "../../shared/core/id.js";
import { grantNumber } from "../../shared/core/id.js";
import { fateOfOutputs } from "../../shared/core/job-spec.js";
import { outputNamed, outputPath } from "../../shared/core/names.js";
import type { OutputLine } from "../../shared/core/report.js";
import { eachRange, noSpans, type Spans } from "../../shared/core/spans.js";
import { fileProblem, type Check, type FoundFile } from "./audit-file.js";
import { soundSpans } from "./coverage.js";
import type { JobReport } from "./report.js";

/** Problems that are kept; the rest is counted. */
const problemsMax = 1_000;

export class OutputsAudit {
  readonly #job: JobNumber;
  readonly #report: JobReport;
  readonly #layout: RangeLayout;
  /** Ranges whose outputs stay, in order. */
  readonly #expected: Iterator<number>;
  #next: number | undefined;
  /** What lies in the folder that was entered last, and no line has named. */
  #unnamed = new Set<string>();
  readonly #problems: string[] = [];
  #problemsLeftOut = 0;
  #lines = 0;
  #bytes = 0;

  constructor(job: JobNumber, report: JobReport) {
    this.#job = job;
    this.#report = report;
    this.#layout = rangeLayout(report.spec);
    this.#expected = eachRange(rangesKept(report, this.#layout.ranges));
    this.#next = this.#advance();
  }

  /** What lies in a folder of which the next lines may name some. Lines are in the order of folders, so one is looked at at a time. */
  enter(inFolder: readonly string[]): void {
    for (const path of this.#unnamed)
      this.#add(
        path.endsWith(".tmp")
          ? `${path}: a temporary file was left behind`
          : `${path}: the report does not keep it`,
      ); // (K3)
    this.#unnamed = new Set(inFolder);
  }

  /** The file of the next line, relative to the workdir; undefined when it is not to be opened: the list is not trusted. */
  pathOf({ range, path }: OutputLine): string | undefined {
    this.#lines += 1;
    for (; this.#next !== undefined && this.#next < range; this.#next = this.#advance())
      this.#add(`range ${this.#next}: its output stays, and outputs.jsonl does not name it`); // (K1)
    if (this.#next !== range) {
      this.#add(
        `outputs.jsonl, line ${this.#lines}: range ${range} is named twice, or its output does not stay`,
      );
      return undefined;
    }
    this.#next = this.#advance();
    const grant = outputNamed(path.slice(path.lastIndexOf("/") + 1))?.grant ?? 0;
    const output = {
      job: this.#job,
      range,
      grant: grantNumber(Math.max(1, grant)),
      events: this.#layout.locate(range),
    };
    const expected = outputPath(output, this.#report.spec.outputSuffix);
    if (path === expected) return path;
    this.#add(`outputs.jsonl, line ${this.#lines}: expected ${expected}, found ${path}`); // (K1)
    return undefined;
  }

  /** What was found at the path of a line. */
  note(line: OutputLine, found: FoundFile): void {
    this.#unnamed.delete(line.path);
    this.#bytes += line.sizeBytes;
    const problem = fileProblem(line, found);
    if (problem !== undefined) this.#add(`${line.path}: ${problem}`); // (K2)
  }

  /** All lines were told. */
  end(): Check {
    for (; this.#next !== undefined; this.#next = this.#advance())
      this.#add(`range ${this.#next}: its output stays, and outputs.jsonl does not name it`);
    this.enter([]);
    const { outputs } = this.#report.lists;
    if (outputs !== this.#lines)
      this.#add(`outputs.jsonl has ${this.#lines} lines, the report says ${outputs}`);
    const leftOut = this.#problemsLeftOut;
    const problems = leftOut === 0 ? this.#problems : [...this.#problems, `and ${leftOut} more`];
    const isResult = fateOfOutputs(this.#report.spec) === "kept";
    const whose = isResult ? "outputs that are done" : "outputs of the groups that could not be merged";
    const kept = `holds the ${this.#lines} ${whose}, with the size and adler32 reported, ${this.#bytes} bytes`;
    return { name: "outputs folder", summary: this.#lines === 0 ? "is empty" : kept, problems };
  }

  #advance(): number | undefined {
    const next = this.#expected.next();
    return next.done === true ? undefined : next.value;
  }

  #add(problem: string): void {
    if (this.#problems.length < problemsMax) this.#problems.push(problem);
    else this.#problemsLeftOut += 1;
  }
}

/** Ranges whose outputs stay; none where what is said of them is not sound, as the check of the ranges says. */
export function rangesKept(
  { spec, done, keptGroups }: Pick<JobReport, "spec" | "done" | "keptGroups">,
  total: number,
): Spans {
  const kept = keptGroups.flatMap(({ spans }) => spans);
  const pairs = fateOfOutputs(spec) === "kept" ? [...done.spans, ...kept] : kept;
  const sorted = [...pairs].sort(([one], [other]) => one - other);
  return soundSpans(sorted, total) ?? noSpans;
}
