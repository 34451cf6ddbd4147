// What a job may say of its payload's environment.
//
//   V1. It names variables that a program can have, and none that Noctua sets itself.
//   V2. No secret: a job is journaled, and what a payload has in its environment every process of its user can read. A
//       secret belongs in a file that only its owner can read; the file's path may be passed.

import type { PayloadNeeds } from "./payload-needs.js";

const variablesMax = 256;
const nameMax = 256;
/** Of all values together: a job goes to every node. */
const charactersMax = 65_536;

const namePattern = /^[A-Za-z_]\w*$/;
/** The last is no variable of anybody's, and no key of an object here. */
const ownPattern = /^(NOCTUA_.*|TMPDIR|__proto__)$/;
const secretPattern = /(TOKEN|SECRET|PASSWORD|PASSWD|_KEY)$/i;

/** What is wrong with an environment, and where in it. */
export interface EnvironmentFlaw {
  readonly part: "environment" | "passEnvironment";
  readonly expected: string;
  readonly found: string;
}

/** Undefined when nothing is wrong. */
export function flawOfEnvironment({
  environment,
  passEnvironment,
}: Pick<PayloadNeeds, "environment" | "passEnvironment">): EnvironmentFlaw | undefined {
  const flaw =
    flawOfNames("environment", Object.keys(environment)) ?? flawOfNames("passEnvironment", passEnvironment);
  if (flaw !== undefined) return flaw;
  const part = "environment";
  let characters = 0;
  for (const [name, value] of Object.entries(environment)) {
    if (value.includes("\0"))
      return {
        part,
        expected: `a value without NUL for ${name}`,
        found: JSON.stringify(value.slice(0, 100)),
      };
    characters += value.length;
  }
  if (characters <= charactersMax) return undefined;
  return {
    part,
    expected: `values of at most ${charactersMax} characters together`,
    found: String(characters),
  };
}

function flawOfNames(part: EnvironmentFlaw["part"], names: readonly string[]): EnvironmentFlaw | undefined {
  if (names.length > variablesMax)
    return { part, expected: `at most ${variablesMax} variables`, found: String(names.length) };
  for (const [i, name] of names.entries()) {
    const expected = names.indexOf(name) < i ? "each variable once" : expectedInsteadOf(name);
    if (expected !== undefined) return { part, expected, found: JSON.stringify(name.slice(0, 100)) };
  }
  return undefined;
}

function expectedInsteadOf(name: string): string | undefined {
  if (name.length > nameMax || !namePattern.test(name))
    return `names of variables: at most ${nameMax} letters, digits and '_', the first no digit`;
  if (ownPattern.test(name)) return "no variable that Noctua sets (NOCTUA_…, TMPDIR)"; // (V1)
  if (!secretPattern.test(name)) return undefined;
  return "no secret: put it in a file that only you can read, and pass the path of that in a variable such as BEARER_TOKEN_FILE"; // (V2)
}
