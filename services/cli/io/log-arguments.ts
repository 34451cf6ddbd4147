// What `noctua logs` takes.

import type { Command } from "commander";
import { jobOrLast, wholeNumber, workdirOption } from "./arguments.js";
import * as help from "./help-look.js";
import { withOutput, type OutputForm } from "./output-form.js";

export interface LogArguments {
  readonly workdir: string;
  readonly event?: string;
  readonly merge?: number | true;
  readonly node?: string;
  readonly lines?: number;
  readonly follow: boolean;
  readonly raw: boolean;
  readonly output: OutputForm;
}

/** The command, which does nothing yet. */
export function logsCommand(noctua: Command): Command {
  return withOutput(noctua.command("logs"))
    .description(
      "show what the payloads and merge commands of a job wrote: of its failures, of one range or one merge group",
    )
    .argument("<job>", "number of a job, or last", jobOrLast)
    .argument("[range]", "number of one of its ranges, from 0", wholeNumber(0, 0xffff_ffff))
    .option("--event <file:number>", "the range that has this event of that input file")
    .option(
      "--merge [group]",
      "what commands of merges wrote: of all that failed, or of one group",
      wholeNumber(1, 0xffff_ffff),
    )
    .option("--node <name>", "what was written on one node, by its name or by that of its actor or merger")
    .option(
      "--lines <number>",
      "of each part the last so many (default: 20, of a range all)",
      wholeNumber(1, 1_000_000),
    )
    .option("--follow", "go on until the job is over", false)
    .option("--raw", "as it was written, colours and all; whose it is goes to stderr", false)
    .addOption(workdirOption())
    .addHelpText("after", help.logs);
}
