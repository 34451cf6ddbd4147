// What the driver remembers beside its jobs, asks of Slurm, and writes.

import type { LimitGroup } from "./limit.js";

const rules = "services/driver/core/rules.ts";
const decide = "services/driver/core/decide";

export const limitsOfTheDriver: LimitGroup = {
  title: "The driver's memory and files",
  limits: [
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
      what: "ranges of one job that are held against a node",
      of: ["services/driver/core/state/node.ts", "blamedMax"],
      then: "more are not told apart",
      test: [
        "services/driver/core/apply/node-book.test.ts",
        "of the ranges that are held against a node so many are told apart, of each job (P7)",
      ],
    },
    {
      what: "jobs of which it is remembered that they came of late",
      of: ["services/driver/io/young-jobs.ts", "jobsMax"],
      then: "the oldest count as if they had been there before",
      test: [
        "services/driver/io/young-jobs.test.ts",
        "of jobs that came of late so many are remembered, and of more the oldest are taken for old (P7)",
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
      what: "Slurm jobs that Slurm is asked after at once",
      of: ["services/driver/io/death-watch.ts", "slurmJobsMax"],
      then: "the others are asked after when these are settled",
      test: [
        "services/driver/io/death-watch.test.ts",
        "of many Slurm jobs some are asked after at once, and the others when nothing is left of these (P7)",
      ],
    },
    {
      what: "nodes that Slurm may name in one list",
      of: ["services/driver/io/slurm-nodes.ts", "nodesMax"],
      then: "it is not believed",
      test: ["services/driver/io/slurm-jobs.test.ts", '"n[1-999999999]", "n[0-999][0-999]"'],
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
      what: "outputs that are removed by one order",
      of: ["services/driver/io/file-work.ts", "removalFilesMax"],
      then: "the rest goes into the next one; few orders run at a time, and none keeps a merged file waiting",
      test: [
        "services/driver/io/file-work.test.ts",
        "removes few of many files after it is stopped, and does not say that they are gone",
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
