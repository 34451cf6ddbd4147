import { hostname, tmpdir } from "node:os";
import { expect, test } from "vitest";
import { readConfig, type MergerConfig } from "./config.js";

const configOf = (args: readonly string[], environment = {}): Promise<MergerConfig> =>
  readConfig({ args, environment });

test("what is not said has a default", async () => {
  expect(await configOf(["--workdir", "/data/run1/"], { PATH: "/bin", TOKEN: "secret" })).toEqual({
    workdir: "/data/run1",
    name: `${hostname()}-merger`,
    host: "127.0.0.1",
    slots: 1,
    nice: 0,
    scratch: tmpdir(),
    labels: {},
    graceMs: 30_000,
    lookAgainMs: 60_000,
    roomWaitMs: 600_000,
    logLevel: "info",
    slurm: { slurmCluster: "", slurmJob: "", slurmNode: "" },
    commandEnvironment: { PATH: "/bin" },
  });
});

test("everything can be said", async () => {
  const args =
    "--workdir w --name m2 --slots 4 --nice 19 --scratch /local --label disk=fast --grace 1m30s --look-again 0s";
  expect(await configOf([...args.split(" "), "--log-level", "debug"])).toMatchObject({
    name: "m2",
    slots: 4,
    nice: 19,
    scratch: "/local",
    labels: { disk: "fast" },
    graceMs: 90_000,
    lookAgainMs: 0,
    roomWaitMs: 600_000,
    logLevel: "debug",
    slurm: { slurmCluster: "", slurmJob: "", slurmNode: "" },
  });
});

test("all mistakes come in one message", async () => {
  await expect(
    configOf(["--slots", "257", "--nice", "20", "--grace", "soon", "--look-again", "2d"]),
  ).rejects.toThrow(
    [
      "--workdir (or NOCTUA_WORKDIR): expected a folder, found none",
      '--slots: expected a whole number from 1 to 256, found "257"',
      '--nice: expected a whole number from 0 to 19, found "20"',
      '--grace: expected a time such as 90s or 1h30m, from 0ms to 1d, found "soon"',
      '--look-again: expected a time such as 90s or 1h30m, from 0ms to 1d, found "2d"',
    ].join("\n"),
  );
});
