// A merge group from its part of a snapshot (journal-codec-restore.ts, E3).

import type * as wire from "../../../gen/noctua/journal/v1/snapshot.js";
import { unreachable } from "../../shared/core/assert.js";
import * as id from "../../shared/core/id.js";
import { cased } from "../../shared/io/wire-checks.js";
import { failureFromWire, spansFromWire } from "../../shared/io/wire-types.js";
import type { MergeGroup, MergeGroupStage } from "../core/job.js";

export function groupFromWire(message: wire.Group, where: string): MergeGroup {
  return {
    number: id.groupNumber(message.group),
    spans: spansFromWire(message.spans, `${where}.spans`),
    stage: groupStageFromWire(cased(message.stage, `${where}.stage`), `${where}.stage`),
    attemptsUsed: message.attemptsUsed,
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
