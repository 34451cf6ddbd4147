import { expect, test } from "vitest";
import { readConfig, type ActorConfig } from "./config.js";

const around = {
  environment: { PATH: "/bin", HOME: "/home/me", SECRET: "x" },
  unixMs: 1_000_000,
  cpus: [0, 2, 1, 3],
};

const configOf = (...args: string[]): Promise<ActorConfig> =>
  readConfig({ ...around, args: ["--workdir", "/w", ...args] });

test("only the workdir must be given", async () => {
  expect(await configOf()).toMatchObject({
    workdir: "/w",
    graceMs: 30_000,
    labels: {},
    logLevel: "info",
    slurm: { slurmCluster: "", slurmJob: "", slurmNode: "" },
    timeLeftMs: undefined,
  });
});

test("every option is taken", async () => {
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
  expect(await configOf(...args, "--label", "a=1", "--label", "b=x=y", "--log-level", "debug")).toEqual({
    workdir: "/w",
    name: "n1",
    host: "127.0.0.1",
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

test("all mistakes are told in one message", async () => {
  const args = ["--node", "/", "--slots", "4097", "--scratch", "", "--time-left", "soon", "--grace", "1000d"];
  await expect(readConfig({ ...around, args })).rejects.toThrow(
    [
      "--workdir (or NOCTUA_WORKDIR): expected a folder, found none",
      '--node: expected 1 to 128 letters, digits, ".", "_" or "-", the first no "." or "-", found "/"',
      '--slots: expected a whole number from 1 to 4096, found "4097"',
      "--scratch: expected a folder, found none",
      '--time-left: expected a time such as 90s or 1h30m, from 0ms to 400d, found "soon"',
      '--grace: expected a time such as 90s or 1h30m, from 0ms to 400d, found "1000d"',
    ].join("\n"),
  );
});

test("there is a slot for each core that may be used and is not left to a merger, and no more than Slurm lends", async () => {
  const slotsOf = async (environment: Readonly<Record<string, string>>, leave = "0"): Promise<number> =>
    (await readConfig({ ...around, args: ["--workdir", "/w", "--leave-cores", leave], environment })).slots;
  expect(await slotsOf({}, "1")).toBe(3);
  expect(await slotsOf({ SLURM_CPUS_ON_NODE: "3" }, "1")).toBe(2);
  expect(await slotsOf({}, "4")).toBe(1);
  expect(await slotsOf({})).toBe(4);
  expect(await slotsOf({ SLURM_CPUS_ON_NODE: "3" })).toBe(3);
  expect(await slotsOf({ SLURM_CPUS_ON_NODE: "64" })).toBe(4);
  expect(await slotsOf({ SLURM_CPUS_ON_NODE: "many" })).toBe(4);
});

test("Slurm says when the allocation ends, unless the user does", async () => {
  const asked = (environment: Readonly<Record<string, string>>, ...args: string[]): Promise<ActorConfig> =>
    readConfig({ ...around, args: ["--workdir", "/w", ...args], environment });
  const end = { SLURM_JOB_END_TIME: "1600" };
  expect(await asked(end)).toMatchObject({ timeLeftMs: 600_000 });
  expect(await asked(end, "--time-left", "1m")).toMatchObject({ timeLeftMs: 60_000 });
  const job = { SLURM_JOB_ID: "77", SLURM_JOB_NUM_NODES: "3" };
  expect(await asked(job)).toMatchObject({ allocation: { job: "77", nodes: 3 } });
  expect(await asked(job, "--time-left", "1m")).toMatchObject({ allocation: undefined });
});
