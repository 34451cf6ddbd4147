// Nobody waits beside work: an actor that asks and has a free slot, and a range that is ready and that it may run, do not
// stand beside each other for long.
//
// Only what the driver has heard counts, and only while it goes on answering: one that waits for its disk is excused.

import { meets, type Labels } from "../../../services/shared/core/labels.js";
import type { Sighting } from "../sighting.js";
import type { Books } from "./books.js";
import type { JobBook } from "./job-book.js";
import type { Complain, Oracle } from "./oracle.js";

/** What the driver knows of a stream of an actor's. */
interface Asker {
  readonly name: string;
  readonly incarnation: string;
  asked: number;
  given: number;
  isLeaving: boolean;
  /** What fits into it is the driver's to judge. */
  isEndKnown: boolean;
  /** How often the driver answered while the actor was left waiting. */
  answers: number;
}

/** So many answers to clients, and still nothing for the actor. */
const answersMax = 5;
/** What is answered sooner after another answer may have waited for the disk with it. */
const pauseMs = 1_000;

export function starvationOracle(complain: Complain, nowMs: () => number): Oracle {
  const askers = new Map<number, Asker>();
  let judgedAtMs = 0;
  return {
    see: (sighting, books) => {
      if (sighting.kind === "driver-started")
        askers.clear(); // Who has a stream to an older driver is not heard by this one.
      else if (sighting.kind === "stream-closed") askers.delete(sighting.stream);
      else if (sighting.kind === "driver-heard") hear(askers, sighting);
      else if (sighting.kind === "driver-said" && sighting.word.word.kind === "grant") {
        const asker = askers.get(sighting.stream);
        for (const count of sighting.word.word.spans.count) if (asker !== undefined) asker.given += count;
      } else if (sighting.kind === "client-shown" && nowMs() - judgedAtMs >= pauseMs) {
        judgedAtMs = nowMs();
        for (const asker of askers.values()) judge(asker, books, complain);
      }
    },
  };
}

function hear(
  askers: Map<number, Asker>,
  { stream, peer, said }: Extract<Sighting, { kind: "peer-said" | "driver-heard" }>,
): void {
  if (said.role !== "actor") return;
  const { message } = said;
  if (message.kind === "hello") {
    // The older streams of the name are fenced.
    for (const [older, { name }] of askers) if (name === peer.name) askers.delete(older);
    const { name, incarnation } = peer;
    const isEndKnown = message.allocationLeftMs !== undefined;
    askers.set(stream, { name, incarnation, asked: 0, given: 0, isLeaving: false, isEndKnown, answers: 0 });
  }
  const asker = askers.get(stream);
  if (asker === undefined) return;
  if (message.kind === "demand") asker.asked = Math.max(asker.asked, message.credit);
  if (message.kind === "draining") asker.isLeaving = true;
}

function judge(asker: Asker, books: Books, complain: Complain): void {
  const wants = !asker.isLeaving && !asker.isEndKnown && asker.asked > asker.given;
  asker.answers = wants && hasSlotBesideWork(asker, books) ? asker.answers + 1 : 0;
  if (asker.answers <= answersMax) return;
  const credit = `asked for ${asker.asked}, got ${asker.given}`;
  complain("starvation", `${asker.incarnation} ${credit}, has a free slot, and waits while ranges are ready`);
}

function hasSlotBesideWork({ name }: Asker, books: Books): boolean {
  for (const [number, session] of books.sessions) {
    if (session.role !== "actor" || session.name !== name) continue;
    // Nothing is lent to a node in quarantine, or drained, nor beside a range that is to be alone, nor where one may be awaited.
    if (books.quarantined.has(session.node) || books.drained.has(session.node)) return false;
    if (books.holdsAlone(number)) return false;
    if ([...books.jobs.values()].some(mayKeepFree)) return false;
    return books.heldBy(number) < session.slots && hasReady(books, session.labels);
  }
  return false;
}

/** Whether a range waits that something died around: an actor may be kept free for it. */
function mayKeepFree({ ended, suspects, winner, failed, holder }: JobBook): boolean {
  if (ended) return false;
  return [...suspects].some((range) => !winner.has(range) && !failed.has(range) && !holder.has(range));
}

function hasReady(books: Books, labels: Labels): boolean {
  for (const job of books.jobs.values()) if (job.hasReady && meets(labels, job.spec.requires)) return true;
  return false;
}
