// The commands that take a job file: init, check, run, submit; and bench, which makes its own.

import { Option, type Command } from "commander";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import type { PayloadSpec } from "../../shared/core/job-spec.js";
import { slotsMax } from "../../shared/io/known-settings.js";
import { durationArgument, requestId, wholeNumber, workdirOption } from "../io/arguments.js";
import * as help from "../io/help.js";
import { withOutput, type OutputForm } from "../io/output-form.js";
import { bench } from "./bench.js";
import { check } from "./check.js";
import { init } from "./init.js";
import { run } from "./run.js";
import { submit } from "./submit.js";
import type { CommandWorld } from "./world.js";

export function addJobFileCommands(noctua: Command, world: CommandWorld): void {
  addInit(noctua, world);
  addCheck(noctua, world);
  addRun(noctua, world);
  addSubmit(noctua, world);
  addBench(noctua, world);
}

function addInit(noctua: Command, { terminal, env, execPath, perform }: CommandWorld): void {
  noctua
    .command("init")
    .description("write a job file to begin with, which runs as it stands")
    .argument("[file]", "where", "job.yaml")
    .addOption(
      new Option("--kind <kind>", "of its payload: exec or stream")
        .choices(["exec", "stream"])
        .default("exec"),
    )
    .addHelpText("after", help.init)
    .action((file: string, { kind }: { kind: PayloadSpec["kind"] }) =>
      perform(() => init({ file, kind, path: env["PATH"], execPath }, terminal)),
    );
}

function addCheck(noctua: Command, { terminal, env, perform }: CommandWorld): void {
  withOutput(noctua.command("check"))
    .description("tell what is wrong with a job file, or what it would run")
    .argument("<job file>", "YAML or JSON")
    .addHelpText("after", help.check)
    .action((jobFile: string, { output }: { output: OutputForm }) =>
      perform((signal) => check({ jobFile, output, env }, terminal, signal)),
    );
}

interface RunGiven {
  readonly workdir?: string;
  readonly config?: string;
  readonly slots?: number;
  readonly mergers: number;
  readonly output: OutputForm;
}

function addRun(noctua: Command, { terminal, env, serviceCommand, perform }: CommandWorld): void {
  withOutput(noctua.command("run"))
    .description("run a job on this machine, from start to report; again, to go on with it")
    .argument("<job file>", "YAML or JSON")
    .option("--workdir <folder>", "where the run lives (default: noctua-<job name>)")
    .option("--slots <number>", "cores to keep busy (default: as for an actor)", wholeNumber(1, slotsMax))
    .option("--mergers <number>", "merging processes", wholeNumber(1, 64), 1)
    .addHelpText("after", help.run)
    .action((jobFile: string, given: RunGiven) =>
      perform((signal) => {
        const { workdir, config, slots, mergers, output } = given;
        const options = { jobFile, workdir, config, slots, mergers, output, serviceCommand, env };
        return run(options, terminal, signal);
      }),
    );
}

interface SubmitGiven {
  readonly workdir: string;
  readonly requestId?: string;
  readonly wait: boolean;
  readonly output: OutputForm;
}

function addSubmit(noctua: Command, { terminal, env, perform }: CommandWorld): void {
  withOutput(noctua.command("submit"))
    .description("hand a job to a driver that runs")
    .argument("<job file>", "YAML or JSON")
    .addOption(workdirOption())
    .option("--request-id <id>", "asking twice with one id is asking once", requestId)
    .option("--wait", "show the progress, and end when the job is over", false)
    .addHelpText("after", help.submit)
    .action((jobFile: string, given: SubmitGiven) =>
      perform((signal) => {
        const { wait, requestId: id, output } = given;
        const options = { jobFile, workdir: resolve(given.workdir), requestId: id, wait, output, env };
        return submit(options, terminal, signal);
      }),
    );
}

interface BenchGiven {
  readonly folder: string;
  readonly slots: number;
  readonly eventTime: number;
  readonly time: number;
  readonly output: OutputForm;
}

function addBench(noctua: Command, world: CommandWorld): void {
  withOutput(noctua.command("bench"))
    .description("measure how fast events are run here, and stored on this disk")
    .option("--folder <folder>", "where: its disk is measured too", ".")
    .option(
      "--slots <number>",
      "events processed at a time",
      wholeNumber(1, slotsMax),
      availableParallelism(),
    )
    .addOption(durationOption("--event-time <duration>", "of an event", 10, "10ms"))
    .addOption(durationOption("--time <duration>", "that each measurement takes, about", 5_000, "5s"))
    .addHelpText("after", help.bench)
    .action(({ folder, slots, eventTime, time, output }: BenchGiven) =>
      world.perform((signal) => {
        const options = { folder: resolve(folder), slots, eventMs: eventTime, timeMs: time, output };
        return bench(options, world, signal);
      }),
    );
}

function durationOption(flags: string, description: string, ms: number, shown: string): Option {
  return new Option(flags, description).argParser(durationArgument).default(ms, shown);
}
