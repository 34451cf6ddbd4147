// Processes that live for many ranges, of which each takes several slots.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, expect, test } from "vitest";
import { noNeeds } from "../../shared/core/payload-needs.js";
import { removeFolders } from "./testing.js";
import { aNode, closeNodes } from "./testing-stream-node.js";

afterEach(closeNodes);
afterAll(removeFolders);

test("the places of a process are counted in as many slots as a range takes", async () => {
  const node = await aNode();
  const does = [`opened=${node.folder}/opened`];
  const changes = { slotsPerProcess: 0, needs: { ...noNeeds, cores: 2 }, does };
  await Promise.all([0, 2].map((slot) => node.run(slot, slot + 1, changes)));
  expect(node.pids).toHaveLength(1);
  expect([(await node.madeBy(1))[1], (await node.madeBy(3))[1]].sort()).toEqual(["0", "1"]);
  expect(JSON.parse(await readFile(join(node.folder, "opened"), "utf8"))).toMatchObject({
    word: { slots: 2 },
    environment: { NOCTUA_CORES: "2", OMP_NUM_THREADS: "2", NOCTUA_SLOTS: "2" },
  });
});
