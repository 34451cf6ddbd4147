// The shapes of commands, as commander knows them; and of services, as their own --help tells.

import { execFile } from "node:child_process";
import type { Argument, Command, Option } from "commander";
import type { CommandShape, Completed, OptionShape } from "../core/command-shape.js";

const helpFlag: OptionShape = { flag: "--help", description: "teach this command", value: undefined };
/** How long a service may take to tell. */
const helpMsMax = 20_000;

/** `names`: of all commands, for `help`. */
export function shapeOf(command: Command, names: readonly string[]): CommandShape {
  const taken = command.registeredArguments.map(completedBy);
  const known = taken.find(({ kind }) => kind !== "anything") ?? { kind: "anything" };
  return {
    name: command.name(),
    description: command.description(),
    options: [...command.options.filter(({ long }) => long !== undefined).map(optionOf), helpFlag],
    takes: command.name() === "help" ? { kind: "words", words: names } : known,
  };
}

function optionOf({ long, description, argChoices, flags, required }: Option): OptionShape {
  const value = argChoices ?? valueNamed(/<(.*)>/.exec(flags)?.[1] ?? "");
  return { flag: long ?? "", description, value: required ? asCompleted(value) : undefined };
}

function completedBy(argument: Argument): Completed {
  return asCompleted(argument.argChoices ?? valueNamed(argument.name()));
}

function asCompleted(value: Completed | readonly string[]): Completed {
  return "kind" in value ? value : { kind: "words", words: value };
}

/** By what it is called in the help. */
function valueNamed(name: string): Completed {
  if (name === "folder") return { kind: "folders" };
  if (/^(job )?files?$/.test(name)) return { kind: "files" };
  if (/^jobs?$/.test(name)) return { kind: "words", words: name === "jobs" ? ["last", "all"] : ["last"] };
  return { kind: "anything" };
}

/** Its options are those that its help lists; none when it can't be asked. */
export async function serviceShape(
  { name, description }: Pick<CommandShape, "name" | "description">,
  command: readonly string[],
): Promise<CommandShape> {
  const lines = [
    ...(await helpOf(command)).matchAll(/^ {2}(?:-\w, )?(--[\w-]+)(?: <([^>]+)>)?(?: +(.*))?$/gm),
  ];
  const options = lines.map(([, flag = "", value, text = ""]) => {
    return { flag, description: text, value: value === undefined ? undefined : valueNamed(value) };
  });
  return { name, description, options, takes: { kind: "anything" } };
}

function helpOf([program = "", ...args]: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    const options = { timeout: helpMsMax };
    execFile(program, [...args, "--help"], options, (_error, stdout) => resolve(stdout));
  });
}
