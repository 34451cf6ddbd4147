// Snapshots that released drivers wrote stay readable. services/driver/io/journal/samples has one file for each format version: a
// snapshot in base64, and what of its farm is durable. A new version gets a new file, and none is changed once it is
// released; so too when there are new kinds of pieces:
//
//   NOCTUA_WRITE_SAMPLE=snapshot-v1-2.json npx vitest run services/driver/io/journal/journal-codec-snapshots.test.ts && npx prettier --write services/driver/io/journal/samples
//
// A field that is added later is in no older sample: what it is then is for its reader to say, and is not compared.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import * as wire from "../../../../gen/noctua/journal/v1/snapshot.js";
import { present } from "../../../shared/core/assert.js";
import { apply } from "../../core/apply/apply.js";
import type { DurableFact } from "../../core/facts/fact.js";
import type { Job } from "../../core/state/job.js";
import { emptyFarm, type Farm } from "../../core/state/farm.js";
import { durableValueOf } from "../../core/testing/testing-durable.js";
import { FakeJournalFolder } from "./fake-journal-folder.js";
import { encodeState } from "./journal-codec-state.js";
import { parseSnapshotName, snapshotName } from "./journal-folder.js";
import { snapshotVersion } from "./journal-frames.js";
import { readState, writeState } from "./snapshot-file.js";
import { factsOfWalk } from "./snapshot-test-support.js";

const folderOfSamples = join(import.meta.dirname, "samples");
const never = new AbortController().signal;
const sampleFile = z.object({
  snapshotVersion: z.number(),
  name: z.string(),
  content: z.string(),
  state: z.looseObject({}),
});

describe("snapshots of all format versions", () => {
  const names = readdirSync(folderOfSamples).filter((name) => name.startsWith("snapshot-"));

  it("there is a sample of the version that is written now", () => {
    const name = process.env["NOCTUA_WRITE_SAMPLE"];
    if (name !== undefined) return writeSample(name);
    expect(names).toContain(`snapshot-v${snapshotVersion}.json`);
    return undefined;
  });

  it.each(names)("%s reads as it was written", async (file) => {
    const sample = sampleFile.parse(JSON.parse(readFileSync(join(folderOfSamples, file), "utf8")));
    const folder = new FakeJournalFolder();
    folder.put(sample.name, Buffer.from(sample.content, "base64"));
    const id = present(parseSnapshotName(sample.name), "name of a snapshot");
    const source = { file: await folder.open(sample.name), path: sample.name, id };
    expect(plain(await readState(source, never))).toMatchObject(sample.state);
  });
});

/** As JSON has it. */
function plain(farm: Farm): unknown {
  return JSON.parse(JSON.stringify(durableValueOf(farm)));
}

/** Of the farms that some walks lead to, the one whose state has most kinds of pieces; with a node in quarantine, and one drained. */
function aFullFarm(): Farm {
  let best: { readonly farm: () => Farm; readonly kinds: number } = { farm: emptyFarm, kinds: 0 };
  for (let seed = 1; seed < 40; seed += 1) {
    const facts = factsOfWalk(150, seed);
    const farm = emptyFarm();
    for (const [i, fact] of facts.entries()) {
      apply(farm, fact);
      const kinds = kindsOfPiecesIn(farm);
      if (kinds > best.kinds) best = { kinds, farm: () => farmOf(facts.slice(0, i + 1)) };
    }
  }
  const farm = best.farm();
  const reason = "5 ranges failed there in a row, and on no other node";
  apply(farm, { kind: "node-quarantined", node: "node-c", reason, atUnixMs: 1_793_500_000_000 });
  const drain = { requestId: "drain", node: "node-b", reason: "to be mended" };
  apply(farm, { kind: "drain-begun", ...drain, atUnixMs: 1_793_500_000_001 });
  return farm;
}

function kindsOfPiecesIn(farm: Farm): number {
  const kinds = new Set<string>();
  for (const bytes of encodeState(farm)) kinds.add(wire.Piece.decode(bytes).piece?.$case ?? "");
  const trials = [...farm.jobs.values()].flatMap((job) => [...job.trials.values()]);
  for (const { attempts, avoids } of trials)
    if (attempts.length > 0 && avoids.length > 0) kinds.add("trial with attempts");
  for (const { rangeGroups, unmerged } of farm.jobs.values())
    if (rangeGroups !== undefined && unmerged.size > 0) kinds.add("a group by range that waits");
  if ([...farm.jobs.values()].some(hasFailedGroup)) kinds.add("a group that failed");
  return kinds.size;
}

function hasFailedGroup({ groups }: Job): boolean {
  return [...groups.values()].some(({ failedOn }) => failedOn.length > 0);
}

function farmOf(facts: readonly DurableFact[]): Farm {
  const farm = emptyFarm();
  for (const fact of facts) apply(farm, fact);
  return farm;
}

async function writeSample(file: string): Promise<void> {
  const id = { segment: { epoch: 3, part: 1 }, sequence: 811 };
  const name = snapshotName(id);
  const folder = new FakeJournalFolder();
  const farm = aFullFarm();
  await writeState(await folder.create(name), id, farm, never);
  const content = folder.content(name).toString("base64");
  const path = join(folderOfSamples, file);
  const sample = { snapshotVersion, name, content, state: plain(farm) };
  writeFileSync(path, `${JSON.stringify(sample, undefined, 2)}\n`, { flag: "wx" });
}
