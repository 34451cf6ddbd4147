// For tests: a whole job, of which a test says what matters to it.

import { byArrival, defaultSpeculation, type InputFile, type JobSpec } from "./job-spec.js";
import { noNeeds } from "./payload-needs.js";

/** Ten events. */
export function anInput(changes: Partial<InputFile> = {}): InputFile {
  const whole = { path: "/in/1.lhe", firstEvent: 1, events: 10, guid: "", scope: "" };
  return { ...whole, sizeBytes: 1, modifiedUnixMs: 1, ...changes };
}

/** One input, a range each event, a merged file each hundred. */
export function wholeSpec(changes: Partial<JobSpec> = {}): JobSpec {
  return {
    name: "drell-yan",
    jobDir: "/jobs/drell-yan",
    inputs: [anInput()],
    eventsPerRange: 1,
    payload: { kind: "exec", command: ["simulate", "{first}"], timeoutMs: 60_000, needs: noNeeds },
    outputs: "files",
    outputSuffix: ".lhe",
    merge: {
      ...{ grouping: byArrival, everyOutputs: 100, tool: { kind: "concat" } },
      ...{ attemptsMax: 3, timeoutMs: 60_000 },
    },
    requires: {},
    variants: [],
    retry: { attemptsMax: 3, backoff: { firstMs: 0, lastMs: 0 }, rules: [] },
    speculation: defaultSpeculation,
    durability: "strict",
    open: false,
    priority: 0,
    ...changes,
  };
}
