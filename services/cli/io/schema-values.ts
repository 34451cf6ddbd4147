// Values that stand in many places of a job file. What each expects is its message (job-schema.ts).

import { z } from "zod";
import { parseDurationMs } from "../../shared/core/duration.js";
import { parseSizeBytes } from "../../shared/core/size.js";
import { readAs } from "./described.js";

/** Twenty days: Node's timers go hardly further. */
const durationMsMax = 20 * 86_400_000;
const sizeBytesMax = 1e15;

/** A text of that form. */
export function text(expected: string, pattern: RegExp): z.ZodType<string> {
  return z.string({ error: expected }).regex(pattern, { error: expected });
}

/** A whole number within bounds; `or` says what else may stand there. */
export function wholeNumber(least: number, most: number, or = ""): z.ZodType<number> {
  const error = `a whole number from ${least} to ${most}${or}`;
  return z.number({ error }).int({ error }).min(least, { error }).max(most, { error });
}

/** `true` or `false`. */
export function yesOrNo(): z.ZodType<boolean> {
  return z.boolean({ error: "true or false" });
}

const durationForm = z
  .string()
  .regex(/^\s*(\d+(\.\d+)?\s*(ms|[dhms])\s*)+$/)
  .meta({ title: "duration", examples: ["90s", "1h 30m", "500ms"] });

/** Milliseconds. */
export function duration(least: "0s" | "1ms"): z.ZodType<number> {
  const message = `a duration from ${least} to 20d with its unit, such as 90s, 1h 30m or 500ms`;
  const leastMs = parseDurationMs(least) ?? 0;
  return readAs(durationForm, (written, context) => {
    const ms = typeof written === "string" ? parseDurationMs(written) : undefined;
    if (ms !== undefined && ms >= leastMs && ms <= durationMsMax) return ms;
    context.addIssue({ code: "custom", message, input: written });
    return z.NEVER;
  });
}

const sizeForm = z
  .string()
  .regex(/^\s*\d+(\.\d+)? ?[kMGT]?B\s*$/)
  .meta({ title: "size", examples: ["500MB", "1.5GB"] });

/** Bytes. */
export function size(): z.ZodType<number> {
  const message = "a size from 1B to 1000TB with its unit, such as 500MB or 1.5GB";
  return readAs(sizeForm, (written, context) => {
    const bytes = typeof written === "string" ? parseSizeBytes(written) : undefined;
    if (bytes !== undefined && bytes >= 1 && bytes <= sizeBytesMax) return bytes;
    context.addIssue({ code: "custom", message, input: written });
    return z.NEVER;
  });
}
