// What `noctua verify` prints for programs. Version 1.

import { z } from "zod";
import { unreachable } from "../../shared/core/assert.js";
import { problemsIn, type Verdict } from "../core/verdict-text.js";

const count = z.int().min(0);

const verdictFields = {
  job: z.int().min(1),
  isOver: z.boolean().describe("A job that is not over is not looked at."),
  problems: count.describe("Of all checks."),
  checks: z.array(
    z.strictObject({
      name: z.string(),
      ok: z.boolean(),
      summary: z.string().describe("What was found; for people."),
      problems: z.array(z.string()),
    }),
  ),
};

const verdictSchema = z.strictObject(verdictFields);
const verdictLineSchema = z.strictObject({ schema: z.literal("noctua.verdict/v1"), ...verdictFields });

const verifyAnswerSchema = z.strictObject({
  schema: z.literal("noctua.verify/v1"),
  jobs: z.array(verdictSchema).describe("Ascending by number."),
});

export const verifySchemas = { verdict: verdictLineSchema, verify: verifyAnswerSchema } as const;

export function verdictsAnswer(verdicts: readonly Verdict[]): z.output<typeof verifyAnswerSchema> {
  return { schema: "noctua.verify/v1", jobs: verdicts.map(verdictInJson) };
}

export function verdictLine(verdict: Verdict): z.output<typeof verdictLineSchema> {
  return { schema: "noctua.verdict/v1", ...verdictInJson(verdict) };
}

function verdictInJson(verdict: Verdict): z.output<typeof verdictSchema> {
  const { job } = verdict;
  switch (verdict.kind) {
    case "not-over":
      return { job, isOver: false, problems: 0, checks: [] };
    case "unreadable": {
      const check = { name: "report", ok: false, summary: "", problems: [verdict.why] };
      return { job, isOver: true, problems: 1, checks: [check] };
    }
    case "audited": {
      const checks = verdict.checks.map(({ name, summary, problems }) => {
        return { name, ok: problems.length === 0, summary, problems: [...problems] };
      });
      return { job, isOver: true, problems: problemsIn(verdict), checks };
    }
    default:
      return unreachable(verdict);
  }
}
