import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { wholeSpec } from "../../shared/core/testing-spec.js";
import { testFolder } from "../../shared/io/testing-folder.js";
import { job1, smallSpec } from "../core/testing.js";
import { CliError, exitCodes } from "./cli-error.js";
import { getJob, listJobs, submitJob } from "./driver-client.js";
import { emptyBooks, FakeDriver } from "./wire-fake-driver.js";
import { ensureAuthority } from "../../shared/io/trust/authority.js";

const spec = wholeSpec({ name: smallSpec.name, inputs: smallSpec.inputs, eventsPerRange: 2 });

const { signal } = new AbortController();
let workdir: string;
let driver: FakeDriver;

beforeEach(async () => {
  workdir = await testFolder();
  driver = await FakeDriver.start({ workdir, books: emptyBooks() });
});

afterEach(() => driver.stop());

async function failureOf(asked: Promise<unknown>): Promise<CliError> {
  const outcome = await asked.catch((error: unknown) => error);
  if (outcome instanceof CliError) return outcome;
  throw new Error(`expected a CliError, found ${String(outcome)}`);
}

describe("a driver that is asked", () => {
  it("begins a job, and the same one when asked again with the same id", async () => {
    expect(await submitJob(workdir, "a", spec, signal)).toEqual({ job: 1, isRepeated: false });
    expect(await submitJob(workdir, "a", spec, signal)).toEqual({ job: 1, isRepeated: true });
    expect(await submitJob(workdir, "b", spec, signal)).toEqual({ job: 2, isRepeated: false });
    expect(await listJobs(workdir, signal)).toHaveLength(2);
    expect(await getJob(workdir, job1, signal)).toMatchObject({ name: "drell-yan", events: 20 });
  });

  it("has its refusals passed on as they are", async () => {
    await submitJob(workdir, "a", spec, signal);
    const refused = await failureOf(submitJob(workdir, "a", { ...spec, name: "other" }, signal));
    expect(refused).toMatchObject({
      exitCode: exitCodes.usage,
      message: expect.stringContaining("spec.name differs"),
    });
  });
});

describe("a driver that cannot be asked", () => {
  it("is told of when it has never been there", async () => {
    const error = await failureOf(listJobs(join(workdir, "elsewhere"), signal));
    expect(error.exitCode).toBe(exitCodes.driverUnavailable);
    expect(error.message).toMatch(/no driver has been started.*noctua driver --workdir/);
  });

  it("is told of when nobody listens any more", async () => {
    driver.stop();
    const error = await failureOf(listJobs(workdir, signal));
    expect(error.exitCode).toBe(exitCodes.driverUnavailable);
    expect(error.message).toMatch(
      /no driver answers for .*noctua driver --workdir \S+ {2}\(noctua report and logs need none\)$/,
    );
  });

  it("is told of when another run took its port", async () => {
    await ensureAuthority(workdir, "another-run");
    const error = await failureOf(listJobs(workdir, signal));
    expect(error.exitCode).toBe(exitCodes.driverUnavailable);
    expect(error.message).toMatch(/has no certificate of the run of .* it is another run's/);
  });
});
