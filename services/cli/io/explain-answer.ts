// What `noctua explain` prints for programs. Version 1.

import { z } from "zod";
import type { Why } from "./explain-client.js";

export const explainAnswerSchema = z.strictObject({
  schema: z.literal("noctua.explain/v1"),
  sentence: z.string().describe("The answer. Its wording, as that of the rest, is for people."),
  details: z.array(z.string()).describe("What it rests on."),
  advice: z.string().describe("What can be done; empty when nothing need be."),
});

export function explainAnswer({ sentence, details, advice }: Why): z.output<typeof explainAnswerSchema> {
  return { schema: "noctua.explain/v1", sentence, details: [...details], advice };
}
