// Another validator than the one that our schemas are made from: ESLint's own, which is no package of ours.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { z } from "zod";

type Validate = (content: unknown) => boolean;
const isFunction = (value: unknown): boolean => typeof value === "function";
const validatorSchema = z.custom<new (options: object) => { compile(schema: unknown): Validate }>(isFunction);
const eslint = createRequire(import.meta.url).resolve("eslint");
const Validator = validatorSchema.parse(createRequire(eslint)("ajv"));

/** What the schema of that name in docs/schemas takes. */
export async function validatorOf(name: string): Promise<Validate> {
  const path = join(import.meta.dirname, "../../docs/schemas", `${name}.schema.json`);
  return new Validator({ schemaId: "auto" }).compile(JSON.parse(await readFile(path, "utf8")));
}
