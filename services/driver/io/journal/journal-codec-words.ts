// Words that facts and snapshots share, and their numbers.

import * as wire from "../../../../gen/noctua/journal/v1/fact.js";
import type { JobOutcome, SessionRole } from "../../core/facts/fact.js";

export const roles: Record<SessionRole, wire.SessionRole> = {
  actor: wire.SessionRole.SESSION_ROLE_ACTOR,
  merger: wire.SessionRole.SESSION_ROLE_MERGER,
};

export const outcomes: Record<JobOutcome, wire.JobOutcome> = {
  finished: wire.JobOutcome.JOB_OUTCOME_FINISHED,
  "finished-with-failures": wire.JobOutcome.JOB_OUTCOME_FINISHED_WITH_FAILURES,
  failed: wire.JobOutcome.JOB_OUTCOME_FAILED,
  cancelled: wire.JobOutcome.JOB_OUTCOME_CANCELLED,
};
