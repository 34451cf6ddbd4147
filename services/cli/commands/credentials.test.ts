import {
  cp,
  lutimes,
  mkdir,
  readdir,
  realpath,
  rm,
  rmdir,
  stat,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, expect, it, onTestFinished } from "vitest";
import { readCredential, trustFolder } from "../../shared/io/trust/credential.js";
import { checkMayJoin } from "../../shared/io/trust/lent-folder.js";
import { CliError, exitCodes } from "../io/cli-error.js";
import { controlJob, listJobs } from "../io/driver-client.js";
import { emptyBooks, FakeDriver } from "../io/wire-fake-driver.js";
import { job1 } from "../core/testing.js";
import { makeCredentials, type CredentialsOptions } from "./credentials.js";
import { fakeRun, type Captured } from "./testing.js";

const { signal } = new AbortController();
let workdir: string;
let folder: string;
let captured: Captured;

beforeEach(async () => {
  const run = await fakeRun();
  ({ captured } = run);
  ({ workdir } = run.place);
  folder = join(run.place.folder, "given");
});

function make(changes: Partial<CredentialsOptions> = {}): Promise<number> {
  const asked = { workdir, folder, role: "reader", name: undefined, validMs: 3_600_000 } as const;
  return makeCredentials({ ...asked, ...changes }, captured.terminal);
}

it("makes a private folder from which a reader asks the driver, and changes nothing", async () => {
  expect(await make()).toBe(exitCodes.ok);
  expect(captured.stdout()).toMatch(
    /^made .*given: a reader of run r until 20.*\nnext: noctua list --workdir .*given\n$/,
  );
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  expect(await listJobs(folder, signal)).toEqual([]);
  const refused = controlJob(folder, { control: "cancel", job: job1, requestId: "a" }, signal);
  await expect(refused).rejects.toThrow(
    "CancelJob needs the role writer, and the credential has the role reader: " +
      "have another made by whoever started the run, with  noctua credentials FOLDER --role writer --workdir WORKDIR",
  );
});

it("makes a writer's, which the driver listens to", async () => {
  await make({ role: "writer" });
  const asked = controlJob(folder, { control: "cancel", job: job1, requestId: "a" }, signal);
  await expect(asked).rejects.toThrow("job 1");
});

it("limits it in time, and says when that is over", async () => {
  await make({ validMs: -1_000 });
  await expect(listJobs(folder, signal)).rejects.toThrow(
    /given\/driver\/trust\/reader.pem ended at 20.*: have another made/,
  );
});

it("binds that of an actor to a name", async () => {
  await make({ role: "actor", name: "node-7" });
  expect((await readCredential(folder, "actor")).identity).toEqual({
    run: "r",
    role: "actor",
    name: "node-7",
  });
});

it("lets an actor join from the folder, since it leads to where outputs are stored", async () => {
  await make({ role: "actor" });
  const linked = await realpath(join(folder, "jobs"));
  expect(linked).toBe(await realpath(join(workdir, "jobs")));
  expect(() => checkMayJoin(folder)).not.toThrow();
  await rm(join(workdir, "jobs"), { recursive: true }); // As on another machine.
  expect(() => checkMayJoin(folder)).toThrow(
    `expected the folder of the run's outputs at ${folder}/jobs, found none`,
  );
  expect(() => checkMayJoin(workdir)).not.toThrow();
});

it("removes what a call left here that was killed long ago, and nothing else", async () => {
  const parent = join(folder, "..");
  const left = (letter: string): string => `.noctua-credentials-${letter.repeat(16)}.tmp`;
  const longAgo = new Date("2020-01-01");
  await mkdir(join(parent, left("a")));
  await writeFile(join(parent, left("a"), "address.json"), "{}");
  await utimes(join(parent, left("a")), longAgo, longAgo);
  await mkdir(join(parent, left("b"))); // Another call is at it.
  await symlink("elsewhere", join(parent, left("c")));
  await lutimes(join(parent, left("c")), longAgo, longAgo);
  await make();
  const names = await readdir(parent);
  expect(names).toEqual(expect.arrayContaining(["given", left("b"), left("c")]));
  expect(names).not.toContain(left("a"));
});

it("writes over nothing", async () => {
  await make();
  await expect(make()).rejects.toThrow(
    /expected the path of a new folder, found .*given: it is there already/,
  );
});

it("writes over no empty folder either, nor a link to nowhere", async () => {
  await mkdir(folder);
  await expect(make()).rejects.toThrow(/given: it is there already/);
  await rmdir(folder);
  await symlink("nowhere", folder);
  await expect(make()).rejects.toThrow(/given: it is there already/);
});

it("needs a driver that has been started", async () => {
  const error = await make({ workdir: join(workdir, "..") }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(CliError);
  expect(error).toMatchObject({
    exitCode: exitCodes.driverUnavailable,
    message: expect.stringMatching(/^no driver has been started on .*; start a driver with/) as string,
  });
});

it("who asks with it is never told to start a driver in the folder that was lent", async () => {
  await make({ role: "actor" });
  const remedy = "have one made, with  noctua credentials";
  await expect(listJobs(folder, signal)).rejects.toThrow(`${folder} holds no credential for this: ${remedy}`);
  const again = make({ workdir: folder, folder: join(folder, "again") });
  await expect(again).rejects.toThrow(`${folder} holds no credential for this: ${remedy}`);

  const reader = join(folder, "..", "reader");
  await make({ folder: reader });
  await rm(join(workdir, trustFolder), { recursive: true }); // The next driver makes all anew.
  const next = await FakeDriver.start({ workdir, books: emptyBooks() });
  onTestFinished(() => next.stop());
  await cp(join(workdir, "driver/address.json"), join(reader, "driver/address.json"));
  await expect(listJobs(reader, signal)).rejects.toThrow(/another run's; have another credential made/);
  next.stop();
  await expect(listJobs(reader, signal)).rejects.toThrow(
    /no driver answers for .*reader .*have another credential made/,
  );
});
