import { expect, test } from "vitest";
import { ConfigError, readConfig, type ActorConfig } from "./config.js";

const around = { environment: { PATH: "/bin", HOME: "/home/me", SECRET: "x" }, unixMs: 1_000_000 };

function mistakesOf(...args: string[]): string {
  try {
    readConfig(args, around);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return "";
}

const configOf = (...args: string[]): ActorConfig => readConfig(["--workdir", "/w", ...args], around);

test("only the workdir must be given", () => {
  expect(configOf()).toMatchObject({
    workdir: "/w",
    graceMs: 30_000,
    labels: {},
    logLevel: "info",
    timeLeftMs: undefined,
  });
  expect(mistakesOf()).toBe("--workdir: expected the folder of the run, found none");
});

test("every option is taken", () => {
  const args = ["--name", "n1", "--slots", "8", "--scratch", "/s", "--time-left", "1h30m", "--grace", "5s"];
  expect(configOf(...args, "--label", "a=1", "--label", "b=x=y", "--log-level", "debug")).toEqual({
    workdir: "/w",
    name: "n1",
    slots: 8,
    scratch: "/s",
    labels: { a: "1", b: "x=y" },
    timeLeftMs: 5_400_000,
    graceMs: 5_000,
    logLevel: "debug",
    payloadEnvironment: { PATH: "/bin", HOME: "/home/me" },
  });
});

test("all mistakes are told in one message", () => {
  const text = mistakesOf(
    "--name",
    "../n",
    "--slots",
    "0",
    "--label",
    "a",
    "--time-left",
    "soon",
    "--grace",
    "1000d",
  );
  for (const option of ["--workdir", "--name", "--slots", "--label", "--time-left", "--grace"]) {
    expect(text).toMatch(new RegExp(`^${option}: expected .*, found `, "m"));
  }
});

test("an option that does not exist is a mistake, and help is none", () => {
  expect(mistakesOf("--workdir", "/w", "--slotz", "2")).toMatch("unknown option '--slotz'");
  expect(() => readConfig(["--help"], around)).toThrow(expect.objectContaining({ exitCode: 0 }) as Error);
});

test("Slurm says when the allocation ends, unless the user does", () => {
  const slurm = { ...around, environment: { SLURM_JOB_END_TIME: "1600" } };
  expect(readConfig(["--workdir", "/w"], slurm).timeLeftMs).toBe(600_000);
  expect(readConfig(["--workdir", "/w", "--time-left", "1m"], slurm).timeLeftMs).toBe(60_000);
});
