// What a job file may say of failures: how often and when a range is tried again, and what the end of a payload means.

import { z } from "zod";
import { failureClasses } from "../../shared/core/failure.js";
import { defaultBackoff, type Backoff, type RetrySpec } from "../../shared/core/job-spec.js";
import { signalNames } from "../../shared/core/process-failure.js";
import { duration, wholeNumber } from "./schema-values.js";

const rulesMax = 64;
const rulesExpected = `a list of at most ${rulesMax} rules, such as { exitCodes: [3], class: event }`;
const exitCodesExpected = "a list of exit codes from 1 to 255, such as [2, 3]";
const signalsExpected = "a list of signals, such as [SIGKILL]";
const signalExpected = `one of ${signalNames.join(", ")}`;

const rule = z.strictObject(
  {
    exitCodes: z
      .array(wholeNumber(1, 255), { error: exitCodesExpected })
      .min(1, { error: exitCodesExpected })
      .max(255, { error: exitCodesExpected })
      .optional()
      .describe("It fits a payload that ends with one of these.")
      .meta({ examples: [[2, 3]] }),
    signals: z
      .array(z.enum(signalNames, { error: signalExpected }), { error: signalsExpected })
      .min(1, { error: signalsExpected })
      .max(signalNames.length, { error: signalsExpected })
      .optional()
      .describe("It fits a payload that one of these ends."),
    timeout: z
      .literal(true, { error: "true" })
      .optional()
      .describe("It fits a payload that took longer than its timeout."),
    class: z
      .enum(failureClasses, { error: `one of ${failureClasses.join(", ")}` })
      .describe(
        "transient: tried again. node: tried elsewhere. event: the event is bad. fatal: the job stops.",
      ),
  },
  { error: "a rule such as { exitCodes: [3], class: event }" },
);

/** A rule that says nothing of any end would never fit. */
const ruleThatFits = rule.superRefine(({ exitCodes, signals, timeout }, context) => {
  if (exitCodes !== undefined || signals !== undefined || timeout !== undefined) return;
  const found = "a class alone";
  context.addIssue({ code: "custom", message: "exitCodes, signals or timeout: true", params: { found } });
});

const backoff = z.strictObject(
  {
    first: duration("0s").optional().describe("Before the second try; 1s by default."),
    last: duration("0s").optional().describe("The longest; 60s by default."),
  },
  { error: "such as { first: 1s, last: 60s }" },
);

/** What is not said follows what is. */
const backoffInOrder = backoff.transform(({ first, last }, context): Backoff => {
  const firstMs = first ?? Math.min(defaultBackoff.firstMs, last ?? defaultBackoff.firstMs);
  const lastMs = last ?? Math.max(defaultBackoff.lastMs, firstMs);
  if (firstMs <= lastMs) return { firstMs, lastMs };
  context.addIssue({ code: "custom", message: "at least as long as first", path: ["last"], input: last });
  return z.NEVER;
});

const retry = z.strictObject(
  {
    attempts: wholeNumber(1, 255)
      .default(3)
      .describe("Failures of its payload after which a range has failed. A lost node costs none."),
    backoff: backoffInOrder
      .prefault({})
      .describe("How long a range waits before its next try, doubled each time."),
    rules: z
      .array(ruleThatFits, { error: rulesExpected })
      .max(rulesMax, { error: rulesExpected })
      .default([])
      .describe("What the end of a payload means; the first that fits counts, and then Noctua's own table."),
  },
  { error: "such as { attempts: 3 }" },
);

export const retrySchema = retry.transform(({ attempts, backoff: waits, rules }): RetrySpec => ({
  attemptsMax: attempts,
  backoff: waits,
  rules: rules.map(({ exitCodes = [], signals = [], timeout = false, class: meant }) => ({
    exitCodes,
    signals,
    timeout,
    class: meant,
  })),
}));

/** Names that may stand in `retry`, or deeper. */
export function namesOfRetry([head, ...rest]: readonly (string | number)[]): readonly string[] {
  if (head === undefined) return Object.keys(retry.shape);
  if (head === "rules" && rest.length === 1) return Object.keys(rule.shape);
  return head === "backoff" ? Object.keys(backoff.shape) : [];
}
