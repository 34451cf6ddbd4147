// The job file as a JSON Schema, for editors and for docs/job-file.md. It is made from the schema that reads job files.
//
//   S1. It refuses nothing that a job file may say. (What goes with what, and what lies on the disk, only `noctua check` knows.)

import { z } from "zod";
import { formOf } from "./described.js";
import { jobFileSchema } from "./job-schema.js";

export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** What editors know best. */
const target = "draft-07";

export function jobJsonSchema(): JsonSchema {
  const { $schema, ...schema } = jsonSchemaOf(jobFileSchema);
  return {
    ...($schema === undefined ? {} : { $schema }),
    title: "Noctua job file",
    description: "What noctua run and noctua submit take; noctua check tells all mistakes.",
    ...schema,
  };
}

function jsonSchemaOf(schema: z.core.$ZodType): JsonSchema {
  return z.toJSONSchema(schema, {
    io: "input",
    target,
    override: ({ zodSchema, jsonSchema }) => {
      const form = formOf(zodSchema);
      if (form === undefined) return;
      const { $schema: _, ...described } = jsonSchemaOf(form);
      Object.assign(jsonSchema, { ...described, ...jsonSchema });
    },
  });
}
