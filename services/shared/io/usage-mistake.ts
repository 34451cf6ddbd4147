// What commander says of a wrong command line, in the words of every other mistake.

const wrongValue =
  /^(?:option '(?<flags>[^']*)' argument|command-argument value) '(?<found>[^]*)' is invalid(?: for argument '(?<name>[^']*)')?\. (?<said>[^]*?)\.?$/;

type Groups = Readonly<Record<string, string | undefined>>;

/** What it says of other things than values, and how it is said here. */
const others: readonly (readonly [said: RegExp, ours: (groups: Groups) => string])[] = [
  [
    /^unknown option '(?<found>[^']*)'(?:\n\(Did you mean (?<meant>.*)\?\))?$/,
    ({ found, meant }) => `${found}: expected an option that is known, found none${didYouMean(meant)}`,
  ],
  [
    /^unknown command '(?<found>[^']*)'(?:\n\(Did you mean (?<meant>.*)\?\))?$/,
    ({ found, meant }) => `expected a command that is known, found ${quoted(found)}${didYouMean(meant)}`,
  ],
  [
    /^too many arguments(?: for '(?<command>[^']*)')?\. Expected (?<most>\d+) arguments? but got (?<found>\d+)\.$/,
    ({ command, most, found }) =>
      `${command === undefined ? "" : `${command}: `}expected ${argumentsText(Number(most))}, found ${found}`,
  ],
  [
    /^option '(?<flags>[^']*)' argument missing$/,
    ({ flags = "" }) => `${flagIn(flags)}: expected ${/<.*>/.exec(flags)?.[0] ?? "a value"}, found none`,
  ],
  [/^missing required argument '(?<name>[^']*)'$/, ({ name }) => `expected <${name}>, found none`],
];

/** `--slots: expected a whole number from 1 to 4096, found "0"`; what is not known of stays as commander says it. */
export function usageMistake(text: string): string {
  const said = text.replace(/^error: /, "").trim();
  const value = wrongValue.exec(said)?.groups;
  if (value !== undefined) return valueMistake(value);
  for (const [pattern, ours] of others) {
    const match = pattern.exec(said);
    if (match !== null) return ours(match.groups ?? {});
  }
  return said;
}

function valueMistake({ flags, name, said = "", found }: Groups): string {
  const where = flags === undefined ? (name ?? "") : flagIn(flags);
  const expected = said.replace(/^Allowed choices are /, "expected one of ").replace(/^E/, "e");
  return `${where}: ${expected}${expected.includes(", found ") ? "" : `, found ${quoted(found)}`}`;
}

/** The long one. */
function flagIn(flags: string): string {
  return /--[\w-]+/.exec(flags)?.[0] ?? flags;
}

function quoted(text = ""): string {
  return JSON.stringify(text);
}

function didYouMean(meant: string | undefined): string {
  return meant === undefined ? "" : ` (did you mean ${meant}?)`;
}

function argumentsText(most: number): string {
  if (most === 0) return "no arguments";
  return `at most ${most === 1 ? "1 argument" : `${most} arguments`}`;
}
