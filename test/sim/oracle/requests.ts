// P2 and P11: what clients are told of what they asked for.
//
//   - One request is one deed, however often it is asked, and every answer to it is the same one.
//   - A job that was accepted is durable; one that is shown as over has its report, durably.
//   - What a client is told is done is so, or was so after it had asked.

import { isDeepStrictEqual } from "node:util";
import type { NodeControl } from "../../../services/driver/core/facts/fact-node.js";
import type { DurableFact, JobControl } from "../../../services/driver/core/facts/fact.js";
import { spansOfAscending } from "../../../services/shared/core/spans.js";
import type { ClientAnswer, ClientAsking, Sighting } from "../sighting.js";
import type { Books } from "./books.js";
import type { JobBook } from "./job-book.js";
import type { Complain, Oracle } from "./oracle.js";

interface Request {
  readonly asking: ClientAsking;
  /** The job or node that it was first said to be about, or the first range that was added. */
  told: number | string | undefined;
  /** The fact that it made. */
  fact: DurableFact | undefined;
  /** What it asks for was so at some time since it was asked. */
  wasSo: boolean;
}

export function requestsOracle(complain: Complain): Oracle {
  const requests = new Map<string, Request>();
  return {
    fact: (fact, books) => {
      if (!("requestId" in fact)) return;
      const request = requests.get(fact.requestId);
      if (request === undefined)
        complain("P11", `${fact.kind} of ${subjectOf(fact)}: nobody asked for ${fact.requestId}`);
      else judgeDeed(request, fact, books, complain);
    },
    see: (sighting, books) => {
      if (sighting.kind === "client-asked") {
        const { asking } = sighting;
        const unknown = { asking, told: undefined, fact: undefined, wasSo: false };
        if (!requests.has(asking.requestId)) requests.set(asking.requestId, unknown);
      }
      if (sighting.kind === "client-asked" || sighting.kind === "facts-durable")
        for (const request of requests.values()) request.wasSo ||= isSo(request.asking, books);
      if (sighting.kind === "client-told") judgeAnswer(sighting, requests, books, complain);
      if (sighting.kind === "client-shown") judgeShown(sighting.status, books, complain);
    },
    end: (books) => {
      for (const { asking, told } of requests.values()) {
        if (asking.kind === "submit-job" && typeof told === "number" && !books.jobs.has(told))
          complain("P2", `${asking.requestId} was accepted as job ${told}, which is lost`);
      }
    },
  };
}

type Deed = Extract<DurableFact, { requestId: string }>;

const deedOf = {
  cancel: "job-cancelled",
  pause: "job-suspended",
  resume: "job-resumed",
  retry: "job-retried",
  close: "job-closed",
} as const satisfies Record<JobControl, Deed["kind"]>;

const nodeDeedOf = {
  drain: "drain-begun",
  undrain: "drain-ended",
} as const satisfies Record<NodeControl, Deed["kind"]>;

function judgeDeed(request: Request, fact: Deed, books: Books, complain: Complain): void {
  const { asking } = request;
  const what = `${asking.requestId} led to ${fact.kind} of ${subjectOf(fact)}`;
  if (request.fact !== undefined) complain("P11", `${what}, and it had led to ${request.fact.kind} before`);
  else if (request.wasSo && asking.kind.startsWith("control") && isAnsweredDone(request))
    complain("P11", `${what}, and was answered as done before`);
  request.fact = fact;
  if (!isAskedFor(asking, fact)) complain("P11", `${what}, which is not what it asked for`);
  if (fact.kind === "job-submitted" && books.jobs.has(fact.job))
    complain("P11", `${what}, and there is such a job`);
}

function isAskedFor(asking: ClientAsking, fact: Deed): boolean {
  if (asking.kind === "submit-job")
    return fact.kind === "job-submitted" && isDeepStrictEqual(asking.spec, fact.spec);
  if (asking.kind === "control-node")
    return "node" in fact && fact.node === asking.node && fact.kind === nodeDeedOf[asking.control];
  if (!("job" in fact) || fact.job !== asking.job) return false;
  if (asking.kind === "control-job") return fact.kind === deedOf[asking.control];
  return fact.kind === "ranges-added" && isDeepStrictEqual(asking.inputs, fact.inputs);
}

function subjectOf(fact: Deed): string {
  return "node" in fact ? `node ${fact.node}` : `job ${fact.job}`;
}

function isAnsweredDone({ told }: Request): boolean {
  return told !== undefined;
}

/** Whether what is asked for is so already. */
function isSo(asking: ClientAsking, books: Books): boolean {
  if (asking.kind === "control-node") return books.drained.has(asking.node) === (asking.control === "drain");
  if (asking.kind !== "control-job") return false;
  const job = books.jobs.get(asking.job);
  if (job === undefined) return false;
  switch (asking.control) {
    case "cancel":
      return job.cancelled;
    case "pause":
      return job.suspended;
    case "resume":
      return !job.suspended && !job.stopped && !job.ended;
    case "retry":
      return false;
    case "close":
      return !job.open;
  }
}

function judgeAnswer(
  { asking, answer }: { readonly asking: ClientAsking; readonly answer: ClientAnswer },
  requests: ReadonlyMap<string, Request>,
  books: Books,
  complain: Complain,
): void {
  const request = requests.get(asking.requestId);
  if (request === undefined) return;
  const what = `${asking.requestId} (${asking.kind === "control-job" ? asking.control : asking.kind})`;
  if (answer.kind === "refused") {
    if (asking.kind === "control-node" && request.told === undefined) return; // See drains.ts.
    if (answer.why === "invalid") complain("P11", `${what} was refused: ${answer.flaws.join("; ")}`);
    else if (asking.kind === "submit-job" || answer.why !== "conflict")
      complain("P11", `${what} was refused: ${answer.message}`);
    else if (request.told !== undefined)
      complain("P11", `${what} was done, and then refused: ${answer.message}`);
  } else judgeDone(request, answer, books, (promise, flaw) => complain(promise, `${what} was ${flaw}`));
}

function judgeDone(
  request: Request,
  answer: Exclude<ClientAnswer, { kind: "refused" }>,
  books: Books,
  complain: Complain,
): void {
  // Of ranges that are added, the first one tells one deed from another.
  const told = toldIn(answer);
  request.told ??= told;
  if (request.told !== told) complain("P11", `answered with ${request.told}, then with ${told}`);
  const isDurable =
    answer.kind === "accepted"
      ? books.jobs.get(answer.job)?.requestId === request.asking.requestId
      : request.fact !== undefined || request.wasSo;
  if (!isDurable) complain("P2", `answered: ${answer.kind}, and that is not durable`);
}

function toldIn(answer: Exclude<ClientAnswer, { kind: "refused" }>): number | string {
  if (answer.kind === "added") return answer.firstRange;
  return "node" in answer ? answer.node : answer.job;
}

type Status = Extract<Sighting, { kind: "client-shown" }>["status"];

function judgeShown({ job, state, eventsDone }: Status, books: Books, complain: Complain): void {
  const events = eventsIn(books.jobs.get(job));
  if (eventsDone !== events)
    complain("P2", `job ${job} is shown with ${eventsDone} events, and ${events} are durable`);
  if (state === "running" || state === "suspended" || state === "open") return;
  if (books.jobs.get(job)?.reported !== true)
    complain("P2", `job ${job} is shown as ${state}, and that is not durable`);
}

/** Of the ranges that have an output. */
function eventsIn(job: JobBook | undefined): number {
  const ranges = [...(job?.winner.keys() ?? [])].sort((a, b) => a - b);
  return job?.layout.eventsIn(spansOfAscending(ranges)) ?? 0;
}
