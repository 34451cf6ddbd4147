// P2 and P4: what actors and mergers are told.
//
//   - What is acknowledged is durable, and stays true: an acknowledged output that was not called superseded is, or was
//     until it was lost, its range's output.
//   - The winner is never called superseded, and what is called so has been beaten, given up or voided.
//   - An output is declared lost only when it is, and a void grant wins nothing.
//   - Whatever is reported is acknowledged in the end.

import type { HeldGrant, RangeResults } from "../../../services/actor/core/message.js";
import type { DurableFact } from "../../../services/driver/core/facts/fact.js";
import type { MergeGrant } from "../../../services/merger/core/message.js";
import { eachRange, eachSpan } from "../../../services/shared/core/spans.js";
import type { Peer, Sighting } from "../sighting.js";
import type { Books } from "./books.js";
import type { JobBook } from "./job-book.js";
import type { Complain, Oracle } from "./oracle.js";

interface ReportedOutput {
  readonly job: number;
  readonly range: number;
  readonly grant: number;
}

export function acknowledgementsOracle(complain: Complain): Oracle {
  const notes: Notes = { results: new Map(), merges: new Map(), owed: new Map() };
  const kept: ReportedOutput[] = [];
  const lost = new Set<string>();
  return {
    fact: (fact, books) => {
      if (fact.kind === "ranges-done") judgeDone(fact, books, complain);
      if (fact.kind === "outputs-lost") judgeLost(fact, books, { lost, complain });
    },
    see: (sighting, books) => {
      if (sighting.kind === "file-lost") {
        lost.add(sighting.path);
        judgeFileLost(sighting, books, complain);
      } else if (sighting.kind === "peer-began") notes.owed.set(sighting.peer.incarnation, new Set());
      else if (sighting.kind === "peer-died") notes.owed.delete(sighting.peer.incarnation);
      else if (sighting.kind === "peer-said") note(sighting, notes);
      else if (sighting.kind === "driver-said") {
        for (const told of acknowledged(sighting, notes)) {
          judgeAcknowledged(told, books, complain);
          kept.push(...told.kept);
        }
      } else if (sighting.kind === "hand-in-taken") {
        for (const told of takenIn(sighting)) {
          judgeAcknowledged(told, books, complain);
          kept.push(...told.kept);
        }
      } else if (sighting.kind === "peer-heard") forget(sighting, notes);
    },
    end: (books) => {
      for (const { job, range, grant } of kept) judgeKept(books, { job, range, grant }, complain);
      for (const [who, items] of notes.owed) {
        const [first] = items;
        if (first !== undefined)
          complain("P4", `${who} was never told to forget ${first} (job/range or group/grant)`);
      }
    },
  };
}

interface Notes {
  /** Results of actors, by incarnation and number. */
  readonly results: Map<string, RangeResults>;
  /** Results of mergers, by incarnation and number. */
  readonly merges: Map<string, string>;
  /** Of each process, what it reported and was not told to forget. */
  readonly owed: Map<string, Set<string>>;
}

function note({ peer, said }: Extract<Sighting, { kind: "peer-said" | "driver-heard" }>, notes: Notes): void {
  const owed = notes.owed.get(peer.incarnation);
  if (said.role === "actor" && said.message.kind === "results") {
    notes.results.set(`${peer.incarnation}/${said.message.number}`, said.message);
    for (const item of itemsOf(said.message)) owed?.add(item);
  } else if (said.role === "merger" && said.message.kind === "result") {
    notes.merges.set(`${peer.incarnation}/${said.message.number}`, itemOf(said.message.merge));
    owed?.add(itemOf(said.message.merge));
  }
}

function itemOf({ job, group, grant }: MergeGrant): string {
  return `${job}/group ${group}/${grant}`;
}

/** The peer is told: what it sent in these messages need not be sent again. */
function forget(
  { peer, word }: Extract<Sighting, { kind: "driver-said" | "peer-heard" }>,
  notes: Notes,
): void {
  const owed = notes.owed.get(peer.incarnation);
  if (word.word.kind === "acknowledge") {
    for (const number of word.word.numbers) {
      const message = notes.results.get(`${peer.incarnation}/${number}`);
      for (const item of message === undefined ? [] : itemsOf(message)) owed?.delete(item);
      owed?.delete(notes.merges.get(`${peer.incarnation}/${number}`) ?? "");
    }
  } else if (word.role === "merger" && word.word.kind === "revoke") {
    for (const merge of word.word.merges) owed?.delete(itemOf(merge));
  }
}

function* itemsOf({ outputs, failures, returned }: RangeResults): Generator<string> {
  for (const { job, range, grant } of outputsOf({ outputs })) yield `${job}/${range}/${grant}`;
  for (const { job, range, grant } of failures) yield `${job}/${range}/${grant}`;
  for (const { job, grant, spans } of returned)
    for (const range of eachRange(spans)) yield `${job}/${range}/${grant}`;
}

function* outputsOf({ outputs }: Pick<RangeResults, "outputs">): Generator<ReportedOutput> {
  for (const { job, spans, grant } of outputs) {
    let i = 0;
    for (const { first, count } of eachSpan(spans)) {
      for (let range = first; range < first + count; range += 1) yield { job, range, grant: grant[i] ?? 0 };
      i += 1;
    }
  }
}

interface Told {
  readonly peer: Peer;
  readonly message: RangeResults;
  readonly superseded: readonly ReportedOutput[];
  readonly kept: readonly ReportedOutput[];
}

function acknowledged(
  { peer, word }: Extract<Sighting, { kind: "driver-said" | "peer-heard" }>,
  notes: Notes,
): readonly Told[] {
  if (word.role !== "actor" || word.word.kind !== "acknowledge") return [];
  const { numbers, superseded } = word.word;
  return numbers.flatMap((number) => {
    const message = notes.results.get(`${peer.incarnation}/${number}`);
    return message === undefined ? [] : [toldOf(peer, message, superseded)];
  });
}

/** What a driver took in from the workdir is as good as acknowledged. */
function takenIn({
  peer,
  messages,
  superseded,
}: Extract<Sighting, { kind: "hand-in-taken" }>): readonly Told[] {
  return messages.map((message) => toldOf(peer, message, superseded));
}

function toldOf(peer: Peer, message: RangeResults, superseded: readonly HeldGrant[]): Told {
  const beaten = superseded.flatMap(({ job, grant, spans }) =>
    [...eachRange(spans)].map((range) => ({ job, range, grant })),
  );
  const isBeaten = new Set(beaten.map(({ job, range, grant }) => `${job}/${range}/${grant}`));
  const kept = [...outputsOf(message)].filter(
    ({ job, range, grant }) => !isBeaten.has(`${job}/${range}/${grant}`),
  );
  return { peer, message, superseded: beaten, kept };
}

function judgeAcknowledged(told: Told, books: Books, complain: Complain): void {
  const { peer, kept } = told;
  for (const { job, range, grant } of kept) {
    if (books.jobs.get(job)?.broken === true) continue; // Its file stays, and nothing else is promised.
    if (isTakenIn(books.jobs.get(job), range, grant)) continue;
    const what = `its output of range ${range}, grant ${grant}, is durable, and it is not`;
    complain("P2", `${peer.name} was told that ${what}`);
  }
  judgeSuperseded(told, books, complain);
  judgeEnded(told, books, complain);
}

/** Without outputs it is the same whoever did the range. */
function isTakenIn(job: JobBook | undefined, range: number, grant: number): boolean {
  if (job?.spec.outputs === "none") return job.winner.has(range);
  return job?.everWon.has(`${range}/${grant}`) === true;
}

function judgeSuperseded({ peer, superseded }: Told, books: Books, complain: Complain): void {
  for (const { job: number, range, grant } of superseded) {
    const job = books.job(number);
    const what = `${peer.name} was told that its output of range ${range}, grant ${grant}, is superseded, and`;
    if (job.winner.get(range) === grant) complain("P4", `${what} it is the winner`);
    else if (job.mayStillWin(range, grant)) complain("P4", `${what} nothing has superseded it`);
  }
}

/** Failures and ranges that were handed back. */
function judgeEnded({ peer, message }: Told, books: Books, complain: Complain): void {
  const ended = [
    ...message.failures,
    ...message.returned.flatMap(({ job, grant, spans }) =>
      [...eachRange(spans)].map((range) => ({ job, grant, range })),
    ),
  ];
  for (const { job, range, grant } of ended) {
    if (books.jobs.get(job)?.isHeldBy(range, grant) !== true) continue;
    const what = `the end of range ${range}, grant ${grant}, is durable, and it is still held`;
    complain("P2", `${peer.name} was told that ${what}`);
  }
}

function judgeDone(
  fact: Extract<DurableFact, { kind: "ranges-done" }>,
  books: Books,
  complain: Complain,
): void {
  const job = books.job(fact.job);
  for (const { range, grant } of outputsOf({ outputs: [fact] })) {
    const winner = job.winner.get(range);
    if (winner !== undefined)
      complain("P4", `range ${range} is won by grant ${grant}, and grant ${winner} had won it`);
    if (job.failed.has(range))
      complain("P4", `range ${range} is won by grant ${grant} after it had failed for good`);
    if (grant <= (job.voidedUpTo.get(range) ?? 0))
      complain("P4", `range ${range} is won by grant ${grant}, which is void`);
  }
}

function judgeLost(
  fact: Extract<DurableFact, { kind: "outputs-lost" }>,
  books: Books,
  { lost, complain }: { readonly lost: ReadonlySet<string>; readonly complain: Complain },
): void {
  const job = books.job(fact.job);
  for (const range of eachRange(fact.spans)) {
    const path = job.outputPath(range, job.winner.get(range) ?? 0);
    if (!lost.has(path)) complain("P2", `${path} was declared lost, and is not`);
  }
}

/** With strict durability, an output that was taken in does not go with its node. */
function judgeFileLost(
  { path, file, isOfNode }: Extract<Sighting, { kind: "file-lost" }>,
  books: Books,
  complain: Complain,
): void {
  const copy = file.copies[0];
  if (!isOfNode || copy === undefined || !path.includes("/outputs/")) return;
  const job = books.jobs.get(copy.job);
  if (job?.spec.durability === "strict" && job.winner.get(copy.range) === copy.grant)
    complain("P2", `${path} was acknowledged, and is lost with its node`);
}

/** At the end an acknowledged output is still its range's output, unless it was lost. */
function judgeKept(books: Books, { job: number, range, grant }: ReportedOutput, complain: Complain): void {
  const job = books.jobs.get(number);
  if (job === undefined)
    complain("P2", `job ${number}, of which an output was acknowledged, is not on the disk`);
  else if (job.broken)
    return; // Nothing more was promised.
  else if (job.spec.outputs === "none") {
    if (!job.winner.has(range)) complain("P2", `range ${range} was acknowledged, and is not done`);
  } else if (job.winner.get(range) !== grant && grant > (job.voidedUpTo.get(range) ?? 0)) {
    complain("P2", `the acknowledged output of range ${range}, grant ${grant}, is not the one that was used`);
  }
}
