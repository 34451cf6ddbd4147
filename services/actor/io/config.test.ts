import { expect, test } from "vitest";
import { readConfig, type ActorConfig } from "./config.js";

const around = {
  environment: { PATH: "/bin", HOME: "/home/me", SECRET: "x" },
  unixMs: 1_000_000,
  cpus: [0, 2, 1, 3],
};

const configOf = (...args: string[]): ActorConfig => readConfig(["--workdir", "/w", ...args], around);

test("only the workdir must be given", () => {
  expect(configOf()).toMatchObject({
    workdir: "/w",
    graceMs: 30_000,
    labels: {},
    logLevel: "info",
    slurm: { slurmCluster: "", slurmJob: "", slurmNode: "" },
    timeLeftMs: undefined,
  });
});

test("every option is taken", () => {
  const args = [
    "--name",
    "n1",
    "--node",
    "n1.hpc",
    "--slots",
    "8",
    "--scratch",
    "/s",
    "--scratch-min",
    "2GB",
    "--time-left",
    "1h30m",
    "--grace",
    "5s",
  ];
  expect(configOf(...args, "--label", "a=1", "--label", "b=x=y", "--log-level", "debug")).toEqual({
    workdir: "/w",
    name: "n1",
    node: "n1.hpc",
    slots: 8,
    cpus: around.cpus,
    scratch: "/s",
    scratchBytesMin: 2_000_000_000,
    labels: { a: "1", b: "x=y" },
    timeLeftMs: 5_400_000,
    graceMs: 5_000,
    logLevel: "debug",
    slurm: { slurmCluster: "", slurmJob: "", slurmNode: "" },
    environment: around.environment,
  });
});

test("all mistakes are told in one message", () => {
  const args = ["--node", "/", "--slots", "4097", "--scratch", "", "--time-left", "soon", "--grace", "1000d"];
  expect(() => readConfig(args, around)).toThrow(
    [
      "--workdir: expected a folder, found none",
      '--node: expected 1 to 128 letters, digits, ".", "_" or "-", the first no "." or "-", found "/"',
      '--slots: expected a whole number from 1 to 4096, found "4097"',
      "--scratch: expected a folder, found none",
      '--time-left: expected a time such as 90s or 1h30m, from 0ms to 400d, found "soon"',
      '--grace: expected a time such as 90s or 1h30m, from 0ms to 400d, found "1000d"',
    ].join("\n"),
  );
});

test("there is a slot for each core that may be used and is not left to a merger, and no more than Slurm lends", () => {
  const slotsOf = (environment: Readonly<Record<string, string>>, leave = "0"): number =>
    readConfig(["--workdir", "/w", "--leave-cores", leave], { ...around, environment }).slots;
  expect(slotsOf({}, "1")).toBe(3);
  expect(slotsOf({ SLURM_CPUS_ON_NODE: "3" }, "1")).toBe(2);
  expect(slotsOf({}, "4")).toBe(1);
  expect(slotsOf({})).toBe(4);
  expect(slotsOf({ SLURM_CPUS_ON_NODE: "3" })).toBe(3);
  expect(slotsOf({ SLURM_CPUS_ON_NODE: "64" })).toBe(4);
  expect(slotsOf({ SLURM_CPUS_ON_NODE: "many" })).toBe(4);
});

test("Slurm says when the allocation ends, unless the user does", () => {
  const slurm = { ...around, environment: { SLURM_JOB_END_TIME: "1600" } };
  expect(readConfig(["--workdir", "/w"], slurm).timeLeftMs).toBe(600_000);
  expect(readConfig(["--workdir", "/w", "--time-left", "1m"], slurm).timeLeftMs).toBe(60_000);
  const environment = { SLURM_JOB_ID: "77", SLURM_JOB_NUM_NODES: "3" };
  const asked = (...args: string[]): unknown =>
    readConfig(["--workdir", "/w", ...args], { ...around, environment }).allocation;
  expect([asked(), asked("--time-left", "1m")]).toEqual([{ job: "77", nodes: 3 }, undefined]);
});
