// Which of a job's ready ranges a session is lent.

import type { Spans } from "../../shared/core/spans.js";
import type { SessionView } from "./farm.js";
import type { JobView } from "./job.js";

/** At most so many ranges for the session, those that come first in the job; none when there are none for it. */
export function pickRanges(job: JobView, _session: SessionView, most: number): Spans {
  return job.ready.front(most);
}
