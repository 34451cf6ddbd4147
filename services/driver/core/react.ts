// What is to be done in the world about a fact. Performed when the fact is durable, and not before (engine.ts).

import { unreachable } from "../../shared/core/assert.js";
import type { JobNumber, SessionNumber } from "../../shared/core/id.js";
import type { Effect } from "./facts/effect.js";
import type { Fact, SessionRole, StreamKey } from "./facts/fact.js";
import { jobViewOf, type FarmView } from "./state/farm.js";

/** The effects of a fact, seen right after it was applied. */
export function react(farm: FarmView, fact: Fact): readonly Effect[] {
  const effects = effectsOf(farm, fact);
  return "job" in fact ? [...effects, { kind: "tell-watchers", job: fact.job }] : effects;
}

function effectsOf(farm: FarmView, fact: Fact): readonly Effect[] {
  if (isOfStage(fact)) return effectsOfJob(farm, fact);
  switch (fact.kind) {
    case "session-attached":
      return [...welcome(farm, fact.session), ...handBack(farm, fact.session)];
    case "drain-begun":
      return [...(farm.nodes.get(fact.node)?.sessions ?? [])].flatMap((session) => handBack(farm, session));
    case "ranges-granted":
    case "ranges-copied":
    case "ranges-revoked":
    case "jobs-closed":
    case "results-settled":
    case "session-drained":
      return effectsForSession(farm, fact);
    case "stream-refused":
    case "hand-in-judged":
    case "submit-answered":
    case "control-answered":
    case "add-answered":
    case "node-answered":
      return [answerOf(fact)];
    case "driver-started":
    case "session-opened":
    case "session-ended":
    case "session-detached":
    case "session-heard":
    case "session-draining":
    case "wall-time-told":
    case "wait-told":
    case "session-sated":
    case "actor-reserved":
    case "crew-summed":
    case "leases-renewed":
    case "clock-read":
    case "demand-raised":
    case "ranges-returned":
    case "ranges-done":
    case "delays-ended":
    case "range-failed":
    case "range-tried":
    case "ranges-suspected":
    case "range-given-up":
    case "node-quarantined":
    case "node-restored":
    case "drain-ended":
    case "outputs-lost":
      return []; // What follows from them is decided (advance.ts), not done.
    case "ranges-added":
      return toAll(farm, (stream) => extendJob(farm, stream, fact));
    case "merge-planned":
    case "merge-granted":
    case "merge-returned":
    case "merge-failed":
    case "merge-accepted":
    case "merge-published":
    case "merge-inputs-removed":
    case "merge-settled":
      return effectsOfMerge(farm, fact);
    default:
      return unreachable(fact);
  }
}

type Answered = Extract<Fact, { kind: `${string}-answered` | "stream-refused" | "hand-in-judged" }>;

/** What somebody is told who asked. */
function answerOf(fact: Answered): Effect {
  switch (fact.kind) {
    case "stream-refused":
      return { kind: "close-stream", stream: fact.stream, refusal: fact.refusal };
    case "hand-in-judged":
      return { kind: "settle-hand-in", handIn: fact.handIn, verdict: fact.verdict };
    case "submit-answered":
      return { kind: "answer-submit", reply: fact.reply, answer: fact.answer };
    case "control-answered":
      return { kind: "answer-control", reply: fact.reply, answer: fact.answer };
    case "add-answered":
      return { kind: "answer-add", reply: fact.reply, answer: fact.answer };
    case "node-answered":
      return { kind: "answer-node", reply: fact.reply, answer: fact.answer };
    default:
      return unreachable(fact);
  }
}

type SessionNews = Extract<
  Fact,
  {
    kind:
      | "ranges-granted"
      | "ranges-copied"
      | "ranges-revoked"
      | "jobs-closed"
      | "results-settled"
      | "session-drained";
  }
>;

/** What is said to a session. */
function effectsForSession(farm: FarmView, fact: SessionNews): readonly Effect[] {
  const say = (effect: (stream: StreamKey) => Effect): Effect[] => toSession(farm, fact.session, effect);
  switch (fact.kind) {
    case "ranges-granted":
    case "ranges-copied": {
      const { job, grant, spans } = fact;
      const alone = fact.kind === "ranges-granted" && fact.alone;
      return say((stream) => ({ kind: "send-grant", stream, grant: { job, grant, spans }, alone }));
    }
    case "ranges-revoked":
      return say((stream) => ({ kind: "revoke-ranges", stream, revoked: fact.revoked }));
    case "jobs-closed":
      return fact.jobs.flatMap((job) => say((stream) => ({ kind: "close-job", stream, job })));
    case "results-settled": {
      const { number, superseded } = fact;
      return say((stream) => ({ kind: "acknowledge-results", stream, number, superseded }));
    }
    case "session-drained": {
      const { reason, graceMs } = fact;
      return say((stream) => ({ kind: "drain", stream, reason, graceMs }));
    }
    default:
      return unreachable(fact);
  }
}

type JobFact = Extract<Fact, { kind: `job-${string}` }>;

function isOfStage(fact: Fact): fact is JobFact {
  return fact.kind.startsWith("job-");
}

function effectsOfJob(farm: FarmView, { kind, job }: JobFact): readonly Effect[] {
  switch (kind) {
    case "job-stopped":
      return toAll(farm, (stream) => ({ kind: "close-job", stream, job }), "actor");
    case "job-cancelled":
      return toAll(farm, (stream) => ({ kind: "close-job", stream, job }));
    case "job-ended":
      return [...toAll(farm, (stream) => ({ kind: "close-job", stream, job })), { kind: "report-job", job }];
    case "job-broken":
      return [...toAll(farm, (stream) => ({ kind: "close-job", stream, job })), { kind: "keep-broken", job }];
    case "job-submitted":
    case "job-retried":
    case "job-suspended":
    case "job-resumed":
    case "job-closed":
    case "job-reported":
      return []; // Actors go on with what they hold, and are told of a job with its ranges; clients by whoever watches.
    default:
      return unreachable(kind);
  }
}

type MergeFact = Extract<Fact, { kind: `merge-${string}` }>;

function effectsOfMerge(farm: FarmView, fact: MergeFact): readonly Effect[] {
  switch (fact.kind) {
    case "merge-granted": {
      const { job, group, grant } = fact;
      return toSession(farm, fact.session, (stream) => ({
        kind: "send-merge",
        stream,
        merge: { job, group, grant },
      }));
    }
    case "merge-settled":
      return settleMerge(farm, fact);
    case "merge-accepted": {
      const { job, group, grant } = fact;
      return [{ kind: "publish-merge", merge: { job, group, grant } }];
    }
    case "merge-published":
      return [{ kind: "remove-inputs", merge: { job: fact.job, group: fact.group } }];
    case "merge-planned":
    case "merge-returned":
    case "merge-failed":
    case "merge-inputs-removed":
      return [];
    default:
      return unreachable(fact);
  }
}

function settleMerge(farm: FarmView, fact: Extract<MergeFact, { kind: "merge-settled" }>): readonly Effect[] {
  const { session, number, unwanted } = fact;
  return toSession(farm, session, (stream) => ({ kind: "acknowledge-merge", stream, number })).concat(
    unwanted === undefined
      ? []
      : toSession(farm, session, (stream) => ({ kind: "revoke-merge", stream, merge: unwanted })),
  );
}

function welcome(farm: FarmView, number: SessionNumber): readonly Effect[] {
  const role = farm.sessions.get(number)?.role;
  return role === undefined
    ? []
    : toSession(farm, number, (stream) => ({ kind: "welcome", stream, role, session: number }));
}

/** What waits on a drained node goes back; what its sessions held when they were away, too. */
function handBack(farm: FarmView, number: SessionNumber): readonly Effect[] {
  const drain = farm.nodes.get(farm.sessions.get(number)?.node ?? "")?.drain;
  if (drain === undefined) return [];
  const reason = drain.reason === "" ? "the node is drained" : `the node is drained: ${drain.reason}`;
  return toSession(farm, number, (stream) => ({ kind: "hand-back", stream, reason }));
}

/** What was just added to a job. */
function extendJob(
  farm: FarmView,
  stream: StreamKey,
  fact: Extract<Fact, { kind: "ranges-added" }>,
): readonly Effect[] {
  const inputs = fact.inputs.length;
  const firstInput = jobViewOf(farm, fact.job).layout.inputs.length - inputs;
  return [{ kind: "extend-job", stream, job: fact.job, firstInput, inputs }];
}

/** What is to be said on a stream. */
type Say = (stream: StreamKey) => Effect | readonly Effect[];

/** Nothing for a session that is away: its next hello makes up for it (effect.ts, X2). */
function toSession(farm: FarmView, number: SessionNumber, say: Say): Effect[] {
  const attachment = farm.sessions.get(number)?.attachment;
  return attachment?.kind === "attached" ? [say(attachment.stream)].flat() : [];
}

function toAll(farm: FarmView, say: Say, role?: SessionRole): Effect[] {
  const sessions = [...farm.sessions.values()].filter(
    (session) => role === undefined || session.role === role,
  );
  return sessions.flatMap((session) => toSession(farm, session.number, say));
}

/** The effects that a farm fresh from its journal still owes the world: each is repeated, which does no harm (X1). */
export function pendingEffects(farm: FarmView): readonly Effect[] {
  const broken = [...farm.jobs.values()].filter(({ stage }) => stage.kind === "broken");
  return [
    ...[...farm.live].flatMap((number) => pendingOfJob(farm, number)),
    ...broken.map(({ number }): Effect => ({ kind: "keep-broken", job: number })),
  ];
}

function pendingOfJob(farm: FarmView, number: JobNumber): readonly Effect[] {
  const job = farm.jobs.get(number);
  if (job === undefined) return [];
  if (job.stage.kind === "ended") return [{ kind: "report-job", job: number }];
  const effects: Effect[] = [];
  for (const group of job.groupsOpen) {
    const stage = job.groups.get(group)?.stage;
    if (stage?.kind === "accepted")
      effects.push({ kind: "publish-merge", merge: { job: number, group, grant: stage.grant } });
    if (stage?.kind === "published") effects.push({ kind: "remove-inputs", merge: { job: number, group } });
  }
  return effects;
}
