// Labels in a job file.

import { z } from "zod";
import { flawOfLabels, type Labels } from "../../shared/core/labels.js";
import { readAs } from "./described.js";

const expected = "labels with their values, such as { arch: arm64, gpu: a100 } (numbers go in quotes)";

/** What is required of a node; looked at as a whole, so that a mistake names the label. */
export const labelsSchema = readAs<Labels>(
  z.record(z.string(), z.string()).meta({ title: "labels" }),
  (written, context) => {
    const labels = labelsIn(written);
    const flaw = labels === undefined ? { expected, found: undefined } : flawOfLabels(labels);
    if (labels !== undefined && flaw === undefined) return labels;
    const { expected: message, found } = flaw ?? { expected, found: undefined };
    context.addIssue({ code: "custom", message, input: written, params: { found } });
    return z.NEVER;
  },
);

function labelsIn(written: unknown): Labels | undefined {
  if (typeof written !== "object" || written === null || Array.isArray(written)) return undefined;
  const labels: Record<string, string> = {};
  for (const [key, value] of Object.entries(written)) {
    if (typeof value !== "string") return undefined;
    labels[key] = value;
  }
  return labels;
}
