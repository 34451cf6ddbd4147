// What released drivers wrote stays readable. services/driver/io/journal/samples has one file for each format version: the
// segments of a small journal in base64, and what is to be read from them. A new version gets a new file, and none is
// ever changed; so too when there are new kinds of facts:
//
//   NOCTUA_WRITE_SAMPLE=journal-v1-2.json npx vitest run services/driver/io/journal/journal-samples.test.ts && npx prettier --write services/driver/io/journal/samples

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { failureOf } from "../../../shared/core/failure.js";
import { epochNumber, grantNumber, groupNumber, jobNumber, sessionNumber } from "../../../shared/core/id.js";
import { nothingToMerge } from "../../../shared/core/job-spec.js";
import { spansOf } from "../../../shared/core/spans.js";
import type { DurableFact } from "../../core/facts/fact.js";
import { FakeJournalFolder, systemError } from "./fake-journal-folder.js";
import { encodeFrame, formatVersion } from "./journal-frames.js";
import { Journal } from "./journal.js";
import { noNeeds } from "../../../shared/core/payload-needs.js";

const folderOfSamples = join(import.meta.dirname, "samples");
const sampleFile = z.object({
  formatVersion: z.number(),
  segments: z.record(z.string(), z.string()),
  commits: z.array(z.array(z.looseObject({ kind: z.string() }))),
});

async function open(folder: FakeJournalFolder, epoch: number) {
  const commits: (readonly DurableFact[])[] = [];
  const onFacts = (facts: readonly DurableFact[]) => void commits.push(facts);
  const options = {
    epoch: epochNumber(epoch),
    clock: { nowMs: () => 0, unixMs: () => 0 },
    onState: () => undefined,
    onFacts,
  };
  return { journal: await Journal.open(folder, options, new AbortController().signal), commits };
}

describe("journals of all format versions", () => {
  const names = readdirSync(folderOfSamples).filter((name) => name.startsWith("journal-"));

  it("there is a sample of the version that is written now", () => {
    const name = process.env["NOCTUA_WRITE_SAMPLE"];
    if (name !== undefined) return writeSample(name);
    expect(names).toContain(`journal-v${formatVersion}.json`);
    return undefined;
  });

  it.each(names)("%s reads as it was written", async (name) => {
    const sample = sampleFile.parse(JSON.parse(readFileSync(join(folderOfSamples, name), "utf8")));
    const folder = new FakeJournalFolder();
    for (const [segment, text] of Object.entries(sample.segments))
      folder.put(segment, Buffer.from(text, "base64"));
    const { commits } = await open(folder, 1000);
    expect(commits).toMatchObject(sample.commits); // Fields that came later read as if nothing had been said.
  });
});

const job = jobNumber(1);
const ids = { job, group: groupNumber(1), grant: grantNumber(3) };
const failure = { ...failureOf("event", "exit code 3"), exitCode: 3, stderrTail: "bad event\n" };

/** Every kind of fact once, as a small job would have them; kinds that are missing do not compile. */
const kinds: { readonly [Kind in DurableFact["kind"]]: Extract<DurableFact, { readonly kind: Kind }> } = {
  "driver-started": {
    kind: "driver-started",
    epoch: epochNumber(1),
    run: "run-1",
    atUnixMs: 1_793_500_000_000,
  },
  "job-submitted": {
    kind: "job-submitted",
    job,
    requestId: "request-1",
    spec: {
      name: "drell-yan",
      jobDir: "/work/job",
      inputs: [
        {
          path: "/work/job/input.lhe",
          firstEvent: 1,
          events: 9,
          guid: "",
          scope: "mc",
          sizeBytes: 5_000_000_000,
          modifiedUnixMs: 1_793_400_000_000,
        },
      ],
      eventsPerRange: 2,
      payload: {
        kind: "exec",
        command: ["{jobDir}/simulate", "{input}", "{output}"],
        timeoutMs: 60_000,
        needs: noNeeds,
      },
      outputs: "files",
      outputSuffix: ".jsonl",
      merge: {
        grouping: { kind: "range", acrossFiles: true },
        everyOutputs: 3,
        tool: { kind: "command", command: ["hadd", "{output}", "{inputs}"] },
        attemptsMax: 3,
        timeoutMs: 600_000,
      },
      requires: { site: "cern" },
      variants: [
        {
          requires: { arch: "arm64" },
          payload: {
            kind: "exec",
            command: ["{jobDir}/simulate-arm", "{input}"],
            timeoutMs: 90_000,
            needs: noNeeds,
          },
        },
      ],
      retry: {
        attemptsMax: 2,
        backoff: { firstMs: 500, lastMs: 30_000 },
        rules: [{ exitCodes: [3, 4], signals: ["SIGUSR1"], timeout: true, class: "node" }],
      },
      speculation: { enabled: true, factor: 3 },
      durability: "strict",
      open: true,
      priority: 7,
    },
    atUnixMs: 1_793_500_000_001,
  },
  "session-opened": {
    kind: "session-opened",
    session: sessionNumber(2),
    role: "actor",
    name: "n1",
    incarnation: "a",
    node: "n1",
    slots: 128,
    labels: { arch: "arm64", site: "cern" },
    continues: sessionNumber(1),
    atUnixMs: 1_793_500_000_500,
  },
  "session-ended": { kind: "session-ended", session: sessionNumber(1), reason: "replaced" },
  "ranges-granted": {
    kind: "ranges-granted",
    job,
    grant: ids.grant,
    session: sessionNumber(2),
    spans: spansOf({ first: 0, count: 5 }),
    alone: false,
  },
  "ranges-copied": {
    kind: "ranges-copied",
    job,
    grant: grantNumber(4),
    session: sessionNumber(3),
    spans: spansOf({ first: 2, count: 1 }),
  },
  "ranges-returned": {
    kind: "ranges-returned",
    job,
    grant: ids.grant,
    spans: spansOf({ first: 4, count: 1 }),
  },
  "ranges-done": {
    kind: "ranges-done",
    job,
    spans: spansOf({ first: 0, count: 2 }, { first: 2, count: 1 }),
    grant: [ids.grant, grantNumber(4)],
    sizeBytes: [0, 300_000, 5_000_000_000],
    adler32: [1, 0xffff_ffff, 0x1234_5678],
    wallMs: [0, 20_000, 4_000_000_000],
  },
  "range-failed": { kind: "range-failed", job, range: 3, grant: ids.grant, node: "n1", failure, final: true },
  "range-tried": {
    ...{ kind: "range-tried", job, range: 3, grant: ids.grant, node: "n1", failure, final: false },
    ...{ counted: true, dueUnixMs: 1_793_500_001_000, avoids: ["n1"] },
  },
  "ranges-suspected": {
    ...{ kind: "ranges-suspected", job, spans: spansOf({ first: 4, count: 1 }) },
    ...{ of: "node-death", alone: true },
  },
  "range-given-up": { kind: "range-given-up", job, range: 4, grant: ids.grant, node: "n1", failure },
  "node-quarantined": {
    kind: "node-quarantined",
    node: "n1",
    reason: "5 failed",
    atUnixMs: 1_793_500_002_000,
  },
  "node-restored": { kind: "node-restored", node: "n1", reason: "started anew" },
  "drain-begun": {
    ...{ kind: "drain-begun", requestId: "drain", node: "n1", reason: "to be mended" },
    atUnixMs: 1_793_500_003_000,
  },
  "drain-ended": { kind: "drain-ended", requestId: "undrain", node: "n1" },
  "outputs-lost": { kind: "outputs-lost", job, group: ids.group, spans: spansOf({ first: 1, count: 1 }) },
  "job-stopped": { kind: "job-stopped", job, reason: "no such program" },
  "merge-planned": {
    kind: "merge-planned",
    job,
    group: ids.group,
    spans: spansOf({ first: 2, count: 1 }, { first: 0, count: 2 }),
  },
  "merge-granted": { kind: "merge-granted", ...ids, session: sessionNumber(2) },
  "merge-returned": { kind: "merge-returned", ...ids },
  "merge-failed": {
    kind: "merge-failed",
    ...ids,
    failure: failureOf("transient", "disk full"),
    final: false,
  },
  "merge-accepted": {
    kind: "merge-accepted",
    ...ids,
    file: { sizeBytes: 5_000_300_000, adler32: 0, events: 5, guid: "" },
  },
  "merge-published": { kind: "merge-published", job, group: ids.group },
  "merge-inputs-removed": { kind: "merge-inputs-removed", job, group: ids.group },
  "job-ended": { kind: "job-ended", job, outcome: "finished-with-failures", atUnixMs: 1_793_500_100_000 },
  "job-reported": { kind: "job-reported", job },
  "job-cancelled": { kind: "job-cancelled", job, requestId: "cancel" },
  "job-suspended": { kind: "job-suspended", job, requestId: "pause", atUnixMs: 0 },
  "job-resumed": { kind: "job-resumed", job, requestId: "resume" },
  "job-retried": { kind: "job-retried", job, requestId: "retry" },
  "job-broken": {
    kind: "job-broken",
    job,
    reason: "expected: range 3 is held",
    doing: "ranges-done was applied",
    trace: "AssertionError: expected: range 3 is held",
    known: {
      ...{ ready: 1, held: 2, done: 3, merged: 4, failed: 0 },
      ...{ eventsDone: 70, filesMerged: 1, groupsFailed: 0 },
    },
    atUnixMs: 1_793_500_000_000,
  },
  "job-closed": { kind: "job-closed", job, requestId: "close" },
  "ranges-added": {
    kind: "ranges-added",
    job,
    requestId: "add",
    inputs: [
      {
        path: "/work/job/more.lhe",
        firstEvent: 1,
        events: 4,
        guid: "6e0b",
        scope: "mc",
        sizeBytes: 300,
        modifiedUnixMs: 1_793_400_000_001,
      },
    ],
  },
};

/** Two epochs; the first has a failed write and leaves a torn frame behind. */
async function writeSample(name: string): Promise<void> {
  const folder = new FakeJournalFolder();
  const facts = Object.values(kinds);
  const first = await open(folder, 1);
  await first.journal.append(facts.slice(0, 4));
  folder.fault = ({ kind }) => {
    if (kind !== "sync") return;
    folder.fault = () => undefined;
    throw systemError("EIO");
  };
  await first.journal.append(facts.slice(4, 8));
  await first.journal.append(facts.slice(8, 12));
  const part = "0000000001-1.log";
  folder.put(
    part,
    Buffer.concat([folder.content(part), encodeFrame(4, Buffer.from("in flight")).subarray(0, 25)]),
  );
  const second = await open(folder, 2);
  const { spec } = kinds["job-submitted"];
  const kept = { ...kinds["job-submitted"], job: jobNumber(2), spec: { ...spec, merge: nothingToMerge } };
  await second.journal.append([...facts.slice(12), kept]);
  const commits = (await open(folder.copy(), 3)).commits;
  const segments = Object.fromEntries(
    folder.names().map((name) => [name, folder.content(name).toString("base64")]),
  );
  const path = join(folderOfSamples, name);
  writeFileSync(path, `${JSON.stringify({ formatVersion, segments, commits }, undefined, 2)}\n`, {
    flag: "wx",
  });
}
