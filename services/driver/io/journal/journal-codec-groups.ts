// Merge groups in snapshots, there and back.

import type * as wire from "../../../../gen/noctua/journal/v1/snapshot.js";
import type { Spans as WireSpans } from "../../../../gen/noctua/v1/types.js";
import { unreachable } from "../../../shared/core/assert.js";
import * as id from "../../../shared/core/id.js";
import { cased } from "../../../shared/io/wire-checks.js";
import { failureFromWire, failureToWire, spansFromWire } from "../../../shared/io/wire-types.js";
import type { MergeGroup, MergeGroupStage, MergeGroupView } from "../../core/state/merge-group.js";

export function groupToWire({ number, spans, attemptsUsed, failedOn, stage }: MergeGroupView): wire.Group {
  const tries = { attemptsUsed, failedOn: [...failedOn] };
  return { group: number, spans: spans as WireSpans, ...tries, stage: groupStageToWire(stage) };
}

function groupStageToWire(stage: MergeGroupStage): wire.Group["stage"] {
  switch (stage.kind) {
    case "waiting":
      return { $case: "waiting", value: {} };
    case "granted":
      return { $case: "granted", value: { grant: stage.grant, session: stage.session } };
    case "accepted":
    case "published":
    case "closed":
      return { $case: stage.kind, value: { grant: stage.grant, ...stage.file } };
    case "failed":
      return { $case: "failed", value: failureToWire(stage.failure) };
    default:
      return unreachable(stage);
  }
}

export function groupFromWire(message: wire.Group, where: string): MergeGroup {
  return {
    number: id.groupNumber(message.group),
    spans: spansFromWire(message.spans, `${where}.spans`),
    stage: groupStageFromWire(cased(message.stage, `${where}.stage`), `${where}.stage`),
    attemptsUsed: message.attemptsUsed,
    failedOn: message.failedOn,
  };
}

function groupStageFromWire(stage: NonNullable<wire.Group["stage"]>, where: string): MergeGroupStage {
  switch (stage.$case) {
    case "waiting":
      return { kind: "waiting" };
    case "granted": {
      const { grant, session } = stage.value;
      return { kind: "granted", grant: id.grantNumber(grant), session: id.sessionNumber(session) };
    }
    case "accepted":
    case "published":
    case "closed": {
      const { grant, ...file } = stage.value;
      return { kind: stage.$case, grant: id.grantNumber(grant), file };
    }
    case "failed":
      return { kind: "failed", failure: failureFromWire(stage.value, where) };
    default:
      return unreachable(stage);
  }
}
