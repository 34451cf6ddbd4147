// All commands, as a tree.

import { Command } from "commander";
import { noctuaVersion } from "../../shared/core/version.js";
import * as help from "../io/help.js";
import { helpForm } from "../io/help-form.js";
import { usageMistake } from "../../shared/io/usage-mistake.js";
import { addCompletion } from "./completion.js";
import { readSettingsFirst } from "./command-settings.js";
import { addConfig } from "./config.js";
import { addCredentialsCommand } from "./credentials-command.js";
import { addJobCommands } from "./job-commands.js";
import { addJobFileCommands } from "./job-file-commands.js";
import { addLookCommands } from "./look-commands.js";
import { addNodeCommands } from "./node-commands.js";
import type { CommandWorld } from "./world.js";

export function noctuaProgram(world: CommandWorld): Command {
  const noctua = new Command("noctua");
  noctua
    .version(noctuaVersion)
    .description(help.about)
    .addHelpText("after", help.afterAll)
    .configureOutput({
      outputError: (text, write) => write(`noctua: ${usageMistake(text)}${adviceIn(text, noctua)}\n`),
    })
    .configureHelp(helpForm)
    .exitOverride()
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .showHelpAfterError("(add --help to learn how)")
    .helpCommand("help [command]", "teach a command");
  addJobFileCommands(noctua, world);
  addJobCommands(noctua, world);
  addNodeCommands(noctua, world);
  addLookCommands(noctua, world);
  addConfig(noctua, world);
  addCompletion(noctua, world);
  addCredentialsCommand(noctua, world);
  readSettingsFirst(noctua, world);
  for (const [name, text] of Object.entries(help.services)) {
    // Shown in the list of commands only: main.ts has started a service by then.
    noctua.command(`${name} [options...]`).description(text).helpOption(false).allowUnknownOption();
  }
  return noctua;
}

/** Several jobs are one argument. */
function adviceIn(text: string, noctua: Command): string {
  const [, name] = /too many arguments for '([^']*)'/.exec(text) ?? [];
  const command = noctua.commands.find((one) => one.name() === name);
  const takesJobs = command?.registeredArguments[0]?.name() === "jobs";
  return takesJobs ? ": several jobs are written as one, such as 1,3,5-8, or all" : "";
}
