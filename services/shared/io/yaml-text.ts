// A text of YAML (of which JSON is a part), and on which line each thing stands.
//
//   Y1. What is no YAML is told once a line: what else a parser says there follows from it.
//   Y2. Nothing is nested a hundred times: the parser would end this process for want of memory.
//   Y3. A name stands once in its mapping, and is a plain value. (The parser's own check compares each name with all others.)

import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Document,
  type Pair,
  type YAMLError,
  type YAMLMap,
} from "yaml";
import { errorMessage } from "./error-code.js";
import { fieldName, type Mistake } from "../core/mistake.js";

export type Path = readonly (string | number)[];

export type YamlText =
  | { readonly kind: "parsed"; readonly content: unknown; lineOf(path: Path): number | undefined }
  | { readonly kind: "broken"; readonly mistakes: readonly Mistake[] };

export function parseYaml(text: string): YamlText {
  const deep = tooDeep(text);
  if (deep !== undefined) return { kind: "broken", mistakes: [noYaml(deep, "what is nested too deeply")] }; // (Y2)
  const lines = new LineCounter();
  try {
    // An unknown tag is as much a mistake as a bracket too few.
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
    const flaws = [...document.errors, ...document.warnings];
    if (flaws.length > 0)
      return { kind: "broken", mistakes: firstOfEachLine(flaws.map((flaw) => mistakeOf(flaw, lines))) };
    const mistakes = nameMistakes(document, lines);
    if (mistakes.length > 0) return { kind: "broken", mistakes };
    const content: unknown = document.toJS();
    return { kind: "parsed", content, lineOf: (path) => lineOf(document, lines, path) };
  } catch (error) {
    // An alias of nothing, aliases without end.
    return { kind: "broken", mistakes: [noYaml(undefined, errorMessage(error))] };
  }
}

/** What stands there; undefined when nothing does. */
export function valueAt(content: unknown, path: Path): unknown {
  let value = content;
  for (const step of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
    value = Reflect.get(value, step);
  }
  return value;
}

const depthMax = 100;
/** Brackets that close nothing, of which each costs the parser a look at all. */
const closersMax = 1_000;

/** Marks of a list or mapping behind each other, or a line that is indented as far as so many would be. */
const deepLine = new RegExp(`(?:[-?:][ \\t]+){${depthMax}}|^ {${8 * depthMax}}`, "m");

/** The line where something is nested too deeply. Brackets in texts count too: they are balanced, or few. */
function tooDeep(text: string): number | undefined {
  let [depth, closers] = [0, 0];
  let at = deepLine.exec(text)?.index;
  for (const { 0: bracket, index } of text.matchAll(/[[\]{}]/g)) {
    if (bracket === "[" || bracket === "{") depth += 1;
    else if (depth > 0) depth -= 1;
    else closers += 1;
    if (depth <= depthMax && closers <= closersMax) continue;
    at = Math.min(at ?? index, index);
    break;
  }
  return at === undefined ? undefined : text.slice(0, at).split("\n").length;
}

function mistakeOf(flaw: YAMLError, lines: LineCounter): Mistake {
  const { line } = lines.linePos(flaw.pos[0]);
  const whole = { line, field: fieldName([]) };
  if (flaw.code === "TAB_AS_INDENT") return { ...whole, expected: "spaces to indent a line", found: "a tab" };
  if (flaw.code === "MULTIPLE_DOCS")
    return { ...whole, expected: "one document", found: "a second one, behind ---" };
  return noYaml(line, flaw.message);
}

function noYaml(line: number | undefined, found: string): Mistake {
  return { line, field: fieldName([]), expected: "YAML or JSON", found };
}

/** (Y3) */
function nameMistakes(document: Document, lines: LineCounter): readonly Mistake[] {
  const mistakes: Mistake[] = [];
  visit(document, {
    Map: (_, map) => {
      findNamesTwice(map, lines, mistakes);
    },
  });
  return mistakes;
}

function findNamesTwice(map: YAMLMap, lines: LineCounter, mistakes: Mistake[]): void {
  const lineOfName = new Map<string, number>();
  for (const { key } of map.items) {
    const { line } = lines.linePos(offsetOf(key) ?? 0);
    const name = nameOf(key);
    if (name === undefined) {
      mistakes.push({ line, field: "", expected: "a name before ':'", found: "something else" });
      continue;
    }
    const before = lineOfName.get(name);
    if (before !== undefined)
      mistakes.push({ line, field: name, expected: "it once", found: `it on line ${before} too` });
    lineOfName.set(name, line);
  }
}

/** Numbers and the like are names too. */
function nameOf(key: unknown): string | undefined {
  const value = isScalar(key) ? key.value : undefined;
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
}

/** (Y1) */
function firstOfEachLine(mistakes: readonly Mistake[]): readonly Mistake[] {
  const ofLine = new Map<number | undefined, Mistake>();
  for (const mistake of mistakes) if (!ofLine.has(mistake.line)) ofLine.set(mistake.line, mistake);
  return [...ofLine.values()];
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
  if (isMap(node)) return pairsOf(node).get(String(step));
  if (!isSeq(node) || typeof step !== "number") return undefined;
  const value = node.items[step];
  return value === undefined ? undefined : { key: value, value };
}

/** Looked up by name more than once, where there are many mistakes. */
const pairsOfMap = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>();

function pairsOf(map: YAMLMap): ReadonlyMap<string, Pair> {
  let pairs = pairsOfMap.get(map);
  if (pairs === undefined) {
    pairs = new Map(map.items.map((pair) => [nameOf(pair.key) ?? "", pair]));
    pairsOfMap.set(map, pairs);
  }
  return pairs;
}

function offsetOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}
