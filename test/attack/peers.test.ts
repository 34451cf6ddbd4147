// An actor and a merger at work, and a driver with the run's own credential that says what none would: each word that makes no
// sense ends one stream, another is dialled, and what runs goes on. The next driver hears what came of it.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { heldGrant, specOf } from "../../services/actor/core/testing.js";
import type { DriverWord as ActorsWord, HeldGrant } from "../../services/actor/core/message.js";
import { Books, FakeDriver as ActorsDriver } from "../../services/actor/io/fake-driver.js";
import { encodedResponse, saidByDriver, wireService as actors } from "../../services/actor/io/wire-peer.js";
import type {
  DriverWord as MergersWord,
  LentGroup,
  MergeReport,
} from "../../services/merger/core/message.js";
import { FakeDriver as MergersDriver } from "../../services/merger/io/fake-driver.js";
import { fakeGroup, fakeJob, fakeSpec, fakeWorkdir } from "../../services/merger/io/fake-job.js";
import { saidByDriver as saidToMerger, wireService as mergers } from "../../services/merger/io/wire-peer.js";
import { epochNumber, grantNumber, jobNumber, sessionNumber } from "../../services/shared/core/id.js";
import { noNeeds } from "../../services/shared/core/payload-needs.js";
import { testFolder } from "../../services/shared/io/testing-folder.js";
import { actorAt, mergerAt, type Attacked } from "./attacked-peers.js";
import { framed } from "./connection.js";
import { RawDriver } from "./raw-driver.js";
import { RawVoice, shotsAt, type Shot } from "./raw-words.js";

/** A limit against hanging, not a measure of speed. */
const patience = { timeout: 60_000, interval: 5 };
const epoch = epochNumber(1);
/** Of which no word by chance speaks. */
const job = jobNumber(1_234_567);
const each = { seed: 7, count: 40 };

async function rawDriver(workdir: string, run: string): Promise<RawDriver> {
  const driver = await RawDriver.start(workdir, run);
  onTestFinished(() => driver.stop());
  return driver;
}

function welcome(run: string) {
  const terms = { flushIntervalMs: 5, heartbeatIntervalMs: 10, leaseMs: 60_000 };
  return { kind: "welcome", session: sessionNumber(1), run, ...terms } as const;
}

const lines = (path: string): Promise<number> =>
  readFile(path, "utf8").then(
    (text) => text.split("\n").length - 1,
    () => 0,
  );

/** What does not make sense is told once, with its stream's end, and is no error of the peer's own. */
function expectUnharmed(peer: Attacked, streams: number): void {
  expect(peer.ended()).toBeUndefined();
  expect(peer.errors).toEqual([]);
  expect(streams).toBeGreaterThan(20);
  expect(peer.warnings.filter((line) => line.startsWith("no link")).length).toBeLessThanOrEqual(streams + 1);
}

test("an actor takes no harm from a driver that says what makes no sense", async () => {
  const workdir = await testFolder();
  const jobDir = join(workdir, "job");
  await mkdir(jobDir);
  const script = 'echo >> "$3/began$1"; while [ ! -e "$3/go" ]; do sleep 0.02; done; echo "$1" > "$2"';
  const command = ["/bin/sh", "-c", script, "sh", "{first}", "{output}", "{jobDir}"];
  const payload = { kind: "exec", command, timeoutMs: 60_000, needs: noNeeds } as const;
  const spec = specOf({ jobDir, payload });
  const driver = await rawDriver(workdir, "run-1");
  const peer = await actorAt(workdir);
  const say = (word: ActorsWord): Buffer => encodedResponse(saidByDriver({ epoch, word }));
  const lent = heldGrant(1_000_001, [0, 1], job);
  const greeting = [say(welcome("run-1")), say({ kind: "open-job", job, spec })];
  const first = { what: "work", bytes: framed(say({ kind: "grant", alone: false, ...lent })) };
  const voice = new RawVoice(driver, greeting);
  await voice.say([first]);
  await vi.waitUntil(async () => (await lines(join(jobDir, "began2"))) === 1, patience);
  const shots = [...floodsOf(say), ...shotsAt(actors.actorSession.path, each)];
  await voice.say(shots);
  expectUnharmed(peer, voice.streams);
  driver.stop();
  await writeFile(join(jobDir, "go"), "");
  const books = new Books(spec, 0);
  books.epoch = 1;
  const next = await ActorsDriver.start(workdir, books);
  onTestFinished(() => next.stop());
  await vi.waitUntil(() => books.done.size === 2, patience);
  expect([await lines(join(jobDir, "began1")), await lines(join(jobDir, "began2"))]).toEqual([1, 1]);
}, 120_000);

/** More than was asked for, and more than can be gone through. */
function floodsOf(say: (word: ActorsWord) => Buffer): Shot[] {
  const all: HeldGrant = { job, grant: grantNumber(9), spans: { first: [0], count: [2 ** 32 - 1] } };
  const most = { ...all, spans: { first: [0], count: [65_536] } };
  const shot = (what: string, word: ActorsWord): Shot => ({ what, bytes: framed(say(word)) });
  return [
    shot("a grant of all ranges", { kind: "grant", alone: false, ...all }),
    shot("a grant of very many", { kind: "grant", alone: false, ...most }),
    shot("all ranges superseded", { kind: "acknowledge", numbers: [], superseded: [all] }),
    shot("all ranges revoked, very often", {
      kind: "revoke",
      revoked: Array.from({ length: 100_000 }, (_, i) => ({ ...all, grant: grantNumber(i + 9) })),
    }),
    shot("a number acknowledged very often", {
      kind: "acknowledge",
      numbers: Array.from({ length: 1_000_000 }, (_, i) => i),
      superseded: [],
    }),
  ];
}

test("a merger takes no harm from a driver that says what makes no sense", async () => {
  const workdir = await fakeWorkdir();
  const go = join(workdir, "go");
  const began = join(workdir, "began");
  const script = `echo >> ${began}; while [ ! -e ${go} ]; do sleep 0.02; done; cp "$(head -1 "$1")" "$2"`;
  const spec = fakeSpec(workdir, {
    kind: "command",
    command: ["sh", "-c", script, "m", "{inputs}", "{output}"],
  });
  const driver = await rawDriver(workdir, "r");
  const peer = mergerAt(workdir);
  const say = (word: MergersWord): Buffer =>
    mergers.mergerSession.responseSerialize(saidToMerger({ epoch, word }));
  const { lent } = await fakeGroup(workdir, 1, [[7, "seven\n"]]);
  const greeting = [say(welcome("r")), say({ kind: "open-job", job: fakeJob, spec })];
  const voice = new RawVoice(driver, greeting);
  await voice.say([{ what: "work", bytes: framed(say({ kind: "lend", lent })) }]);
  await vi.waitUntil(async () => (await lines(began)) === 1, patience);
  const groups = Array.from({ length: 17_000 }, (_, i) => {
    const merge = { ...lent.merge, grant: grantNumber(1_000 + i) };
    return framed(say({ kind: "lend", lent: { ...lent, merge } }));
  });
  const shots = [
    ...shotsAt(mergers.mergerSession.path, each),
    { what: "a group that is too long", bytes: framed(say({ kind: "lend", lent: tooLong(lent) })) },
    { what: "very many groups", bytes: Buffer.concat(groups) },
  ];
  await voice.say(shots);
  expectUnharmed(peer, voice.streams);
  driver.stop();
  const next = await MergersDriver.start({ workdir, epoch: 2, run: "r", heartbeatIntervalMs: 60_000 });
  onTestFinished(() => next.kill());
  await vi.waitUntil(() => next.hellos.length > 0, patience);
  await writeFile(go, "");
  const reportOf = ({ merge: { grant } }: LentGroup): MergeReport | undefined =>
    next.reports.find(({ merge }) => merge.grant === grant)?.report;
  await vi.waitUntil(() => reportOf(lent) !== undefined, patience);
  expect(reportOf(lent)?.kind).toBe("merged");
  expect(reportOf(tooLong(lent))).toMatchObject({
    failure: { message: expect.stringContaining("expected at most 1000000 outputs in a merge group") },
  });
}, 120_000);

/** One with more outputs than any has, under another grant. */
function tooLong({ merge }: LentGroup): LentGroup {
  const column = Array<number>(1_000_001).fill(1);
  const spans = { first: [0], count: [column.length] };
  const columns = { grant: column.map(grantNumber), sizeBytes: column, adler32: column };
  return { merge: { ...merge, grant: grantNumber(999) }, spans, ...columns };
}
