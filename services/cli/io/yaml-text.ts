// A text of YAML (of which JSON is a part), and on which line each thing stands.

import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, type Document } from "yaml";
import { errorMessage } from "../../shared/io/error-code.js";
import { fieldName, type Mistake } from "../core/mistake.js";

export type Path = readonly (string | number)[];

export type YamlText =
  | { readonly kind: "parsed"; readonly content: unknown; lineOf(path: Path): number | undefined }
  | { readonly kind: "broken"; readonly mistakes: readonly Mistake[] };

export function parseYaml(text: string): YamlText {
  const lines = new LineCounter();
  // An unknown tag or a duplicate key is as much a mistake as a bracket too few.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const flaws = [...document.errors, ...document.warnings];
  if (flaws.length > 0) {
    const mistakes = flaws.map((flaw) => mistakeAt(lines.linePos(flaw.pos[0]).line, flaw.message));
    return { kind: "broken", mistakes };
  }
  try {
    const content: unknown = document.toJS();
    return { kind: "parsed", content, lineOf: (path) => lineOf(document, lines, path) };
  } catch (error) {
    return { kind: "broken", mistakes: [mistakeAt(undefined, errorMessage(error))] }; // Aliases without end.
  }
}

function mistakeAt(line: number | undefined, found: string): Mistake {
  return { line, field: fieldName([]), expected: "YAML or JSON", found };
}

/** The line of the thing at `path`; of the nearest thing around it when it is not there. */
function lineOf(document: Document, lines: LineCounter, path: Path): number | undefined {
  let node: unknown = document.contents;
  let offset = offsetOf(node);
  for (const step of path) {
    const place = stepInto(isAlias(node) ? node.resolve(document) : node, step);
    if (place === undefined) break;
    offset = offsetOf(place.key) ?? offset;
    node = place.value;
  }
  return offset === undefined ? undefined : lines.linePos(offset).line;
}

/** What stands at a name or an index, and the node that a reader would look for. */
function stepInto(node: unknown, step: string | number): { key: unknown; value: unknown } | undefined {
  if (isMap(node)) return node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
  if (!isSeq(node) || typeof step !== "number") return undefined;
  const value = node.items[step];
  return value === undefined ? undefined : { key: value, value };
}

function offsetOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}
