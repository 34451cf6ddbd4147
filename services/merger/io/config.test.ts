import { hostname } from "node:os";
import { expect, test } from "vitest";
import { ConfigError, readConfig } from "./config.js";

function mistakesOf(...args: string[]): ConfigError {
  try {
    readConfig(args, {});
  } catch (error) {
    if (error instanceof ConfigError) return error;
  }
  throw new Error("expected mistakes");
}

test("what is not said has a default", () => {
  expect(readConfig(["--workdir", "/scratch/run1/"], { PATH: "/bin", TOKEN: "secret" })).toEqual({
    workdir: "/scratch/run1",
    name: `${hostname()}-merger`,
    slots: 1,
    labels: {},
    graceMs: 30_000,
    lookAgainMs: 5_000,
    logLevel: "info",
    commandEnvironment: { PATH: "/bin" },
  });
});

test("everything can be said", () => {
  const args =
    "--workdir w --name m2 --slots 4 --label disk=fast --label rack=7=8 --grace 1m30s --look-again 0s";
  expect(readConfig([...args.split(" "), "--log-level", "debug"], {})).toMatchObject({
    name: "m2",
    slots: 4,
    labels: { disk: "fast", rack: "7=8" },
    graceMs: 90_000,
    lookAgainMs: 0,
    logLevel: "debug",
  });
});

test("all mistakes come in one message", () => {
  const { message, exitCode } = mistakesOf(
    "--name",
    "../x",
    "--slots",
    "0",
    "--label",
    "fast",
    "--grace",
    "soon",
  );
  expect(exitCode).toBe(64);
  expect(message.split("\n")).toEqual([
    "--workdir: expected the folder of the run, found none",
    '--name: expected 1 to 128 letters, digits, ".", "_" or "-", the first no "." or "-", found "../x"',
    '--slots: expected a whole number from 1 to 256, found "0"',
    '--label: expected key=value, the key of at most 63 letters, found "fast"',
    '--grace: expected a time such as 90s or 1h30m, at most 24h, found "soon"',
  ]);
});

test("an option that is not known is a mistake, and help is none", () => {
  expect(mistakesOf("--sluts", "2")).toMatchObject({
    exitCode: 64,
    message: expect.stringContaining("--slots"),
  });
  expect(mistakesOf("--help")).toMatchObject({
    exitCode: 0,
    message: expect.stringContaining("Usage: noctua merger"),
  });
});
