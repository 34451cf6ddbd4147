// noctua logs: what the payloads and merge commands of a job wrote, read from the workdir alone. Asks no driver.

import type { JobNumber } from "../../shared/core/id.js";
import { counted } from "../../shared/core/counted.js";
import { askedFor, isOfMany, type LogQuestion } from "../core/log-question.js";
import { CliError, exitCodes, type ExitCode } from "../io/cli-error.js";
import { actorsWithLogs, findLogs, logsFolder, type FoundLog } from "../io/log-folders.js";
import { JsonPaper } from "../io/log-answer.js";
import { TextPaper, type LogPaper } from "../io/log-paper.js";
import { LogPrinter } from "../io/log-printer.js";
import { searchLogs, type FoundSections } from "../io/log-search.js";
import type { OutputForm } from "../io/output-form.js";
import { chosenFolder } from "../io/select-jobs.js";
import type { Terminal } from "../io/terminal.js";
import { followLogs } from "./follow-logs.js";

export interface LogsOptions {
  readonly workdir: string;
  readonly question: LogQuestion;
  /** Of this node or actor alone; of all when undefined. */
  readonly node: string | undefined;
  /** Of each part, the last so many lines. Default: 20 of a job as a whole or all its merges, all of a range or a merge group. */
  readonly linesMax: number | undefined;
  /** As the programs wrote it. */
  readonly raw: boolean;
  /** Go on until the job is over. */
  readonly follow: boolean;
  readonly output: OutputForm;
}

const linesOfJob = 20;
/** Of a job as a whole, so many logs are looked through: those that were written last. */
const logsOfJobMax = 1_000;
const namesShown = 5;

export async function showLogs(
  options: LogsOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ExitCode> {
  const { workdir, question, node } = options;
  const paper = paperFor(options, terminal);
  const { job } = question;
  await chosenFolder(workdir, job);
  const isOfJob = isOfMany(question);
  const linesMax = options.linesMax ?? (isOfJob ? linesOfJob : undefined);
  const printer = new LogPrinter({ question, linesMax }, paper);
  const actors = await actorsWithLogs(workdir, job);
  const found = await findLogs(workdir, { job, actors: actorsNamed(actors, node) }, signal);
  const looked = isOfJob ? found.slice(0, logsOfJobMax) : found;
  const { readers, ...sections } = await searchLogs(looked, { question, node }, signal);
  for (const section of sections.sections) await printer.printSection(section, signal);
  for (const line of notes({ options, actors, found, looked, sections })) terminal.note(line);
  if (options.follow) {
    const known = new Set(found.map(({ key }) => key));
    await followLogs({ ...options, readers, known }, { printer, terminal }, signal);
  }
  if (paper instanceof JsonPaper) paper.end();
  return exitCodes.ok;
}

function paperFor({ output, raw, follow }: LogsOptions, terminal: Terminal): LogPaper {
  if (output === "text") return new TextPaper(terminal, raw);
  const flaw = raw ? "--raw" : follow && output === "json" ? "--follow" : undefined;
  if (flaw === undefined) return new JsonPaper(terminal, output);
  const instead = raw ? "with --output text" : "with --output jsonl, since nobody knows when it ends";
  throw new CliError(exitCodes.usage, `expected ${flaw} ${instead}, found --output ${output}`);
}

/** A node may go by another name than its actor: then its lines are told by what they say of it. */
function actorsNamed(actors: readonly string[], node: string | undefined): readonly string[] {
  return node !== undefined && actors.includes(node) ? [node] : actors;
}

interface Outcome {
  readonly options: LogsOptions;
  readonly actors: readonly string[];
  readonly found: readonly FoundLog[];
  readonly looked: readonly FoundLog[];
  readonly sections: Omit<FoundSections, "readers">;
}

/** What is not shown, and why it may be missing. */
function notes({ options, actors, found, looked, sections }: Outcome): readonly string[] {
  const { workdir, question, node } = options;
  const { leftOut, rotatedAway } = sections;
  const lines: string[] = [];
  if (looked.length < found.length) {
    lines.push(`(of ${found.length} logs, the ${looked.length} that were written last were looked through)`);
  }
  if (leftOut > 0)
    lines.push(
      `(${counted(leftOut, "earlier part")} not shown: name a range, or a group with --merge, to see its own)`,
    );
  if (sections.sections.length > 0) return lines;
  if (found.length === 0) return [...lines, nothingLogged(workdir, question.job)];
  const place = node === undefined ? "" : ` of ${node}`;
  const what = `nothing${place} about ${askedFor(question)} is in the ${counted(looked.length, "log")} in ${logsFolder(workdir, question.job)}`;
  const reasons = [
    "it wrote nothing and did not fail",
    "it has not run yet",
    ...(node === undefined ? [] : [`it ran elsewhere (there are logs of ${listed(actors)})`]),
    ...(rotatedAway === 0 ? [] : [`it was in ${counted(rotatedAway, "log")} rotated away`]),
  ];
  lines.push(`${what}: ${reasons.join(", or ")}`);
  return [...lines, adviceOn(question, workdir)];
}

function nothingLogged(workdir: string, job: JobNumber): string {
  return `no payload or merge of job ${job} has written anything or failed: there are no logs in ${logsFolder(workdir, job)}`;
}

function adviceOn(question: LogQuestion, workdir: string): string {
  const range = question.kind === "range" ? ` ${question.range}` : "";
  const event = question.kind === "event" ? ` --event ${question.path}:${question.event}` : "";
  return `=> noctua explain ${question.job}${range}${event} --workdir ${workdir} tells how it stands`;
}

function listed(names: readonly string[]): string {
  const rest = names.length - namesShown;
  return `${names.slice(0, namesShown).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}
