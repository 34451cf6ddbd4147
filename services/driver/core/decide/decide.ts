// What a command leads to. Decisions only read; they are lazy, and each fact is applied before the next is decided, so
// that a command which says two things about one range is judged as if they had come one after the other.

import { unreachable } from "../../../shared/core/assert.js";
import { jobNumber, type JobNumber } from "../../../shared/core/id.js";
import type { JobSpec } from "../../../shared/core/job-spec.js";
import type { Bench } from "../bench.js";
import type { Command, StreamCommand } from "../facts/command.js";
import { decideAdd } from "./decide-add.js";
import { decideControl } from "./decide-control.js";
import { decideNodeControl } from "./decide-drain.js";
import { isOutOfService } from "./in-service.js";
import { decideMergeReport } from "./decide-merge.js";
import { decideHandIn, decideResults } from "./decide-results.js";
import { decideHello, decideLost, decideTick } from "./decide-session.js";
import type { Fact } from "../facts/fact.js";
import { jobViewOf, sessionOfStream, type FarmView, type SessionView } from "../state/farm.js";
import { useOf, type ClientRequest } from "../state/client-requests.js";
import { factsInsideJob } from "../state/fault.js";
import { standsAt } from "../state/merge-group.js";
import { differenceBetweenJobs, flawOfSpec } from "./spec-check.js";

export function* decide(bench: Bench, command: Command): Generator<Fact, void, void> {
  const job = jobOfCommand(command);
  if (job === undefined) yield* decideAny(bench, command);
  else yield* factsInsideJob(job, `${command.kind} was decided`, decideAny(bench, command));
}

/** The one job that a command is about; of those that may be about several, each part is its own job's. */
function jobOfCommand(command: Command): JobNumber | undefined {
  if ("job" in command) return command.job;
  return "merge" in command ? command.merge.job : undefined;
}

function* decideAny(bench: Bench, command: Command): Generator<Fact, void, void> {
  switch (command.kind) {
    case "start-driver":
      yield { kind: "driver-started", epoch: command.epoch, run: command.run, atUnixMs: bench.moment.unixMs };
      yield { kind: "leases-renewed", atMs: bench.moment.nowMs };
      return;
    case "submit-job":
      yield* decideSubmit(bench, command);
      return;
    case "add-ranges":
      yield* decideAdd(bench, command);
      return;
    case "control-job":
      yield* decideControl(bench, command);
      return;
    case "control-node":
      yield* decideNodeControl(bench, command);
      return;
    case "open-session":
      yield* decideHello(bench, command);
      return;
    case "take-in-results":
      yield* decideHandIn(bench, command);
      return;
    case "end-lost-session":
      yield* decideLost(bench, command);
      return;
    case "tick":
      yield* decideTick(bench);
      return;
    case "tell-fault":
      if (!isOutOfService(bench.farm, command.blamed.job)) throw command.blamed; // (turn.ts, T1)
      return;
    case "confirm-published":
    case "confirm-inputs-removed":
    case "confirm-reported":
      yield* decideConfirmation(bench.farm, command);
      return;
    case "detach-stream":
    case "leave":
    case "raise-demand":
    case "hear":
    case "tell-wall-time":
    case "tell-wait":
    case "start-draining":
    case "report-results":
    case "report-merge":
      yield* decideStreamCommand(bench, command);
      return;
    default:
      unreachable(command);
  }
}

function* decideSubmit(
  bench: Bench,
  command: Extract<Command, { kind: "submit-job" }>,
): Generator<Fact, void, void> {
  const { farm, rules, moment } = bench;
  const { reply, requestId, spec } = command;
  const known = farm.requests.get(requestId);
  if (known !== undefined) {
    // (P11) A repeat gets the first answer; the same id for something else is a mistake of the caller's.
    const conflict = conflictWith(farm, known, spec);
    yield known.asked === "submit" && conflict === undefined
      ? { kind: "submit-answered", reply, answer: { kind: "accepted", job: known.job, repeated: true } }
      : refused(reply, `request ${requestId} ${conflict ?? ""}`);
    return;
  }
  if (farm.jobs.size >= rules.jobsMax) {
    const message = `this run has ${farm.jobs.size} jobs, as many as a run may have: begin a new workdir`;
    yield {
      kind: "submit-answered",
      reply,
      answer: { kind: "refused", why: "too-large", limit: "jobs", message },
    };
    return;
  }
  const flaw = flawOfSpec(spec, rules);
  if (flaw !== undefined) {
    yield { kind: "submit-answered", reply, answer: { kind: "refused", ...flaw } };
    return;
  }
  const job = jobNumber(farm.lastJob + 1);
  yield { kind: "job-submitted", job, requestId, spec, atUnixMs: moment.unixMs };
  yield { kind: "submit-answered", reply, answer: { kind: "accepted", job, repeated: false } };
}

/** What the request was used for, when it was not for this very job. */
function conflictWith(farm: FarmView, known: ClientRequest, spec: JobSpec): string | undefined {
  if (known.asked !== "submit") return useOf(known);
  const difference = differenceBetweenJobs(jobViewOf(farm, known.job).spec, spec);
  return difference === undefined ? undefined : `began job ${known.job} as another job: ${difference}`;
}

function refused(reply: number, message: string): Fact {
  return { kind: "submit-answered", reply, answer: { kind: "refused", why: "conflict", message } };
}

type StreamBound = Exclude<StreamCommand, { kind: "open-session" }>;

/** What came over a stream belongs to its session, and renews it. A stream whose session is over is told to begin anew. */
function* decideStreamCommand(bench: Bench, command: StreamBound): Generator<Fact, void, void> {
  const session = sessionOfStream(bench.farm, command.stream);
  if (command.kind === "detach-stream" || command.kind === "leave") {
    yield* decideFarewell(session, command);
    return;
  }
  if (session === undefined) {
    const message = "this stream has no session, or its session has ended: say hello on a new stream";
    yield { kind: "stream-refused", stream: command.stream, refusal: { why: "over", message } };
    return;
  }
  yield { kind: "session-heard", session: session.number, atMs: bench.moment.nowMs };
  yield* decideForSession(bench, session, command);
}

/** The session may have ended before its peer left. */
function* decideFarewell(
  session: SessionView | undefined,
  { kind, stream }: Extract<StreamBound, { kind: "detach-stream" | "leave" }>,
): Generator<Fact, void, void> {
  if (kind === "detach-stream") {
    if (session !== undefined) yield { kind: "session-detached", session: session.number };
    return;
  }
  if (session !== undefined) {
    const reason = `${session.role} ${session.name} left`;
    yield { kind: "session-ended", session: session.number, reason };
  }
  yield { kind: "stream-refused", stream, refusal: { why: "left", message: "all that was said is settled" } };
}

function* decideForSession(
  bench: Bench,
  session: SessionView,
  command: Exclude<StreamBound, { kind: "detach-stream" | "leave" }>,
): Generator<Fact, void, void> {
  switch (command.kind) {
    case "hear":
      return;
    case "raise-demand":
      // Credit only grows: an older message that comes late says nothing new.
      if (session.attachment.kind === "attached" && command.credit > session.attachment.credit) {
        yield { kind: "demand-raised", session: session.number, credit: command.credit };
      }
      return;
    case "tell-wall-time":
      yield { kind: "wall-time-told", session: session.number, endsAtMs: command.endsAtMs };
      return;
    case "tell-wait":
      if (session.waitsFor !== command.waitsFor)
        yield { kind: "wait-told", session: session.number, waitsFor: command.waitsFor };
      return;
    case "start-draining":
      yield { kind: "session-draining", session: session.number };
      return;
    case "report-results":
      yield* decideResults(bench, session, command);
      return;
    case "report-merge":
      yield* decideMergeReport(bench, session, command);
      return;
    default:
      unreachable(command);
  }
}

/** An effect was performed. Effects are repeated after a recovery, so a second word of it is normal and changes nothing. */
function* decideConfirmation(
  farm: FarmView,
  command: Extract<Command, { kind: "confirm-published" | "confirm-inputs-removed" | "confirm-reported" }>,
): Generator<Fact, void, void> {
  if (command.kind === "confirm-reported") {
    if (farm.jobs.get(command.job)?.stage.kind === "ended") yield { kind: "job-reported", job: command.job };
    return;
  }
  const { job, group } = command.merge;
  const kind = command.kind === "confirm-published" ? "merge-published" : "merge-inputs-removed";
  if (farm.jobs.get(job)?.groups.get(group)?.stage.kind === standsAt[kind]) yield { kind, job, group };
}
