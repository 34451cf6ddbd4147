// P2 and P11: what clients are told.
//
//   - One request is one job, however often it is asked, and every answer names the same one.
//   - A job that was accepted is durable; one that is shown as over has its report, durably.

import { isDeepStrictEqual } from "node:util";
import type { SubmitAnswer } from "../../../services/driver/core/fact.js";
import type { JobSpec } from "../../../services/shared/core/job-spec.js";
import { spansOfAscending } from "../../../services/shared/core/spans.js";
import type { Books, JobBook } from "./books.js";
import type { Complain, Oracle } from "./oracle.js";

export function submissionsOracle(complain: Complain): Oracle {
  const asked = new Map<string, JobSpec>();
  const told = new Map<string, number>();
  return {
    fact: (fact, books) => {
      if (fact.kind !== "job-submitted") return;
      const twin = [...books.jobs.values()].find((job) => job.requestId === fact.requestId);
      if (twin !== undefined)
        complain("P11", `${fact.requestId} made job ${twin.number} and job ${fact.job}`);
      if (!isDeepStrictEqual(asked.get(fact.requestId), fact.spec)) {
        complain("P11", `job ${fact.job} is not what ${fact.requestId} asked for`);
      }
    },
    see: (sighting, books) => {
      if (sighting.kind === "client-asked") asked.set(sighting.requestId, sighting.spec);
      else if (sighting.kind === "client-told") judgeAnswer(sighting, books, { told, complain });
      else if (sighting.kind === "client-shown" && sighting.status.state !== "running") {
        const { job, state, eventsDone } = sighting.status;
        const events = eventsIn(books.jobs.get(job));
        if (eventsDone !== events)
          complain("P1", `job ${job} is shown with ${eventsDone} events, and has ${events}`);
        if (books.jobs.get(job)?.reported !== true)
          complain("P2", `job ${job} is shown as ${state}, and that is not durable`);
      }
    },
    end: (books) => {
      for (const [requestId, job] of told) {
        if (books.jobs.get(job)?.requestId !== requestId)
          complain("P2", `${requestId} was accepted as job ${job}, which is lost`);
      }
    },
  };
}

/** Of the ranges that have an output. */
function eventsIn(job: JobBook | undefined): number {
  const ranges = [...(job?.winner.keys() ?? [])].sort((a, b) => a - b);
  return job?.layout.eventsIn(spansOfAscending(ranges)) ?? 0;
}

function judgeAnswer(
  { requestId, answer }: { readonly requestId: string; readonly answer: SubmitAnswer },
  books: Books,
  { told, complain }: { readonly told: Map<string, number>; readonly complain: Complain },
): void {
  if (answer.kind === "refused") {
    complain("P11", `${requestId} was refused: ${answer.message}`);
    return;
  }
  const earlier = told.get(requestId) ?? answer.job;
  told.set(requestId, earlier);
  if (earlier !== answer.job)
    complain("P11", `${requestId} was answered job ${earlier}, then job ${answer.job}`);
  if (books.jobs.get(answer.job)?.requestId !== requestId) {
    complain("P2", `${requestId} was accepted as job ${answer.job}, and that is not durable`);
  }
}
