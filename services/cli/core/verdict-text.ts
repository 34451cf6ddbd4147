// What `noctua verify` prints: a line per check, and under it what is wrong.

import type { JobNumber } from "../../shared/core/id.js";
import type { Check } from "./audit-file.js";

/** What came of looking at one job. */
export type Verdict =
  | { readonly kind: "audited"; readonly job: JobNumber; readonly checks: readonly Check[] }
  | { readonly kind: "not-over"; readonly job: JobNumber }
  | { readonly kind: "unreadable"; readonly job: JobNumber; readonly why: string };

/** Problems of one check that are printed; the rest is counted. */
const problemsMax = 20;

export function problemsIn(verdict: Verdict): number {
  if (verdict.kind === "audited")
    return verdict.checks.reduce((sum, check) => sum + check.problems.length, 0);
  return verdict.kind === "unreadable" ? 1 : 0;
}

export function verdictText(verdict: Verdict): string {
  if (verdict.kind === "not-over") return `job ${verdict.job}: not over yet, so there is nothing to verify`;
  if (verdict.kind === "unreadable") return `job ${verdict.job}: ${verdict.why}`;
  const lines = [`job ${verdict.job}`];
  for (const check of verdict.checks) {
    const name = check.name.padEnd(14);
    if (check.problems.length === 0) lines.push(`  ok    ${name}  ${check.summary}`);
    else lines.push(`  WRONG ${name}  ${countOf(check.problems.length)}`, ...problemLines(check.problems));
  }
  const problems = problemsIn(verdict);
  lines.push(
    problems === 0 ? "  verified: every range is accounted for, none twice" : `  ${countOf(problems)} found`,
  );
  return lines.join("\n");
}

function problemLines(problems: readonly string[]): readonly string[] {
  const shown = problems.slice(0, problemsMax).map((problem) => `          ${problem}`);
  const rest = problems.length - shown.length;
  return rest === 0 ? shown : [...shown, `          and ${rest} more`];
}

function countOf(problems: number): string {
  return problems === 1 ? "1 problem" : `${problems} problems`;
}
