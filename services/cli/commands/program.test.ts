import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { present } from "../../shared/core/assert.js";
import { knownNames } from "../io/job-schema.js";
import { noctuaProgram } from "./program.js";
import { capturedTerminal } from "./testing.js";

/** As a terminal of eighty columns shows it. */
function helpOf(command: Command): string {
  let text = "";
  const writeOut = (part: string): void => void (text += part);
  command.configureOutput({ writeOut, getOutHelpWidth: () => 80, getOutHasColors: () => false }).outputHelp();
  return text;
}

const { terminal } = capturedTerminal();
const noctua = noctuaProgram({
  terminal,
  stdout: { write: () => true },
  stdin: process.stdin,
  env: {},
  execPath: "node",
  serviceCommand: (service) => ["noctua", service],
  perform: () => Promise.resolve(),
});
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

  it.each(taught.map((command) => [command.name(), command] as const))(
    "teaches %s with examples",
    (name, command) => {
      expect(helpOf(command)).toMatch(new RegExp(`Examples?:\n  .*noctua ${name}\\b`));
    },
  );

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
