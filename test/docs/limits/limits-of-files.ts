// What people write, and what services log of themselves.

import type { LimitGroup } from "./limit.js";

const io = "services/cli/io";

export const limitsOfFiles: LimitGroup = {
  title: "Files that people write, logs, and stops",
  limits: [
    {
      what: "a job file",
      of: [`${io}/checked-file.ts`, "bytesMax"],
      then: "it is not read",
      test: [`${io}/job-file-odd.test.ts`, "8388609 bytes, where 8388608 is the most"],
    },
    {
      what: "a list of inputs",
      of: [`${io}/input-entries.ts`, "listBytesMax"],
      then: "it is not read",
      test: [`${io}/job-inputs.test.ts`, "may be of 64 MB, and no more"],
    },
    {
      what: "a settings file",
      of: ["services/shared/io/settings-file.ts", "bytesMax"],
      told: "1 MB",
      then: "it is not read",
      test: ["services/shared/io/settings.test.ts", "a file of more than 1 MB is not read"],
    },
    {
      what: "YAML within YAML",
      of: ["services/shared/io/yaml-text.ts", "depthMax"],
      then: "the file is refused",
      test: [`${io}/job-file-odd.test.ts`, "found what is nested too deeply"],
    },
    {
      what: "brackets in YAML that close nothing",
      of: ["services/shared/io/yaml-text.ts", "closersMax"],
      then: "the file is refused",
      test: [`${io}/job-file-odd.test.ts`, "very many that close nothing"],
    },
    {
      what: "words of a command in a job file",
      of: [`${io}/command-schema.ts`, "argumentsMax"],
      told: "{}, each of 4,096 letters",
      then: "it is refused",
      test: [
        `${io}/command-schema.test.ts`,
        "a command has a program and so many arguments, each no longer than a path",
      ],
    },
    {
      what: "what a command prints that counts the events of an input",
      of: [`${io}/event-counts.ts`, "printedMax"],
      told: "{} letters",
      then: "what is behind them does not matter",
      test: [`${io}/job-inputs.test.ts`, "are what their command prints first, whatever it prints then"],
    },
    {
      what: "inputs that a job file names",
      of: [`${io}/input-schema.ts`, "inputsMax"],
      then: "it is refused; a program that submits may name more",
      test: [`${io}/job-inputs.test.ts`, "expected at most 100000 inputs, found more than that"],
    },
    {
      what: "names that a pattern has looked at",
      of: [`${io}/glob-files.ts`, "lookedAtMax"],
      then: "the job file is refused",
      test: [`${io}/glob-files.test.ts`, "a pattern has so many names looked at, and no more (P7)"],
    },
    {
      what: "alternatives in the braces of a pattern",
      of: ["services/cli/core/glob.ts", "alternativesMax"],
      then: "the job file is refused",
      test: [`${io}/job-inputs.test.ts`, "found more than a thousand alternatives in its braces"],
    },
    {
      what: "mistakes that are told at once",
      of: ["services/shared/core/mistake.ts", "shownMax"],
      then: "the others are counted",
      test: ["services/shared/io/settings.test.ts", "of a great many mistakes the first are told"],
    },
    {
      what: "lines that the driver logs of one kind of fact",
      of: ["services/driver/io/observer.ts", "max"],
      told: "{} in ten seconds",
      then: "the others are counted at the next line",
      test: [
        "services/driver/io/observer.test.ts",
        "a kind of fact that comes in masses has so many lines, and then says how many it left out",
      ],
    },
    {
      what: "lines that a service logs of one message",
      of: ["services/shared/io/logger.ts", "max"],
      told: "{} in ten seconds, save with `--log-level debug`; of some, such as failures of ranges, 10",
      then: "the others are counted at the next line",
      test: [
        "services/shared/io/logger.test.ts",
        "of one message so many lines are written, and the next one says how many were left out (L1)",
      ],
    },
    {
      what: "starts of a service by `noctua run` after ends that nobody asked for",
      of: ["services/cli/core/restart-policy.ts", "restartsMax"],
      told: "{} in a minute; 1 of one that was never ready",
      then: "it gives up, and tells how the service ended",
      test: [
        "services/cli/core/restart-policy.test.ts",
        "is given up when it ended for the sixth time in a minute",
      ],
    },
    {
      what: "logs of a job that `noctua logs` looks through, or follows",
      of: ["services/cli/commands/logs.ts", "logsOfJobMax"],
      then: "it takes those that were written last, and says so",
      test: [
        "services/cli/commands/many-logs.test.ts",
        "of very many logs those that were written last are looked through, and followed, and it is said so (L3, P7)",
      ],
    },
    {
      what: "a log of a service that `noctua run` has started",
      of: [`${io}/supervised-service.ts`, "logBytesMax"],
      then: "it is put aside as `.1` when the service is started the next time",
      test: [
        `${io}/supervised-service.test.ts`,
        "puts a log aside that has grown to 64 MB when its service is started",
      ],
    },
    {
      what: "a stop of a service, each thing that it has opened",
      told: "5 s, all 10 s",
      then: "what hangs is left, and the log names it",
      test: [
        "services/shared/io/closers.test.ts",
        "what hangs is left after its time, and when all time is used up, the rest has a moment each (P10)",
      ],
    },
    {
      what: "a stop of a driver; of an actor or a merger",
      of: ["services/driver/io/driver-process.ts", "stopMsMax"],
      told: "{}; `--grace` and 30 s",
      then: "it is ended, with exit code 75",
      test: [
        "services/shared/io/process-end.test.ts",
        "a service that does not stop when told to ends at its limit, and says what stands still (X2, P10)",
      ],
    },
    {
      what: "the exit of a process, also while a file system stands still",
      of: ["services/shared/io/process-end.ts", "standMsMax"],
      then: "it is killed",
      test: [
        "services/shared/io/process-end.test.ts",
        "a process ends though a call to a file system stands still (E2, P10)",
      ],
    },
    {
      what: "lines of a service's log for which there is no room",
      told: "none",
      then: "they are left out; when there is room, it says how many",
      test: [
        "services/shared/io/log-stream.test.ts",
        "a log without room ends nobody; when there is room it says how many lines were left out (S1)",
      ],
    },
  ],
};
