// Where the keys of a run are found, with real processes: in driver/trust, and nowhere else. Who reads none of them is in
// strangers.test.ts.

import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { errorCode } from "../../services/shared/io/error-code.js";
import { isOver, ProcessFarm } from "../support/farm-of-processes.js";
import { writeListedJob } from "../support/listed-job.js";
import { privateFolder } from "../support/private-folder.js";
import { noctua } from "../support/run-node.js";

const services = ["driver", "merger", "actor"] as const;

/** What a payload can say of itself, in its job's folder. */
const sayAll = `until grep -q 33 /proc/$$/coredump_filter; do sleep 0.02; done # Its actor gives it that once it runs.
for what in environ cmdline coredump_filter; do
  tr '\\0' '\\n' < /proc/$$/$what > "\${0%/*}/said-$what"
done`;

it("no argument, environment, log or core file holds a key, and nobody else can replace a folder", async () => {
  const folder = await privateFolder();
  const farm = new ProcessFarm(join(folder, "work"));
  const careless = ["sh", "-c", 'umask 0; exec "$0" "$@"'];
  const scratch = ["--scratch", join(folder, "scratch")];
  await farm.startThrough(careless, "driver", "driver");
  await farm.startThrough(careless, "merger", "merger", ...scratch, "--log-level", "debug");
  await farm.startThrough(careless, "actor", "actor", "--slots", "1", ...scratch);
  const shape = { inputs: 1, eventsPerInput: 2, eventsPerRange: 1, before: sayAll };
  const { path } = await writeListedJob(join(folder, "job"), shape);
  expect(await noctua("submit", path, "--workdir", farm.workdir)).toMatchObject({ code: 0 });
  await farm.jobWhen(1, isOver);
  const keys = await keysIn(farm.workdir);
  expect(keys).toHaveLength(5);

  // Whatever the umask, nobody else can replace anything in the workdir.
  expect(await foldersOpenToOthers(farm.workdir)).toEqual([]);

  const holdsKey = (text: string): boolean => keys.some((key) => text.includes(key));
  for (const service of services) {
    const of = (what: string): Promise<string> => readFile(`/proc/${farm.pidOf(service)}/${what}`, "utf8");
    expect([service, holdsKey((await of("cmdline")) + (await of("environ")))]).toEqual([service, false]);
    expect([service, Number(await of("coredump_filter"))]).toEqual([service, 0]);
  }
  const said = (what: string): Promise<string> => readFile(join(folder, "job", `said-${what}`), "utf8");
  expect(await said("environ")).toContain("NOCTUA_");
  expect((await said("coredump_filter")).trim()).toBe("00000033");

  const holders = [];
  for (const file of await filesIn(folder)) {
    const bytes = await unlessGone(readFile(file, "latin1"));
    if (bytes !== undefined && holdsKey(bytes))
      holders.push([file.slice(farm.workdir.length + 1), (await stat(file)).mode & 0o777]);
  }
  const names = ["actor", "authority", "merger", "reader", "writer"];
  expect(holders.sort()).toEqual(names.map((name) => [`driver/trust/${name}.pem`, 0o600]));
});

/** A piece of each private key. */
async function keysIn(workdir: string): Promise<string[]> {
  const trust = join(workdir, "driver", "trust");
  const pems = await Promise.all((await readdir(trust)).map((name) => readFile(join(trust, name), "utf8")));
  return pems.map((pem) => /^-----BEGIN [A-Z]+ KEY-----\n.*\n(.*)/m.exec(pem)?.[1] ?? "");
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

async function foldersOpenToOthers(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const open = [];
  for (const entry of entries.filter((one) => one.isDirectory())) {
    const path = join(entry.parentPath, entry.name);
    if (((await unlessGone(stat(path)))?.mode ?? 0) & 0o022) open.push(path);
  }
  return open;
}

/** What a job has left behind is swept while this test looks. */
function unlessGone<Found>(looked: Promise<Found>): Promise<Found | undefined> {
  return looked.catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  });
}
