// What commander says of a wrong command line, in the words of every other mistake.

const wrongValue =
  /^(?:option '(?<flags>[^']*)' argument|command-argument value) '(?<found>[^]*)' is invalid(?: for argument '(?<name>[^']*)')?\. (?<said>[^]*?)\.?\n?$/;

/** `--slots: expected a whole number from 1 to 4096, found "0"`; what is not about a value stays as commander says it. */
export function usageMistake(text: string): string {
  const said = text.replace(/^error: /, "");
  const parts = wrongValue.exec(said)?.groups;
  if (parts === undefined) return `noctua: ${said}`;
  const where = /--[\w-]+/.exec(parts["flags"] ?? "")?.[0] ?? parts["name"] ?? "";
  const expected = (parts["said"] ?? "")
    .replace(/^Allowed choices are /, "expected one of ")
    .replace(/^E/, "e");
  const found = expected.includes(", found ") ? "" : `, found ${JSON.stringify(parts["found"] ?? "")}`;
  return `noctua: ${where}: ${expected}${found}\n`;
}
