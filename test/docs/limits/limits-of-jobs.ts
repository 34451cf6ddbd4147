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
      what: "nodes that a range is kept from",
      of: [`${decide}/decide-failure.ts`, "avoidsMax"],
      then: "those where it failed last count",
      test: [
        `${decide}/decide-failure.test.ts`,
        "keeps its range from the nodes where it failed last, and from no more than so many (P7)",
      ],
    },
    {
      what: "tries of a range on quarantined nodes, which cost nothing",
      of: ["services/driver/core/state/trial.ts", "uncountedMax"],
      then: "the oldest are forgotten",
      test: [
        "services/driver/core/state/trial.test.ts",
        "of attempts that cost nothing the last are remembered, and all that cost something (P7)",
      ],
    },
    {
      what: "copies of slow ranges that are begun at once",
      of: [rules, "perTickMax"],
      told: "{} a second",
      then: "the others are begun later",
      test: [
        "services/driver/core/grant/speculate.test.ts",
        "copiedWithin(aTail({ rules: { perTickMax: 1 } })",
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
      what: "bytes of how payloads ended of these others (`failures.ends`)",
      of: ["services/driver/io/failure-ends.ts", "fileBytesMax"],
      then: "the report tells further ones without the end of stderr; the log says so",
      test: ["services/driver/io/failure-ends.test.ts", '["has no room in the file", { fileBytesMax: 100 }]'],
    },
    {
      what: "letters of it that wait to be written, of all jobs",
      of: ["services/driver/io/failure-ends.ts", "pendingCharsMax"],
      then: "the same",
      test: [
        "services/driver/io/failure-ends.test.ts",
        `["can't wait to be written", { pendingCharsMax: 100 }]`,
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
      what: "ranges of a job that wait for another try",
      of: ["services/driver/core/grant/pick-ranges.ts", "roomMax"],
      then: "no fresh ones are lent until there are fewer",
      test: [
        "services/driver/core/grant/pick-ranges.test.ts",
        "while a million ranges wait for another try, no fresh ones are given (K7, P7)",
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
  ],
};
