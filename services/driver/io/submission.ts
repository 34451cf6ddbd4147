// A job that a client submits, and inputs that it adds to one, read from their messages.
//
//   B1. All that is wrong with it is told at once: what can't be read, and what the core would say of the rest. A field that
//       can't be read hides what else is wrong within it, and nothing beside it.

import type { InputFile, JobSpec } from "../../shared/core/job-spec.js";
import { gathered, throwIfAny } from "../../shared/io/wire-checks.js";
import { inputsFromWire, readSpec } from "../../shared/io/wire-types.js";
import { flawOfSpec } from "../core/decide/spec-check.js";
import { defaultRules } from "../core/rules.js";
import { filledId, invalid } from "./rpc-error.js";
import type { AddRequest, SubmitRequest } from "./wire-jobs.js";

interface Submission {
  readonly requestId: string;
  readonly spec: JobSpec;
}

interface Addition {
  readonly requestId: string;
  readonly inputs: readonly InputFile[];
}

/** Throws an `RpcError`. What can be read is judged by the core, when its turn comes. */
export function submissionIn({ requestId, spec }: SubmitRequest): Submission {
  const id = gathered({ requestId: () => filledId(requestId) }, { requestId });
  const read = readSpec(spec, "spec");
  const errors = [...id.errors, ...read.errors];
  if (errors.length === 0) return { requestId, spec: read.parts };
  throw invalid([...errors.map(({ message }) => message), ...othersIn(read)]);
}

/** Throws what is wrong with it, all of it. */
export function additionIn({ requestId, inputs }: AddRequest): Addition {
  const readers = {
    requestId: () => filledId(requestId),
    inputs: () => inputsFromWire(inputs, "inputs"),
  };
  const { parts, errors } = gathered<Addition>(readers, { requestId, inputs: [] });
  throwIfAny(errors);
  return parts;
}

/** What the core would say of fields that can be read. */
function othersIn({ parts, errors }: ReturnType<typeof readSpec>): readonly string[] {
  const unread = new Set(errors.map(({ field }) => nameIn(field)));
  if (unread.has(undefined)) return []; // There is no spec.
  const flaw = flawOfSpec(parts, defaultRules);
  const flaws = flaw?.why === "too-large" ? [flaw.message] : (flaw?.flaws ?? []);
  return flaws.map(inSpec).filter((flaw) => !unread.has(nameIn(flaw)));
}

/** As the core says it: its fields are those of the spec. */
export function inSpec(flaw: string): string {
  return `spec.${flaw}`;
}

/** `payload` of `spec.payload.timeout_ms: ...`. */
function nameIn(path: string): string | undefined {
  return /^spec\.(\w+)/.exec(path)?.[1];
}
