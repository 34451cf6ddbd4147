// Mappings of texts, such as labels and variables.

import { describe } from "../../shared/core/mistake.js";

export type Texts = Readonly<Record<string, string>>;

/** The mapping; or what was found instead, by the first name that has no text. */
export function textsIn(written: unknown): { readonly texts: Texts } | { readonly found: string } {
  if (typeof written !== "object" || written === null || Array.isArray(written))
    return { found: describe(written) };
  const texts: Record<string, string> = {};
  const entries: readonly (readonly [string, unknown])[] = Object.entries(written);
  for (const [name, value] of entries) {
    if (typeof value !== "string") return { found: `${describe(value)} for ${describe(name)}` };
    texts[name] = value;
  }
  return { texts };
}
