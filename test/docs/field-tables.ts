// The fields of a JSON Schema as tables of Markdown: a section for each mapping, a line for each field.

import type { JsonSchema } from "../../services/cli/io/job-json-schema.js";

interface Section {
  /** Such as `payload.setup`, `inputs[]`. */
  readonly place: string;
  /** What may stand there; more than one where that depends on something. */
  readonly shapes: readonly JsonSchema[];
}

/** All mappings of the schema, each before those in it. What stands in two places is told once. */
export function fieldTables(schema: JsonSchema, title: string): string {
  const told = new Map<string, string>();
  const parts: string[] = [];
  const left: Section[] = [{ place: "", shapes: [schema] }];
  for (let section = left.shift(); section !== undefined; section = left.shift()) {
    const key = JSON.stringify(section.shapes);
    const before = told.get(key);
    const heading = section.place === "" ? title : `\`${section.place}\``;
    parts.push(
      `### ${heading}`,
      before === undefined ? tableOf(section.shapes) : `As [\`${before}\`](#${before}).`,
    );
    if (before === undefined) left.unshift(...sectionsIn(section));
    told.set(key, before ?? section.place);
  }
  return `${parts.join("\n\n")}\n`;
}

function sectionsIn({ place, shapes }: Section): Section[] {
  return fieldsOf(shapes).flatMap(({ name, field }) => {
    const inside = shapesIn(field);
    const path = place === "" ? name : `${place}.${name}`;
    return inside.length === 0
      ? []
      : [{ place: bareTypeOf(field) === "array" ? `${path}[]` : path, shapes: inside }];
  });
}

/** The mappings that may stand in a field, or in each item of it. */
function shapesIn(schema: JsonSchema): readonly JsonSchema[] {
  if (schema.properties !== undefined) return [schema];
  const inner = [...(schema.anyOf ?? []), ...itemsOf(schema)];
  return inner.flatMap((one) => (typeof one === "boolean" ? [] : shapesIn(one)));
}

function itemsOf({ items }: JsonSchema): readonly JsonSchema[] {
  return typeof items === "object" && !Array.isArray(items) ? [items] : [];
}

interface Field {
  readonly name: string;
  readonly field: JsonSchema;
  readonly isNeeded: boolean;
  /** Where it stands in one shape only: which. */
  readonly only: string;
}

function fieldsOf(shapes: readonly JsonSchema[]): readonly Field[] {
  const fields = new Map<string, Field>();
  for (const shape of shapes) {
    for (const [name, field] of Object.entries(shape.properties ?? {})) {
      if (typeof field === "boolean" || fields.has(name)) continue;
      const having = shapes.filter(({ properties }) => properties?.[name] !== undefined);
      const isNeeded =
        having.length === shapes.length && shapes.every(({ required }) => required?.includes(name));
      fields.set(name, { name, field, isNeeded, only: having.length < shapes.length ? kindOf(shape) : "" });
    }
  }
  return [...fields.values()];
}

/** Of a shape that says of what kind it is. */
function kindOf({ properties }: JsonSchema): string {
  const kind = properties?.["kind"];
  return typeof kind === "object" && typeof kind.const === "string" ? `kind: ${kind.const}` : "";
}

function tableOf(shapes: readonly JsonSchema[]): string {
  const rows = fieldsOf(shapes).map(({ name, field, isNeeded, only }) => {
    const types = new Set<string>();
    for (const { properties } of shapes) {
      const one = properties?.[name];
      if (typeof one === "object") types.add(typeOf(one));
    }
    const meaning = `${field.description ?? ""}${only === "" ? "" : ` (\`${only}\`)`}`;
    return [
      `\`${name}\``,
      [...types].join(" or "),
      isNeeded ? "**needed**" : defaultOf(field),
      meaning.replaceAll("|", "\\|"),
    ];
  });
  return [["field", "is", "default", "means"], ["---", "---", "---", "---"], ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}

function typeOf(schema: JsonSchema): string {
  if (schema.title !== undefined) return `[${schema.title}](#values)`;
  if (schema.const !== undefined) return `\`${String(schema.const)}\``;
  if (schema.enum !== undefined)
    return schema.enum.length > 8
      ? "one of a set"
      : schema.enum.map((one) => `\`${String(one)}\``).join(" or ");
  if (schema.anyOf !== undefined) {
    const types = schema.anyOf.map((one) => (typeof one === "boolean" ? "" : typeOf(one)));
    return [...new Set(types)].join(" or ");
  }
  switch (bareTypeOf(schema)) {
    case "array":
      return `list of ${itemsOf(schema).map(typeOf).join()}`.replace(/mapping$/, "mappings");
    case "integer":
    case "number":
      return `number, ${schema.minimum ?? ""} to ${schema.maximum ?? ""}`;
    case "boolean":
      return "`true` or `false`";
    case "object":
      return "mapping";
    default:
      return "text";
  }
}

function defaultOf({ default: value }: JsonSchema): string {
  const isNothing = value === undefined || value === "" || ["{}", "[]"].includes(JSON.stringify(value));
  return isNothing ? "" : `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
}

/** Nothing, where it may stand for an empty list, is not worth a word. */
function bareTypeOf({ type }: JsonSchema): string | undefined {
  return Array.isArray(type) ? type.find((one) => one !== "null") : type;
}
