// noctua completion: has a shell complete what is typed.

import { Argument, type Command } from "commander";
import { completionScript, shells, type Shell } from "../core/completion.js";
import { exitCodes } from "../io/cli-error.js";
import { serviceShape, shapeOf } from "../io/command-shapes.js";
import * as help from "../io/help.js";
import { isServiceName } from "../io/load-service.js";
import type { CommandWorld } from "./world.js";

export function addCompletion(noctua: Command, { terminal, serviceCommand, perform }: CommandWorld): void {
  noctua
    .command("completion")
    .description("print a script that has a shell complete what is typed")
    .addArgument(new Argument("<shell>", "bash, zsh or fish").choices(shells))
    .addHelpText("after", help.completion)
    .action((shell: Shell) =>
      perform(async () => {
        const commands = noctua.createHelp().visibleCommands(noctua);
        const names = commands.map((command) => command.name());
        const shapes = commands.map((command) => {
          const [name, description] = [command.name(), command.description()];
          return isServiceName(name)
            ? serviceShape({ name, description }, serviceCommand(name))
            : Promise.resolve(shapeOf(command, names));
        });
        terminal.print(completionScript(shell, await Promise.all(shapes)).trimEnd());
        return exitCodes.ok;
      }),
    );
}
