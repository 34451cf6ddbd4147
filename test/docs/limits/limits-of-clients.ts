// What clients ask of the driver. GetCluster tells the first of these to programs.

import type { LimitGroup } from "./limit.js";

const io = "services/driver/io";

export const limitsOfClients: LimitGroup = {
  title: "Clients of the API",
  limits: [
    {
      what: "requests that wait for the journal",
      of: [`${io}/questions.ts`, "questionsMax"],
      then: "`UNAVAILABLE`, with when to ask again",
      test: [`${io}/job-service.test.ts`, "is told no when a thousand wait already (P7)"],
    },
    {
      what: "bytes of these",
      of: [`${io}/questions.ts`, "questionBytesMax"],
      then: "`UNAVAILABLE`, with when to ask again",
      test: [
        `${io}/questions.test.ts`,
        "what waits fits into one frame: who asks for more is told to try again, until there is room (Q2, P7)",
      ],
    },
    {
      what: "clients that watch",
      of: [`${io}/watch-room.ts`, "watchersMax"],
      then: "`RESOURCE_EXHAUSTED`; one that leaves makes room",
      test: [
        `${io}/job-service.test.ts`,
        "is refused when a thousand watch already, and free again when one of them leaves (P7)",
      ],
    },
    {
      what: "jobs that a watch names",
      of: [`${io}/job-service.ts`, "watchedJobsMax"],
      then: "`INVALID_ARGUMENT`; without any it hears of all",
      test: [
        `${io}/jobs-watcher.test.ts`,
        "what makes no sense is refused: a job that is not there, too many, a token of something else",
      ],
    },
    {
      what: "jobs that one message of a watch tells of",
      of: [`${io}/jobs-watcher.ts`, "toldMax"],
      then: "the others come in the next one",
      test: [
        `${io}/jobs-watcher.test.ts`,
        "many jobs come in parts, and who stops between two of them goes on with what was not told (W1)",
      ],
    },
    {
      what: "items of a page",
      of: [`${io}/paging.ts`, "pageSizeMax"],
      then: "`INVALID_ARGUMENT`",
      test: [
        `${io}/cluster-service.test.ts`,
        "of a page that is too large, or that follows none, are an invalid argument",
      ],
    },
    {
      what: "bytes of a page",
      of: [`${io}/paging.ts`, "pageBytesMax"],
      then: "the page ends there, and says how to go on",
      test: [`${io}/wire-long-pages.test.ts`, "nodes with long names and many labels"],
    },
    {
      what: "ranges that one call looks at",
      of: ["services/driver/core/range-spans.ts", "lookedAtMax"],
      then: "the page ends there, and says how to go on",
      test: [
        "services/driver/core/range-spans.test.ts",
        "of a job of many ranges one call looks at some, and says where to go on (L1)",
      ],
    },
    {
      what: "ranges that one call looks at for failures",
      of: ["services/driver/core/failed-ranges.ts", "lookedAtMax"],
      told: "{}, and a million letters of what is found",
      then: "the page ends there, and says how to go on",
      test: [
        "services/driver/core/failed-ranges.test.ts",
        "of a job of many ranges one call looks at some, and says where to go on (E1)",
      ],
    },
    {
      what: "searches in reports that wait",
      of: [`${io}/failure-finder.ts`, "waitingMax"],
      then: "who comes is told of failures what the driver knows itself",
      test: [`${io}/failure-ends.test.ts`, "so many searches wait, and who comes then finds nothing"],
    },
    {
      what: "failures of a job, beyond those that the driver knows itself, that such a search finds",
      of: [`${io}/failure-finder.ts`, "linesMax"],
      then: "the others are told without their end; the report has it",
      test: [
        `${io}/failure-ends.test.ts`,
        "of a file that is damaged, or has too many lines, clients are told the rest",
      ],
    },
    {
      what: "letters of a request id",
      of: [`${io}/rpc-error.ts`, "requestIdLengthMax"],
      then: "`INVALID_ARGUMENT`",
      test: [`${io}/job-service.test.ts`, 'requestId: "x".repeat(129)'],
    },
    {
      what: "request ids that are remembered, besides those of submissions",
      of: ["services/driver/core/state/client-requests.ts", "requestsKept"],
      then: "the oldest are forgotten",
      test: [
        "services/driver/core/state/client-requests.test.ts",
        "of many requests the oldest are forgotten, and never a submission (I1)",
      ],
    },
    {
      what: "letters of why a node is drained",
      of: [`${io}/cluster-service.ts`, "reasonLengthMax"],
      then: "`INVALID_ARGUMENT`",
      test: [
        `${io}/cluster-service.test.ts`,
        "that makes no sense, or can't be, is refused with a status that says so",
      ],
    },
    {
      what: "what an error says",
      of: [`${io}/rpc-error.ts`, "messageMax"],
      told: "{} bytes of message, 8 kB in all",
      then: "of what is longer, the beginning is told",
      test: [
        `${io}/rpc-error.test.ts`,
        "of names in any script, with whole letters, in no more than 8 KB (C2)",
      ],
    },
  ],
};
