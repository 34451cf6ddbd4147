import { expect, test } from "vitest";
import { noctuaVersion } from "../core/version.js";
import type { ArgumentReader } from "./argument-reader.js";
import {
  ConfigError,
  labelOption,
  readArguments,
  valueOption,
  type ServiceHelp,
} from "./service-arguments.js";

const help: ServiceHelp = {
  service: "owl",
  description: "Look around.",
  options: [
    valueOption("--name <name>", "name of the owl", "athene"),
    valueOption("--slots <number>", "mice at a time", "1"),
    valueOption("--grace <duration>", "what a mouse gets", "30s"),
    labelOption(),
  ],
  example: "--workdir /barn",
};

/** All of the reader's questions. */
function everything(read: ArgumentReader) {
  return {
    workdir: read.folder("--workdir"),
    name: read.name(),
    slots: read.wholeNumber("--slots", [1, 8]),
    graceMs: read.durationMs("--grace", [1_000, 60_000]),
    labels: read.labels(),
    logLevel: read.logLevel(),
  };
}

const configOf = (...args: string[]): ReturnType<typeof everything> =>
  readArguments(help, ["--workdir", "/barn/", ...args], everything);

function refusalOf(...args: string[]): ConfigError {
  try {
    readArguments(help, args, everything);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error("expected a refusal");
}

test("what is not said has a default, and what comes out is frozen", () => {
  const config = configOf();
  expect(config).toEqual({
    workdir: "/barn",
    name: "athene",
    slots: 1,
    graceMs: 30_000,
    labels: {},
    logLevel: "info",
  });
  expect(Object.isFrozen(config)).toBe(true);
});

test("everything can be said, and labels again and again", () => {
  const args = "--name n.1 --slots 8 --grace 1m --label disk=fast --label rack=7=8 --log-level debug";
  expect(configOf(...args.split(" "))).toMatchObject({
    name: "n.1",
    slots: 8,
    graceMs: 60_000,
    labels: { disk: "fast", rack: "7=8" },
    logLevel: "debug",
  });
});

test("all mistakes come in one message, with what was expected and what was found", () => {
  const args = "--sluts 2 --name ../x --slots 0 --label fast --grace 2h --log-level loud";
  const { message, exitCode } = refusalOf(...args.split(" "));
  expect(exitCode).toBe(64);
  expect(message.split("\n")).toEqual([
    "unknown option '--sluts' (Did you mean --slots?)",
    "--workdir: expected a folder, found none",
    '--name: expected 1 to 128 letters, digits, ".", "_" or "-", the first no "." or "-", found "../x"',
    '--slots: expected a whole number from 1 to 8, found "0"',
    '--grace: expected a time such as 90s or 1h30m, from 1s to 1m, found "2h"',
    '--label: expected key=value, found "fast"',
    '--log-level: expected one of debug, info, warn, error, found "loud"',
  ]);
});

test("an option without its value comes alone", () => {
  expect(refusalOf("--slots", "0", "--name").message).toBe("option '--name <name>' argument missing");
});

test.each([
  ["a stray word", ["--workdir", "/barn", "mouse"], /too many arguments/],
  ["a number that is none", ["--workdir", "/barn", "--slots", "1e1"], /--slots: .* found "1e1"/],
  ["a path of two lines", ["--workdir", "/barn\n/shed"], /--workdir: .* found "\/barn\\n\/shed"/],
  [
    "too many labels",
    Array.from({ length: 17 }, () => ["--label", "a=b"]).flat(),
    /at most 16 labels, found 17/,
  ],
])("%s is a mistake", (_what, args, message) => {
  expect(refusalOf(...args)).toMatchObject({ message: expect.stringMatching(message), exitCode: 64 });
});

test("help and version are no mistakes, whatever else is said", () => {
  expect(refusalOf("--slots", "0", "--version")).toMatchObject({ message: noctuaVersion, exitCode: 0 });
  const { message, exitCode } = refusalOf("--help");
  expect(exitCode).toBe(0);
  expect(message).toMatch(/^Usage: noctua owl \[options\]\n\nLook around\.\n/);
  expect(message).toMatch(/--grace <duration> +what a mouse gets \(default: 30s\)\n/);
  expect(message).toMatch(/\nExample:\n {2}noctua owl --workdir \/barn$/);
});
