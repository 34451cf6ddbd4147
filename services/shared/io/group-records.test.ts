import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { GroupRecords } from "./group-records.js";
import { lives, readRecords } from "./process-record.js";
import { aFolder, cleanUp, sleeper } from "./testing-processes.js";

afterEach(cleanUp);

test("each living group has a record of its own, whatever begins and ends (R1, R2)", async () => {
  const path = join(await aFolder(), "groups");
  const records = new GroupRecords(path);
  const written = async (): Promise<number[]> => (await readRecords(path)).map(({ pid }) => pid);
  expect(await written()).toEqual([]);
  const [one, two] = [await sleeper(), await sleeper()];
  const place = records.add(one.pid);
  records.add(two.pid);
  expect(await written()).toEqual([one.pid, two.pid]);
  records.remove(place);
  expect(await written()).toEqual([two.pid]);
  records.add(process.pid);
  expect(await written()).toEqual([process.pid, two.pid]);
  expect((await readRecords(path)).every(lives)).toBe(true);
  records.close();
});

test("a file that is not there has no records", async () => {
  expect(await readRecords(join(await aFolder(), "none"))).toEqual([]);
});
