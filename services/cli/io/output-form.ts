// In which form a command prints its answer: for people, or for programs.

import { Option, type Command } from "commander";
import { harmlessJson } from "../../shared/core/harmless.js";
import type { Terminal } from "./terminal.js";

export type OutputForm = "text" | "json" | "jsonl";

/** Gives a command `--output`, and `--json` for short. */
export function withOutput(command: Command): Command {
  return command
    .addOption(
      new Option("--output <form>", "text, json, or jsonl: one object a line")
        .choices(["text", "json", "jsonl"])
        .default("text"),
    )
    .addOption(new Option("--json", "the same as --output json").implies({ output: "json" }));
}

/** Prints an answer for programs. */
export function printJson(terminal: Terminal, form: Exclude<OutputForm, "text">, answer: object): void {
  terminal.print(
    harmlessJson(form === "json" ? JSON.stringify(answer, undefined, 2) : JSON.stringify(answer)),
  );
}
