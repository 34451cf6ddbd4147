// The commands about nodes: nodes, drain, undrain; and top, about all there is.

import { InvalidArgumentError, Option, type Command } from "commander";
import { resolve } from "node:path";
import { durationArgument, requestId, workdirOption } from "../io/arguments.js";
import * as help from "../io/help.js";
import { withOutput, type OutputForm } from "../io/output-form.js";
import { controlNodes, showNodes } from "./nodes.js";
import { top } from "./top.js";
import type { CommandWorld } from "./world.js";

interface Given {
  readonly workdir: string;
  readonly output: OutputForm;
  readonly requestId?: string;
}

interface DrainGiven extends Given {
  readonly reason: string;
  readonly wait: boolean;
  readonly timeout?: number;
}

interface TopGiven extends Given {
  readonly interval: number;
}

function addTop(noctua: Command, { terminal, stdout, stdin, env, perform }: CommandWorld): void {
  withOutput(noctua.command("top"))
    .description("show the jobs and nodes of a run, live")
    .addOption(workdirOption())
    .addOption(intervalOption())
    .addHelpText("after", help.top)
    .action(({ workdir, interval, output }: TopGiven) =>
      perform((signal) => {
        const inColour = (env["NO_COLOR"] ?? "") === "";
        const options = { workdir: resolve(workdir), intervalMs: interval, output, inColour };
        return top(options, { terminal, stdout, stdin }, signal);
      }),
    );
}

function intervalOption(): Option {
  return new Option("--interval <duration>", "between two looks, 200ms at least")
    .argParser(intervalArgument)
    .default(2_000, "2s");
}

function intervalArgument(text: string): number {
  const ms = durationArgument(text);
  if (ms >= 200) return ms;
  throw new InvalidArgumentError("Expected 200ms at least.");
}

export function addNodeCommands(noctua: Command, world: CommandWorld): void {
  const { terminal, perform } = world;
  addTop(noctua, world);
  withOutput(noctua.command("nodes"))
    .description("list the nodes of a run, a line each")
    .addOption(workdirOption())
    .addHelpText("after", help.nodes)
    .action(({ workdir, output }: Given) =>
      perform((signal) => showNodes({ workdir: resolve(workdir), output }, terminal, signal)),
    );
  withOutput(noctua.command("drain"))
    .description("give nodes nothing more; what runs there is finished and merged")
    .argument("<nodes...>", "names of nodes")
    .addOption(workdirOption())
    .option("--reason <text>", "why, for those who look", "")
    .option("--wait", "until they are drained", false)
    .option("--timeout <duration>", "wait at most so long, such as 90s or 1h30m", durationArgument)
    .option("--request-id <id>", "asking twice with one id is asking once", requestId)
    .addHelpText("after", help.drain)
    .action((nodes: readonly string[], given: DrainGiven) =>
      perform((signal) => {
        const { output, reason, requestId: id, timeout } = given;
        const wait = given.wait || timeout !== undefined ? { timeoutMs: timeout } : undefined;
        const options = { workdir: resolve(given.workdir), nodes, output, reason, requestId: id, wait };
        return controlNodes({ ...options, control: "drain" }, terminal, signal);
      }),
    );
  withOutput(noctua.command("undrain"))
    .description("give drained nodes work again")
    .argument("<nodes...>", "names of nodes")
    .addOption(workdirOption())
    .option("--request-id <id>", "asking twice with one id is asking once", requestId)
    .addHelpText("after", help.undrain)
    .action((nodes: readonly string[], given: Given) =>
      perform((signal) => {
        const { output, requestId: id } = given;
        const options = { workdir: resolve(given.workdir), nodes, output, requestId: id };
        return controlNodes(
          { ...options, control: "undrain", reason: "", wait: undefined },
          terminal,
          signal,
        );
      }),
    );
}
