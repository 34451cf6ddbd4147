// All that commands print for programs, each under the name that stands in its `schema`: docs/schemas is made from it.

import type { z } from "zod";
import { benchAnswerSchema } from "./bench-answer.js";
import { changeSchemas } from "./change-answer.js";
import { checkAnswerSchema } from "./check-answer.js";
import { configAnswerSchema } from "./config-answer.js";
import { explainAnswerSchema } from "./explain-answer.js";
import { jobSchemas } from "./job-answer.js";
import { logSchemas } from "./log-answer.js";
import { nodeSchemas } from "./node-answer.js";
import { topSchemas } from "./top-answer.js";
import { verifySchemas } from "./verify-answer.js";

export const answerSchemas: Readonly<Record<string, z.ZodType>> = {
  check: checkAnswerSchema,
  config: configAnswerSchema,
  ...jobSchemas,
  ...changeSchemas,
  ...logSchemas,
  ...nodeSchemas,
  explain: explainAnswerSchema,
  ...verifySchemas,
  ...topSchemas,
  bench: benchAnswerSchema,
};
