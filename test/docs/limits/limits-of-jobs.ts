// What a run and its jobs may be.

import type { LimitGroup } from "./limit.js";

const rules = "services/driver/core/rules.ts";
const decide = "services/driver/core/decide";

export const limitsOfJobs: LimitGroup = {
  title: "Jobs",
  limits: [
    {
      what: "jobs of a run",
      of: [rules, "jobsMax"],
      then: "`RESOURCE_EXHAUSTED`",
      test: [`${decide}/decide.test.ts`, "is refused in a run that has as many jobs as it may have (P7)"],
    },
    {
      what: "ranges of a job",
      of: [rules, "rangesMax"],
      then: "`RESOURCE_EXHAUSTED`, with what would help",
      test: [`${decide}/spec-check.test.ts`, "has at most so many ranges as the driver can keep"],
    },
    {
      what: "inputs of a job",
      of: [rules, "inputsMax"],
      then: "`RESOURCE_EXHAUSTED`",
      test: [`${decide}/spec-check.test.ts`, "has at most so many inputs as the driver can keep"],
    },
    {
      what: "inputs that one request adds",
      of: [rules, "addedInputsMax"],
      then: "`RESOURCE_EXHAUSTED`",
      test: [`${decide}/decide-add.test.ts`, "is refused when it, or the job, would be too large (P7)"],
    },
    {
      what: "payloads for certain nodes",
      of: [`${decide}/spec-check.ts`, "variantsMax"],
      then: "refused, naming the field",
      test: [`${decide}/spec-check.test.ts`, "Array.from({ length: 65 }, () => aVariant({}"],
    },
    {
      what: "rules of failures",
      of: [`${decide}/spec-check.ts`, "failureRulesMax"],
      then: "refused, naming the field",
      test: [
        `${decide}/spec-check.test.ts`,
        "withRule(...Array.from({ length: 65 }, () => ({ timeout: true })))",
      ],
    },
    {
      what: "letters of a path",
      of: [`${decide}/spec-check.ts`, "pathLengthMax"],
      then: "refused, naming the field",
      test: [
        `${decide}/spec-check.test.ts`,
        '["inputs[0].path", withInput({ path: `/${"x".repeat(4_096)}` })]',
      ],
    },
    {
      what: "letters of a GUID or scope",
      of: [`${decide}/spec-check.ts`, "nameLengthMax"],
      then: "refused, naming the field",
      test: [`${decide}/spec-check.test.ts`, '["inputs[0].guid", withInput({ guid: "x".repeat(1_025) })]'],
    },
    {
      what: "variables that a payload is given",
      of: ["services/shared/core/environment-flaw.ts", "variablesMax"],
      told: "{}, with values of 65,536 letters",
      then: "refused, naming the field",
      test: [
        "services/shared/core/environment-flaw.test.ts",
        "a name that no program could have, one that stands twice, and too much of it all are refused",
      ],
    },
    {
      what: "ranges of one grant",
      of: [rules, "grantRangesMax"],
      then: "the rest comes in another one",
      test: ["services/driver/core/advance.test.ts", "in grants that have a limit"],
    },
    {
      what: "nodes that die under a range",
      of: [rules, "nodeDeathsMax"],
      then: "the range fails for good",
      test: [
        `${decide}/decide-suspects.test.ts`,
        "fails for good after the fifth time, and costs no credit (Z3)",
      ],
    },
    {
      what: "times that an output of a range is lost",
      of: [rules, "outputLostMax"],
      then: "the range fails for good",
      test: [`${decide}/decide-suspects.test.ts`, "a range whose output is lost again and again"],
    },
    {
      what: "nodes that have left and are remembered for what they did",
      of: [rules, "goneNodesMax"],
      then: "the one that left first is forgotten",
      test: [
        `${decide}/decide-node.test.ts`,
        "of nodes that left while something was held against them, only the last are remembered (X6)",
      ],
    },
    {
      what: "nodes that are drained",
      of: [rules, "drainedNodesMax"],
      then: "`RESOURCE_EXHAUSTED`",
      test: [
        "services/driver/io/cluster-service.test.ts",
        "that makes no sense, or can't be, is refused with a status that says so",
      ],
    },
    {
      what: "kinds of node whose event times are told apart",
      of: ["services/driver/core/state/event-times.ts", "kindsMax"],
      then: "the others share one",
      test: [
        "services/driver/core/state/event-times.test.ts",
        "a kind of node that was not met has the times of all, and too many kinds share one (E2)",
      ],
    },
    {
      what: "failures of a job with all that is known of them",
      of: ["services/driver/core/state/job.ts", "failureRecordsMax"],
      then: "the others are counted; `failures.jsonl` has each range that failed for good",
      test: [
        `${decide}/decide-failure.test.ts`,
        "is counted for ever, and kept with all that is known of it up to a limit",
      ],
    },
    {
      what: "reasons of failures that are told apart",
      of: ["services/driver/core/state/job.ts", "failureReasonsMax"],
      then: "the others share one for each class",
      test: [
        "services/driver/core/report-failures.test.ts",
        "one of too many reasons to be told apart still has its class",
      ],
    },
    {
      what: "what is wrong with a job, told at once",
      of: [`${decide}/flaws.ts`, "flawsMax"],
      then: "the others are left out until these are mended",
      test: [
        `${decide}/spec-check.test.ts`,
        "is told all that is wrong with it at once, of long lists the beginning",
      ],
    },
    {
      what: "what is kept of a fault of the program within a job",
      of: ["services/driver/core/state/fault.ts", "reasonMax"],
      told: "{} letters, and 4,000 of its trace",
      then: "the end is left out",
      test: ["services/driver/core/state/fault.test.ts", "of a fault so much is kept, whatever it says (P7)"],
    },
    {
      what: "journals that are kept of jobs that are out of service",
      of: ["services/driver/io/journal/kept-journal.ts", "keptMax"],
      then: "no more are kept; the log says so",
      test: [
        "services/driver/io/journal/kept-journal.test.ts",
        "journals are kept of so many jobs, and what was begun and not ended is begun anew (K1, K2)",
      ],
    },
    {
      what: "files that the driver publishes or reports that it writes at a time",
      of: ["services/driver/io/file-work.ts", "worksMax"],
      then: "the others wait in their order",
      test: [
        "services/driver/io/file-work.test.ts",
        "runs at most eight at a time, and all of it in the end (Z3)",
      ],
    },
    {
      what: "ranges of a job that wait for another try",
      of: ["services/driver/core/grant/pick-ranges.ts", "roomMax"],
      then: "no fresh ones are lent until there are fewer",
      test: [
        "services/driver/core/grant/pick-ranges.test.ts",
        "while a million ranges wait for another try, no fresh ones are given (K7, P7)",
      ],
    },
    {
      what: "what Slurm says of jobs",
      of: ["services/driver/io/slurm-jobs.ts", "answerBytesMax"],
      then: "it proves nothing",
      test: [
        "services/driver/io/slurm-jobs.test.ts",
        "all jobs are asked for in one call, and what fails is told (J1)",
      ],
    },
    {
      what: "outputs that are removed by one order",
      of: ["services/driver/io/file-work.ts", "removalFilesMax"],
      then: "the rest goes into the next one; few orders run at a time, and none keeps a merged file waiting",
      test: [
        "services/driver/io/file-work.test.ts",
        "removes few of many files after it is stopped, and does not say that they are gone",
      ],
    },
    {
      what: "inputs of one merged file (`merge.every`)",
      of: ["services/shared/core/job-spec.ts", "groupOutputsMax"],
      then: "the job file is refused; what a program submits too, naming the field",
      test: ["services/cli/io/merge-schema.test.ts", "all is no more than one merged file can be made of"],
    },
    {
      what: "outputs of a merge group, whatever a driver says",
      of: ["services/shared/core/job-spec.ts", "groupOutputsMax"],
      then: "that merge fails, and the merger goes on",
      test: [
        "services/merger/core/parts.test.ts",
        "of a group with more outputs than a merged file may have, the merge fails, and the next one is merged (A4, W7, P7)",
      ],
    },
    {
      what: "a commit",
      of: ["services/driver/io/journal/journal-frames.ts", "payloadBytesMax"],
      then: "refused; nothing that may be said at once comes near it",
      test: [
        "services/driver/io/journal/journal-frames.test.ts",
        "a commit that is too long for a frame is refused",
      ],
    },
    {
      what: "a segment of the journal",
      of: ["services/driver/io/journal/journal.ts", "segmentBytesMaxDefault"],
      then: "the next commit begins another one; snapshots take the place of old ones",
      test: [
        "services/driver/io/journal/journal-rotation.test.ts",
        "is closed, and the next commit begins a new one of the same epoch",
      ],
    },
  ],
};
