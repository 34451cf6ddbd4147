// What actors and mergers hold, and what their programs may do.

import type { LimitGroup } from "./limit.js";

const io = "services/actor/io";
const core = "services/actor/core";

export const limitsOfNodes: LimitGroup = {
  title: "Nodes",
  limits: [
    {
      what: "slots of an actor",
      of: ["services/shared/io/known-settings.ts", "slotsMax"],
      then: "the setting is refused",
      test: ["services/shared/io/settings.test.ts", "--slots: expected a whole number from 1 to 4096"],
    },
    {
      what: "ranges that wait on a node",
      of: [`${io}/actor-process.ts`, "prefetchMax"],
      then: "no more are asked for",
      test: [`${core}/prefetch.test.ts`, "never more than the limit waits, however short events are"],
    },
    {
      what: "ranges that a `stream` process is told of ahead",
      of: [`${core}/prefetch.ts`, "aheadMax"],
      then: "the others wait on the node",
      test: [
        `${core}/prefetch.test.ts`,
        "the shorter ranges are, the more are handed over ahead, up to a limit, and none where they are long",
      ],
    },
    {
      what: "labels in the settings of a node",
      of: ["services/shared/io/setting.ts", "labelsMax"],
      then: "the setting is refused",
      test: ["services/shared/io/setting.test.ts", "labels are gathered, and each that is wrong is told"],
    },
    {
      what: "outputs that are being stored",
      of: [`${io}/actor-process.ts`, "stagingMax"],
      then: "no slot begins a range until one is stored",
      test: [`${core}/work.test.ts`, "while too many outputs are being stored, no slot begins a range"],
    },
    {
      what: "a message of results",
      of: [`${core}/outbox.ts`, "messageBytesMax"],
      then: "the rest goes into the next one",
      test: [`${io}/wire.test.ts`, "no message of results is longer than it may be, whatever it holds"],
    },
    {
      what: "results that are sent and not acknowledged",
      of: [`${core}/outbox.ts`, "inFlightBytesMax"],
      then: "the others wait, and none is lost",
      test: [
        `${core}/outbox.test.ts`,
        "more than the window holds waits for acknowledgements, and none is lost",
      ],
    },
    {
      what: "a piece of a hello",
      of: [`${core}/session.ts`, "helloHeldBytesMax"],
      then: "the rest goes into the next one",
      test: [`${core}/held.test.ts`, "pieces name every range once, and no piece is longer than it may be"],
    },
    {
      what: "messages for a driver that does not read",
      of: ["services/shared/io/link-session.ts", "queueMax"],
      then: "the link goes down, and nothing is lost: the next hello names all",
      test: [
        "services/shared/io/driver-link.test.ts",
        "a driver that does not read fills a queue with a limit, and then the link goes down",
      ],
    },
    {
      what: "sessions in a row that end since the driver can't take in what is said",
      of: ["services/shared/io/driver-link.ts", "refusalsMax"],
      then: "actor or merger leaves, and others get what it held",
      test: [
        "services/shared/io/driver-link.test.ts",
        "a driver that refuses what is said, each time it is said, is not asked for ever (D7)",
      ],
    },
    {
      what: "grants of a job that an actor remembers, to know one told twice",
      of: [`${core}/work.ts`, "grantsSeenMax"],
      then: "the oldest are forgotten",
      test: [
        `${core}/work.test.ts`,
        "so many grants of a job are remembered, and the oldest are forgotten first (P7)",
      ],
    },
    {
      what: "ranges that wait on a node, whatever a driver says, or that it may have removed at once",
      of: [`${core}/work.ts`, "rangesMax"],
      then: "the link goes down, and nothing is lost: the next hello names all",
      test: [`${core}/work.test.ts`, "a driver that %s is hung up on, and what is held stays (W8, P7)"],
    },
    {
      what: "merge groups that wait at a merger, whatever a driver says",
      of: ["services/merger/core/groups.ts", "askedTimesMax"],
      told: "{} times as many as it may ask for",
      then: "the link goes down, and nothing is lost: the next hello names all",
      test: [
        "services/merger/core/groups.test.ts",
        "a driver that lends far more than was asked for is not listened to (W6, P7)",
      ],
    },
    {
      what: "grants of a job that a merger remembers, to know one told twice",
      of: ["services/merger/core/groups.ts", "grantsSeenMax"],
      then: "the oldest are forgotten",
      test: [
        "services/merger/core/groups.test.ts",
        "so many grants of a job are remembered, and the oldest are forgotten first (P7)",
      ],
    },
    {
      what: "files of one program's ranges in a node's scratch, where a job says how much they may take",
      of: [`${io}/scratch-quota.ts`, "filesMax"],
      then: "the ranges fail",
      test: [
        `${io}/scratch-quota.test.ts`,
        "who has too many files is told so, and they are not all counted (Q2)",
      ],
    },
    {
      what: "what Slurm says of an actor's time",
      of: [`${io}/slurm-time-left.ts`, "answerBytesMax"],
      then: "it is no answer, and the log says so",
      test: [`${io}/slurm-time-left.test.ts`, "an answer that is too long is none, and is not taken in (P7)"],
    },
    {
      what: "a file of results that an actor leaves",
      of: ["services/shared/io/hand-in-file.ts", "handInBytesMax"],
      then: "the rest goes into another one",
      test: [
        `${io}/hand-in.test.ts`,
        "what is too much for one file goes into several, in order, each private and no longer than the driver takes (L2, L3)",
      ],
    },
    {
      what: "such a file that the driver takes in",
      of: ["services/shared/io/hand-in-file.ts", "handInBytesMax"],
      then: "what is longer is set aside as `*.refused`",
      test: [
        "services/driver/io/hand-ins.test.ts",
        "a file that others could have written, a link, a pipe and a monster are set aside",
      ],
    },
    {
      what: "a line of a `stream` payload",
      of: [`${core}/stream-words.ts`, "lineBytesMax"],
      then: "the process is ended, and its ranges are tried again",
      test: [
        `${io}/stream-lines.test.ts`,
        "of a line that is too long no more than the limit is kept, and nothing more is taken in (L2)",
      ],
    },
    {
      what: "starts in vain of a `stream` payload",
      of: [`${core}/stream-end.ts`, "fruitlessStartsMax"],
      then: "from then on each is a failure of a range",
      test: [
        `${core}/stream.test.ts`,
        "from the third failure to start on, each is that of one waiting range (T6)",
      ],
    },
    {
      what: "the end of stderr in a failure",
      of: ["services/shared/core/failure.ts", "stderrTailBytesMax"],
      then: "what was before is left out; the log has it",
      test: [`${io}/payload-exec.test.ts`, "of a flood on stderr the end is kept"],
    },
    {
      what: "letters of a failure's message",
      of: ["services/shared/core/failure.ts", "failureMessageMax"],
      then: "it is cut",
      test: ["services/shared/io/wire-types.test.ts", "a failure that says too much is cut to its limits"],
    },
    {
      what: "what a payload writes while it has the same ranges",
      of: [`${io}/slot-log.ts`, "runBytesMax"],
      then: "the rest is counted in the log",
      test: [`${io}/slot-log.test.ts`, "of each run the beginning is kept, and the rest is counted"],
    },
    {
      what: "a slot's log",
      of: [`${io}/slot-log.ts`, "logBytesMax"],
      told: "{}, twice",
      then: "it is put aside over the one before; the next one says how many there were",
      test: [
        `${io}/slot-log.test.ts`,
        "a slot keeps no more than two logs of bounded size, and says how many were before",
      ],
    },
    {
      what: "what payloads, or merge commands, write and no disk takes yet",
      of: [`${io}/slot-log.ts`, "pendingBytesMax"],
      then: "the rest is counted in the log",
      test: [
        `${io}/slot-log.test.ts`,
        "what comes faster than it can be written is counted, and does not pile up",
      ],
    },
    {
      what: "a merge slot's log",
      of: ["services/merger/io/merge-log.ts", "logBytesMax"],
      told: "{}, twice",
      then: "it is put aside over the one before",
      test: [
        "services/merger/io/merge-log.test.ts",
        "a log that has grown is put aside, and a slot has no more than two (H1)",
      ],
    },
    {
      what: "what a merge command writes",
      of: ["services/merger/io/merge-log.ts", "commandBytesMax"],
      then: "the rest is counted in the log",
      test: [
        "services/merger/io/merge-log.test.ts",
        "of each command so much is kept, and the rest is counted (H1)",
      ],
    },
    {
      what: "what a command prints that counts the events of a merged file",
      of: ["services/merger/io/merged-checks.ts", "printedMax"],
      told: "{} letters",
      then: "what is behind them does not matter",
      test: ["services/merger/io/merge-tools.test.ts", '["too much", counting("yes 2 | head -c 1000000")'],
    },
    {
      what: "passes over inputs that read differently each time",
      of: ["services/merger/io/merge-run.ts", "passesMax"],
      then: "the try fails",
      test: [
        "services/merger/io/merge-run.test.ts",
        "outputs that read differently each time are read twice, and then it is the node's failure (P7)",
      ],
    },
    {
      what: "inputs of a merge that are in memory",
      of: ["services/merger/io/input-reader.ts", "aheadMax"],
      told: "{}, of 8 MB",
      then: "the others wait to be read",
      test: ["services/merger/io/input-reader.test.ts", "however many inputs a group has, few are in memory"],
    },
    {
      what: "flawed inputs that a merger tells of at once",
      of: ["services/merger/io/merge-input.ts", "flawsMax"],
      then: "the others are found the next time",
      test: ["services/merger/io/input-reader.test.ts", "and no more than 10,000 flawed ones are told (I4)"],
    },
    {
      what: "merge groups that a piece of a merger's hello names",
      of: ["services/merger/core/session.ts", "helloHeldMax"],
      then: "the rest goes into the next one",
      test: ["services/merger/core/merger.test.ts", "toEqual([1_000, 500])"],
    },
  ],
};
