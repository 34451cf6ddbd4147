// Numbers in services/ that are called a bound and have no row in docs/limits.md, since nobody comes to them with what he sends.

import type { Place } from "./limit.js";

interface OtherBounds {
  /** What they are instead. */
  readonly why: string;
  /** Files with the names in them. */
  readonly of: Readonly<Record<string, string>>;
}

const groups: readonly OtherBounds[] = [
  {
    why: "how long something is waited for",
    of: {
      "actor/io/agent.ts": "handInMsMax",
      "actor/io/job-places.ts": "closeMsMax",
      "actor/io/runs.ts": "closeMsMax",
      "actor/io/slurm-time-left.ts": "askMsMax",
      "cli/commands/run.ts": "submitMsMax",
      "cli/io/ask-driver.ts": "answerMsMax",
      "cli/io/command-shapes.ts": "helpMsMax",
      "cli/io/service-team.ts": "startMsMax",
      "cli/main.ts": "stopMsMax",
      "driver/io/explaining.ts": "commitMsMax",
      "driver/io/failure-page.ts": "searchMsMax",
      "driver/io/job-sweep.ts": "lastSweepMsMax",
      "driver/io/journal/snapshot-thread.ts": "tookMsMaxDefault",
      "driver/io/slurm-jobs.ts": "askMsMax",
      "merger/io/merges.ts": "closeMsMax",
      "shared/io/link-session.ts": "leaveMsMax",
      "shared/io/peer-agent.ts": "linkEndMsMax peerStopMsMax",
      "shared/io/process-group.ts": "pipeMsMax",
      "shared/io/process-marks.ts": "looksMax",
    },
  },
  {
    why: "how much is shown of what is all there",
    of: {
      "actor/core/stream-words.ts": "shownMax",
      "cli/core/audit-outputs.ts": "problemsMax",
      "cli/core/report-text.ts": "columnsMax",
      "cli/core/verdict-text.ts": "problemsMax",
      "cli/io/event-counts.ts": "shownMax",
      "cli/io/log-search.ts": "sectionsOfJobMax sectionsOfRangeMax sectionsOfLogMax",
      "cli/io/log-tail.ts": "linesMax bytesMax lineMax",
      "cli/io/supervised-service.ts": "reasonMax",
      "cli/io/terminal.ts": "progressColumnsMax",
      "driver/core/explain/explain-words.ts": "namesMax quotedMax",
      "driver/core/node-status.ts": "namedMax",
      "driver/core/report.ts": "quarantinedMax",
      "driver/core/status.ts": "quarantinedMax",
      "driver/io/merge-news.ts": "namedMax",
      "driver/io/rpc-error.ts": "toldMax",
      "shared/core/mistake.ts": "stepMax describedMax",
      "shared/io/settings.ts": "shownMax",
      "shared/io/wire-checks.ts": "errorsMax",
    },
  },
  {
    why: "what a number, a timer or a format can hold, or a field may say",
    of: {
      "actor/io/range-run.ts": "wallMsMax",
      "actor/io/wire.ts": "rangesMax",
      "cli/core/selector.ts": "numberMax",
      "cli/io/arguments.ts": "durationMsMax",
      "cli/io/input-schema.ts": "eventNumberMax",
      "cli/io/job-schema.ts": "uint32Max",
      "cli/io/schema-values.ts": "durationMsMax sizeBytesMax",
      "driver/core/decide/flaws.ts": "timeoutMsMax",
      "driver/core/decide/payload-check.ts": "coresMax slotsPerProcessMax",
      "driver/core/decide/spec-check.ts": "uint32Max int32Max",
      "driver/io/calls.ts": "hoursMax",
      "driver/io/failure-finder.ts": "lineBytesMax",
      "merger/core/tar.ts": "nameBytesMax sizeBytesMax nameMax",
      "merger/io/wire.ts": "uint32Max",
      "shared/core/latencies.ts": "microsMax",
      "shared/core/quantile-counts.ts": "bucketsMax",
      "shared/io/known-settings.ts": "durationMax",
      "shared/io/log-file.ts": "firstLineMax",
      "shared/io/system-clock.ts": "timerMsMax",
    },
  },
  {
    why: "part of a limit that has a row, or the same one said where people write",
    of: {
      "actor/core/slot-book.ts": "jobsMax",
      "actor/io/actor-process.ts": "prefetchPerSlotMax stagingPerSlotMax",
      "actor/io/agent.ts": "max",
      "actor/io/hand-in.ts": "messagesMax",
      "actor/io/runs.ts": "max",
      "cli/commands/follow-logs.ts": "logsMax",
      "cli/io/arguments.ts": "requestIdMax",
      "cli/io/command-schema.ts": "argumentLengthMax",
      "cli/io/job-file.ts": "rangesMax",
      "cli/io/job-schema.ts": "variantsMax addedInputsMax",
      "cli/io/job-watch.ts": "watchedMax",
      "cli/io/retry-schema.ts": "rulesMax",
      "driver/core/failed-ranges.ts": "charactersMax",
      "driver/core/rules.ts": "lookedAtMax",
      "driver/core/state/fault.ts": "traceMax",
      "driver/io/journal/journal-frames.ts": "laterFramesMax",
      "driver/io/rpc-error.ts": "violationMax violationsMax",
      "merger/io/input-reader.ts": "aheadBytesMax",
      "merger/io/merge-log.ts": "pendingBytesMax",
      "shared/core/environment-flaw.ts": "nameMax charactersMax",
      "shared/io/unexpected.ts": "max",
    },
  },
  {
    why: "how a long work is cut, or how many hands it has",
    of: {
      "actor/core/session.ts": "resultsMax",
      "actor/io/put-threads.ts": "threadsMax batchMax",
      "driver/core/failed-ranges.ts": "partMax",
      "driver/core/range-spans.ts": "partMax",
      "driver/io/file-work.ts": "removalWorksMax removalsMax",
      "driver/io/hand-ins.ts": "filesMax",
      "driver/io/job-sweep.ts": "removalsMax",
      "driver/io/journal/journal-codec-state.ts": "itemsMax columnMax",
      "driver/io/removals.ts": "threadsMax quickMsMax",
      "merger/io/command-tool.ts": "linesMax",
      "merger/io/input-reader.ts": "roomBytesMax smallBytesMax",
      "merger/io/small-inputs.ts": "quickBytesMax quickMsMax pauseMax rowMax",
    },
  },
  {
    why: "what is kept to be quick, or to measure: nothing is lost without it",
    of: {
      "cli/core/bench.ts": "eventsMax",
      "cli/core/pace-meter.ts": "samplesMax",
      "driver/core/state/grant-ages.ts": "notesMax",
      "driver/core/state/paces.ts": "rangesMax",
      "driver/core/state/range-pages.ts": "restingMax",
      "driver/core/state/waiting-room.ts": "staleMax",
      "driver/io/failure-finder.ts": "jobsMax",
      "driver/io/journal/kept-writer.ts": "keptBytesMax",
      "shared/core/span-set.ts": "deadSpansMax",
    },
  },
  {
    why: "what a job says of itself, or a rule of when something else is done",
    of: {
      "driver/core/rules.ts": "suspicionsMax",
      "shared/core/job-spec.ts": "attemptsMax",
      "shared/core/nearest-name.ts": "mistakesMax",
      "shared/io/wire-merge.ts": "attemptsMax",
      "shared/io/wire-types.ts": "attemptsMax",
    },
  },
];

export const otherBounds: readonly Place[] = groups.flatMap((group) =>
  Object.entries(group.of).flatMap(([file, names]) =>
    names.split(" ").map((name): Place => [`services/${file}`, name]),
  ),
);
