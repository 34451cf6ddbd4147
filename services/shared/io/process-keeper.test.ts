import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { GroupRecords, groupsFile } from "./group-records.js";
import { silentLogger } from "./logger.js";
import { startKeeper } from "./process-keeper.js";
import { markVariable } from "./process-marks.js";
import { aFolder, cleanUp, isAlive, sleeper, until } from "./testing-processes.js";

afterEach(cleanUp);

test("when its owner is gone, all groups and all that is marked are ended, and nobody else (K1, K3)", async () => {
  const place = await aFolder();
  const keeper = startKeeper(place, "an-owner", silentLogger);
  const records = new GroupRecords(join(place, groupsFile));
  const [gone, grouped, marked, other] = [
    await sleeper(),
    await sleeper(),
    await sleeper({ [markVariable]: "an-owner:3" }),
    await sleeper({ [markVariable]: "an-owner-x:3" }),
  ];
  const ofGone = records.add(gone.pid);
  records.add(grouped.pid);
  records.remove(ofGone);
  records.close();
  const ended = Promise.all([once(grouped.child, "exit"), once(marked.child, "exit")]);
  keeper.close();
  expect(await ended).toEqual([
    [null, "SIGKILL"],
    [null, "SIGKILL"],
  ]);
  expect([gone.pid, other.pid].every(isAlive)).toBe(true);
  await until(() => !existsSync(place));
});
