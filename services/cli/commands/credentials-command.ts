// The command credentials.

import { InvalidArgumentError, Option, type Command } from "commander";
import { resolve } from "node:path";
import { durationArgument, workdirOption } from "../io/arguments.js";
import * as help from "../io/help.js";
import { lentRoles, makeCredentials, type CredentialsOptions } from "./credentials.js";
import type { CommandWorld } from "./world.js";

interface Given {
  readonly workdir: string;
  readonly role: CredentialsOptions["role"];
  readonly name?: string;
  readonly valid: number;
}

export function addCredentialsCommand(noctua: Command, { terminal, perform }: CommandWorld): void {
  noctua
    .command("credentials")
    .description("make a credential for another service or user")
    .argument("<folder>", "a new one, to give away")
    .addOption(workdirOption())
    .addOption(
      new Option("--role <role>", "what it may do: be a reader, writer, actor or merger")
        .choices(lentRoles)
        .default("reader"),
    )
    .option("--name <name>", "the one name that an actor or merger may take")
    .addOption(
      new Option("--valid <duration>", "from now, such as 8h or 14d")
        .argParser(validityArgument)
        .default(7 * 86_400_000, "7d"),
    )
    .addHelpText("after", help.credentials)
    .action((folder: string, { workdir, role, name, valid }: Given) =>
      perform(() =>
        makeCredentials({ workdir: resolve(workdir), folder, role, name, validMs: valid }, terminal),
      ),
    );
}

/** One that has ended when it is given away would be of no use. */
function validityArgument(text: string): number {
  const ms = durationArgument(text);
  if (ms >= 1_000) return ms;
  throw new InvalidArgumentError("Expected at least 1s.");
}
