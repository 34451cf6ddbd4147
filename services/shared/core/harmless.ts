// Text of a program's, as a terminal may show it.
//
//   H1. Nothing in it moves the cursor, changes a colour, a title or the clipboard, or hides or turns around what stands there.
//   H2. What is taken out is seen: control characters as in ^[, others as in <U+202E>. Tabs and ends of lines stay.

/** Controls but tab and end of line; and what turns around, joins or hides the text beside it. */
const harmful =
  // eslint-disable-next-line no-control-regex -- these are what is looked for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** The text with whatever is not only text made visible (H1, H2). */
export function harmless(text: string): string {
  return text.replace(harmful, (character) => {
    const code = character.charCodeAt(0);
    if (code < 0x20) return `^${String.fromCharCode(code + 0x40)}`;
    if (code === 0x7f) return "^?";
    return `<U+${code.toString(16).toUpperCase().padStart(4, "0")}>`;
  });
}

/** JSON that means the same, for a terminal too: what would be harmful in its strings is escaped. */
export function harmlessJson(json: string): string {
  return json.replace(harmful, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
