// Schemas that read whatever is written, so that no mistake hides another; and what they take, for those who describe them.

import { z } from "zod";

const forms = new WeakMap<z.core.$ZodType, z.ZodType>();

/** The form that was told of a schema by `readAs`; undefined when it describes itself. */
export function formOf(schema: z.core.$ZodType): z.ZodType | undefined {
  // What is described, or given a default, is a copy that knows its original.
  for (let one: z.core.$ZodType | undefined = schema; one !== undefined; one = one._zod.parent) {
    const form = forms.get(one);
    if (form !== undefined) return form;
  }
  return undefined;
}

/** A schema that reads by `read`; whoever describes it describes `form`. */
export function readAs<Value>(
  form: z.ZodType,
  read: (written: unknown, context: z.core.$RefinementCtx) => Value,
): z.ZodType<Value> {
  const schema = z.unknown().transform(read);
  forms.set(schema, form);
  return schema;
}

/** Reads by another schema, whose mistakes are told as they are. */
export function readBy<Value>(
  schema: z.ZodType<Value>,
  written: unknown,
  context: z.core.$RefinementCtx,
): Value {
  const read = schema.safeParse(written);
  if (read.success) return read.data;
  for (const issue of read.error.issues) {
    const { path, message } = issue;
    if (issue.code === "unrecognized_keys") {
      context.issues.push({ code: issue.code, keys: issue.keys, message, path, input: {} });
    } else {
      const params = issue.code === "custom" ? issue.params : undefined;
      context.issues.push({ code: "custom", message, path, input: written, ...(params && { params }) });
    }
  }
  return z.NEVER;
}

/** Whether a mapping has this name. */
export function hasName(written: unknown, name: string): written is Readonly<Record<string, unknown>> {
  return typeof written === "object" && written !== null && Object.hasOwn(written, name);
}
