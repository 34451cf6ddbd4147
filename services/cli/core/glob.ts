// Patterns for paths, as shells have them.
//
//   *        any part of a name           [abc] [a-z] [!a-z]   one character of these, or none of these
//   ?        any one character            {a,b}                either
//   **       any number of folders
//
// A name that begins with a dot is matched by a pattern that does so too. However it is made, a pattern is matched in time
// that grows with its length times that of the name.

/** One step of a path. */
export type GlobStep =
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "pattern"; readonly matches: (name: string) => boolean }
  | { readonly kind: "folders" };

/** What one pattern with braces may become. */
const alternativesMax = 1_000;

/** Whether a path may stand for others. */
export function isGlob(path: string): boolean {
  return /[*?[\]{}]/.test(path);
}

/** The patterns without braces that a pattern stands for; undefined when they are more than a thousand. */
export function withoutBraces(pattern: string): readonly string[] | undefined {
  let patterns: readonly string[] = [pattern];
  // Innermost first; each round takes one pair of braces out of each.
  while (patterns.some(hasBraces)) {
    patterns = [...new Set(patterns.flatMap(alternatives))];
    if (patterns.length > alternativesMax) return undefined;
  }
  return patterns;
}

const braces = /\{([^{}]*,[^{}]*)\}/;

function hasBraces(pattern: string): boolean {
  return braces.test(pattern);
}

function alternatives(pattern: string): readonly string[] {
  const found = braces.exec(pattern);
  if (found === null) return [pattern];
  const [whole, inside = ""] = found;
  const before = pattern.slice(0, found.index);
  const after = pattern.slice(found.index + whole.length);
  return inside.split(",").map((one) => before + one + after);
}

/** The steps of a pattern without braces. */
export function globSteps(pattern: string): readonly GlobStep[] {
  const names = pattern.split("/").filter((name) => name !== "");
  return names.map((name): GlobStep => {
    if (name === "**") return { kind: "folders" };
    if (!/[*?[]/.test(name)) return { kind: "name", name };
    const tokens = tokensOf(name);
    const isHidden = name.startsWith(".");
    return { kind: "pattern", matches: (text) => (isHidden || !text.startsWith(".")) && fits(tokens, text) };
  });
}

/** What one character must be; or `star`, any number of any. */
type Token = "star" | ((character: string) => boolean);

function tokensOf(name: string): readonly Token[] {
  const tokens: Token[] = [];
  const part = /\*+|\?|\[(!?)(\]?[^\]]*)\]|[^]/gu;
  for (const [whole, not, set] of name.matchAll(part)) {
    if (whole.startsWith("*")) tokens.push("star");
    else if (whole === "?") tokens.push(() => true);
    else if (set === undefined) tokens.push((character) => character === whole);
    else tokens.push(oneOf(set, not === "!"));
  }
  return tokens;
}

function oneOf(set: string, isNot: boolean): Token {
  const spans = [...set.matchAll(/([^])-([^])|[^]/gu)].map(([one, first = one, last = one]) => ({
    first,
    last,
  }));
  return (character) => spans.some(({ first, last }) => first <= character && character <= last) !== isNot;
}

/** Goes back to the last star only: an earlier one could do no better. */
function fits(tokens: readonly Token[], text: string): boolean {
  const characters = Array.from(text);
  let [token, at] = [0, 0];
  let star: { readonly token: number; readonly at: number } | undefined;
  while (at < characters.length) {
    const wanted = tokens[token];
    if (wanted === "star") {
      star = { token, at };
      token += 1;
    } else if (wanted?.(characters[at] ?? "") === true) {
      token += 1;
      at += 1;
    } else if (star === undefined) return false;
    else {
      star = { token: star.token, at: star.at + 1 };
      [token, at] = [star.token + 1, star.at];
    }
  }
  return tokens.slice(token).every((rest) => rest === "star");
}
