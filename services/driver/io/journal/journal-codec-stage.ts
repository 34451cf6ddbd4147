// Between a job's stage and its message in a snapshot (journal-codec-state.ts).

import type * as wire from "../../../../gen/noctua/journal/v1/snapshot.js";
import { unreachable } from "../../../shared/core/assert.js";
import { cased, filled, known, WireError } from "../../../shared/io/wire-checks.js";
import type { JobStage } from "../../core/state/job.js";
import { outcomes } from "./journal-codec-words.js";

export function stageToWire(stage: JobStage): wire.JobStage["stage"] {
  switch (stage.kind) {
    case "running":
      return { $case: "running", value: {} };
    case "suspended":
      return { $case: "suspended", value: { atUnixMs: stage.atUnixMs } };
    case "stopping":
      return { $case: "stopping", value: { reason: stage.reason, outcome: outcomes[stage.outcome] } };
    case "ended":
    case "reported":
      return { $case: stage.kind, value: { ...stage, outcome: outcomes[stage.outcome] } };
    case "broken":
      return { $case: "broken", value: { ...stage } };
    default:
      return unreachable(stage);
  }
}

export function stageFromWire(message: wire.JobStage | undefined, where: string): JobStage {
  const stage = cased(filled(message, where).stage, where);
  switch (stage.$case) {
    case "running":
      return { kind: "running" };
    case "suspended":
      return { kind: "suspended", atUnixMs: stage.value.atUnixMs };
    case "stopping":
      return { kind: "stopping", reason: stage.value.reason, outcome: stoppingOutcome(stage.value, where) };
    case "ended":
    case "reported": {
      const outcome = known(outcomes, stage.value.outcome, `${where}.outcome`);
      return { kind: stage.$case, ...stage.value, outcome };
    }
    case "broken": {
      const { reason, doing, known: last, atUnixMs } = stage.value;
      return { kind: "broken", reason, doing, known: filled(last, `${where}.known`), atUnixMs };
    }
    default:
      return unreachable(stage);
  }
}

function stoppingOutcome({ outcome }: wire.JobStopping, where: string): "failed" | "cancelled" {
  const word = known(outcomes, outcome, `${where}.outcome`);
  if (word === "failed" || word === "cancelled") return word;
  throw new WireError(`${where}.outcome`, "failed or cancelled", word);
}
