// For tests: what follows the effects that the driver itself performs on files.

import { assert } from "../../../shared/core/assert.js";
import type { Command } from "../facts/command.js";
import type { Effect } from "../facts/effect.js";
import { pendingEffects } from "../react.js";
import type { FarmView } from "../state/farm.js";

/** The word that an effect on files was performed. */
export function confirmationOf(effect: Effect): Command {
  if (effect.kind === "publish-merge") return { kind: "confirm-published", merge: effect.merge };
  if (effect.kind === "remove-inputs") return { kind: "confirm-inputs-removed", merge: effect.merge };
  assert(effect.kind === "report-job", "only effects on files are pending");
  return { kind: "confirm-reported", job: effect.job };
}

/** What is still to be done with files, and of which a word is awaited. */
export function pendingFiles(farm: FarmView): readonly Effect[] {
  return pendingEffects(farm).filter(({ kind }) => kind !== "keep-broken");
}
