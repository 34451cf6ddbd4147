// Between the words of types.proto about trying again, and those of shared/core.
//
//   W4. What an older client or journal does not say reads as the default.

import * as wire from "../../../gen/noctua/v1/types.js";
import type { FailureClass } from "../core/failure.js";
import { defaultBackoff, type Backoff, type FailureRule, type RetrySpec } from "../core/job-spec.js";
import { each, filled, gathered, known, throwIfAny, WireError } from "./wire-checks.js";

export const failureClasses: Record<FailureClass, wire.FailureClass> = {
  transient: wire.FailureClass.FAILURE_CLASS_TRANSIENT,
  node: wire.FailureClass.FAILURE_CLASS_NODE,
  event: wire.FailureClass.FAILURE_CLASS_EVENT,
  fatal: wire.FailureClass.FAILURE_CLASS_FATAL,
};

export function retryToWire({ attemptsMax, backoff, rules }: RetrySpec): wire.RetrySpec {
  return { attemptsMax, backoff: { ...backoff }, rules: rules.map(ruleToWire) };
}

/** `where` is the path of the field, for the error. */
export function retryFromWire(message: wire.RetrySpec | undefined, where: string): RetrySpec {
  const { attemptsMax, backoff, rules } = filled(message, where);
  const readers = {
    attemptsMax: () => from1To255(attemptsMax, `${where}.attempts_max`),
    backoff: () => (backoff === undefined ? defaultBackoff : backoffFromWire(backoff, `${where}.backoff`)), // (W4)
    rules: () => each(rules, (rule, i) => ruleFromWire(rule, `${where}.rules[${i}]`)),
  };
  const { parts, errors } = gathered<RetrySpec>(readers, { attemptsMax, backoff: defaultBackoff, rules: [] });
  throwIfAny(errors);
  return parts;
}

function backoffFromWire({ firstMs, lastMs }: wire.Backoff, where: string): Backoff {
  if (lastMs < firstMs) throw new WireError(`${where}.last_ms`, `at least first_ms, ${firstMs}`, `${lastMs}`);
  return { firstMs, lastMs };
}

function ruleToWire(rule: FailureRule): wire.FailureRule {
  const { exitCodes, signals, timeout } = rule;
  const failureClass = failureClasses[rule.class];
  return { exitCodes: [...exitCodes], signals: [...signals], timeout, failureClass };
}

function ruleFromWire(
  { exitCodes, signals, timeout, failureClass }: wire.FailureRule,
  where: string,
): FailureRule {
  exitCodes.forEach((code, i) => from1To255(code, `${where}.exit_codes[${i}]`));
  return {
    exitCodes,
    signals,
    timeout,
    class: known(failureClasses, failureClass, `${where}.failure_class`),
  };
}

function from1To255(value: number, where: string): number {
  if (value < 1 || value > 255) throw new WireError(where, "a number from 1 to 255", String(value));
  return value;
}
