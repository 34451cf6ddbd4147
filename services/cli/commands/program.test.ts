import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { present } from "../../shared/core/assert.js";
import { knownNames } from "../io/job-schema.js";
import { noctuaProgram } from "./program.js";
import { capturedTerminal } from "./testing.js";
import type { CommandWorld } from "./world.js";

/** As a terminal of eighty columns shows it. */
function helpOf(command: Command): string {
  let text = "";
  const writeOut = (part: string): void => void (text += part);
  command.configureOutput({ writeOut, getOutHelpWidth: () => 80, getOutHasColors: () => false }).outputHelp();
  return text;
}

const { terminal } = capturedTerminal();
const world: CommandWorld = {
  terminal,
  stdout: { write: () => true },
  stdin: process.stdin,
  env: {},
  execPath: "node",
  serviceCommand: (service) => ["noctua", service],
  perform: () => Promise.resolve(),
};
const noctua = noctuaProgram(world);
const services = ["driver", "actor", "merger"];
const taught = noctua.commands.filter((command) => !services.includes(command.name()));

describe("the help", () => {
  it("fits into eighty columns, of every command", () => {
    for (const command of [noctua, ...noctua.commands])
      expect(
        helpOf(command)
          .split("\n")
          .filter((line) => line.length > 80),
        command.name(),
      ).toEqual([]);
  });

  it("lists what a command has of its own first, choices in words, and no default that is nothing", () => {
    const optionsOf = (name: string): string => {
      const command = present(
        noctua.commands.find((one) => one.name() === name),
        name,
      );
      return /Options:\n([^]*?)\n\n/.exec(helpOf(command))?.[1] ?? "";
    };
    expect(optionsOf("drain").split("\n")).toEqual([
      "  --reason <text>       why, for those who look",
      "  --wait                until they are drained",
      "  --timeout <duration>  wait at most so long, such as 90s or 1h30m",
      "  --request-id <id>     asking twice with one id is asking once",
      "  --workdir <folder>    where the run lives, unless NOCTUA_WORKDIR says",
      "  --config <file>       settings file (default: <workdir>/noctua.yaml, if any)",
      "  --output <form>       text, json, or jsonl: one object a line (default: text)",
      "  --json                the same as --output json",
      "  -h, --help            display help for command",
    ]);
    expect(optionsOf("top")).toContain("between two looks, 200ms at least (default: 2s)");
    for (const { name } of taught.map((command) => ({ name: command.name() })))
      expect(optionsOf(name)).not.toMatch(/choices|default: (false|"|\))/);
  });

  it.each(taught.map((command) => [command.name(), command] as const))(
    "teaches %s with examples",
    (name, command) => {
      expect(helpOf(command)).toMatch(new RegExp(`Examples?:\n  .*noctua ${name}\\b`));
    },
  );

  it.each([
    [
      "verify 1 all",
      "verify: expected at most 1 argument, found 2: several jobs are written as one, such as 1,3,5-8, or all",
    ],
    ["top 1", "top: expected no arguments, found 1"],
    ["cancel", "expected <jobs>, found none"],
    ["wat", 'expected a command that is known, found "wat" (did you mean wait?)'],
  ])("is named where a command line is wrong: %s", async (line, said) => {
    let text = "";
    const wrong = noctuaProgram(world);
    wrong.configureOutput({ writeErr: (part) => void (text += part) });
    for (const command of wrong.commands) command.copyInheritedSettings(wrong);
    await expect(wrong.parseAsync(line.split(" "), { from: "user" })).rejects.toThrow();
    expect(text).toBe(`noctua: ${said}\n(add --help to learn how)\n`);
  });

  it("names every field of a job file where jobs are run", () => {
    const text = helpOf(
      present(
        noctua.commands.find((command) => command.name() === "run"),
        "run",
      ),
    );
    for (const field of knownNames([])) expect(text).toMatch(new RegExp(`\\b${field}\\b`));
  });
});
