// The figures of dispatch for people: one column a variant.

import type { DispatchFigures, DispatchOptions } from "./dispatch.js";
import { figure, megabytes, tableText, type Row } from "./table.js";

export function dispatchText(all: readonly DispatchFigures[], options: DispatchOptions): string {
  const { seconds, warmUpSeconds, ranges, window } = options;
  const row = (title: string, cell: (figures: DispatchFigures) => string): Row => [title, ...all.map(cell)];
  const table = tableText([
    row("actors", ({ actors }) => figure(actors)),
    row("results a message", ({ resultsPerMessage }) => figure(resultsPerMessage)),
    row("ranges/s granted", ({ rangesGranted }) => figure(rangesGranted)),
    row("ranges/s completed", ({ rangesCompleted }) => figure(rangesCompleted)),
    row("ranges/s journaled", ({ rangesJournaled }) => figure(rangesJournaled)),
    row("ranges/s acknowledged (actors' count)", ({ rangesAcknowledged }) => figure(rangesAcknowledged)),
    row("messages/s, both ways", ({ messages }) => figure(messages)),
    row("driver CPU µs a range", ({ cpuMicrosecondsPerRange }) => figure(cpuMicrosecondsPerRange, 2)),
    row("driver CPU µs a message", ({ cpuMicrosecondsPerMessage }) => figure(cpuMicrosecondsPerMessage, 1)),
    row("request to grant, ms p50", ({ grantMs }) => figure(grantMs?.p50, 1)),
    row("request to grant, ms p99", ({ grantMs }) => figure(grantMs?.p99, 1)),
    row("driver RSS, MB", ({ rssBytes }) => megabytes(rssBytes)),
    row("journal bytes a range", ({ journalBytesPerRange }) => figure(journalBytesPerRange, 1)),
    row("commits/s", ({ commits }) => figure(commits)),
    row("facts a commit", ({ factsPerCommit }) => figure(factsPerCommit, 1)),
    row("ms a commit", ({ commitMs }) => figure(commitMs, 2)),
    row("event loop lag, ms p50", ({ loopLagMs }) => figure(loopLagMs.p50, 1)),
    row("event loop lag, ms p99", ({ loopLagMs }) => figure(loopLagMs.p99, 1)),
    row("cores busy: driver", ({ driverCores }) => figure(driverCores, 2)),
    row("cores busy: crowd", ({ crowdCores }) => figure(crowdCores, 2)),
    row("cores busy: others", ({ otherCores }) => figure(otherCores, 2)),
    row("crowd processes", ({ crowdProcesses }) => figure(crowdProcesses)),
    row("seconds to join", ({ joinedSeconds }) => figure(joinedSeconds, 1)),
  ]);
  return (
    `dispatch: ${seconds} s measured after ${warmUpSeconds} s of warm-up; a job of ${figure(ranges)} ranges; ` +
    `${window} messages of results in flight for each actor, in a closed loop\n\n${table}`
  );
}
