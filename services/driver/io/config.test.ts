import { expect, test } from "vitest";
import { readConfig, type DriverConfig } from "./config.js";

const configOf = (args: readonly string[], environment = {}): Promise<DriverConfig> =>
  readConfig({ args, environment });

test("only the workdir must be given", async () => {
  expect(await configOf(["--workdir", "/w"])).toEqual({
    workdir: "/w",
    host: "127.0.0.1",
    port: 0,
    leaseMs: 120_000,
    witnessWaitMs: 0,
    snapshotAfterBytes: 256e6,
    takeOver: false,
    isPlain: false,
    logLevel: "info",
    slurm: { slurmCluster: "", slurmJob: "", slurmNode: "" },
  });
});

test("everything can be said, and Slurm's job is in the environment", async () => {
  const args =
    "--workdir /w --listen ::1 --port 4000 --lease 1m30s --witness-wait 5m --snapshot-after 1.5GB --take-over --insecure-loopback --log-level warn";
  expect(await configOf(args.split(" "), { SLURM_JOB_ID: "17", SLURM_CLUSTER_NAME: "c" })).toEqual({
    workdir: "/w",
    host: "::1",
    port: 4_000,
    leaseMs: 90_000,
    witnessWaitMs: 300_000,
    snapshotAfterBytes: 1.5e9,
    takeOver: true,
    isPlain: true,
    logLevel: "warn",
    slurm: { slurmCluster: "c", slurmJob: "17", slurmNode: "" },
  });
});

test("another node is waited for where one can come, unless something else is said", async () => {
  const waits = async (...args: readonly string[]): Promise<number> =>
    (await configOf(["--workdir", "/w", ...args])).witnessWaitMs;
  expect(await waits("--listen", "0.0.0.0")).toBe(60_000);
  expect(await waits("--listen", "localhost")).toBe(0);
  expect(await waits("--listen", "0.0.0.0", "--witness-wait", "0s")).toBe(0);
});

test("all mistakes are told in one message", async () => {
  await expect(configOf(["--port", "65536", "--lease", "5ms", "--snapshot-after", "1"])).rejects.toThrow(
    [
      "--workdir (or NOCTUA_WORKDIR): expected a folder, found none",
      '--port: expected a whole number from 0 to 65535, found "65536"',
      '--lease: expected a time such as 90s or 1h30m, from 1s to 1d, found "5ms"',
      '--snapshot-after: expected a size such as 64MB or 1.5GB, from 1kB to 1TB, found "1"',
    ].join("\n"),
  );
});

test("without TLS, no other machine is listened to", async () => {
  const words = ["--workdir", "/w", "--insecure-loopback", "--listen", "0.0.0.0"];
  await expect(configOf(words)).rejects.toMatchObject({
    message:
      '--listen: expected a loopback address with --insecure-loopback, such as 127.0.0.1, found "0.0.0.0"',
    exitCode: 64,
  });
});
