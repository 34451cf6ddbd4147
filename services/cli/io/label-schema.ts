// Labels in a job file.

import { z } from "zod";
import { flawOfLabels, type Labels } from "../../shared/core/labels.js";
import { readAs } from "./described.js";
import { textsIn } from "./text-mapping.js";

const expected = "labels with their values, such as { arch: arm64, gpu: a100 } (numbers go in quotes)";

/** What is required of a node; looked at as a whole, so that a mistake names the label. */
export const labelsSchema = readAs<Labels>(
  z.record(z.string(), z.string()).meta({ title: "labels" }),
  (written, context) => {
    const read = textsIn(written);
    const flaw = "found" in read ? { expected, found: read.found } : flawOfLabels(read.texts);
    if ("texts" in read && flaw === undefined) return read.texts;
    const { expected: message, found } = flaw ?? { expected, found: undefined };
    context.addIssue({ code: "custom", message, input: written, params: { found } });
    return z.NEVER;
  },
);
