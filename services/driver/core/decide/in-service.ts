// What is said of jobs that are out of service is neither judged nor believed: it is acknowledged, and its files stay.

import type { JobNumber } from "../../../shared/core/id.js";
import type { RangeResults } from "../facts/command.js";
import type { FarmView } from "../state/farm.js";

export function isOutOfService({ jobs }: FarmView, job: JobNumber): boolean {
  return jobs.get(job)?.stage.kind === "broken";
}

/** Results of the other jobs. */
export function resultsInService(farm: FarmView, results: RangeResults): RangeResults {
  const { outputs, failures, returned, suspected } = results;
  const isOut = ({ job }: { readonly job: JobNumber }): boolean => isOutOfService(farm, job);
  if (![outputs, failures, returned, suspected].some((some) => some.some(isOut))) return results;
  const inService = <Part extends { readonly job: JobNumber }>(some: readonly Part[]): readonly Part[] =>
    some.filter((part) => !isOut(part));
  return {
    outputs: inService(outputs),
    failures: inService(failures),
    returned: inService(returned),
    suspected: inService(suspected),
  };
}
