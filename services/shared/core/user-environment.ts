// What a user's program, payload or merge command, sees of a service's own environment: what it needs to find its parts
// and to speak the user's language, and nothing else. No secret lives in these (P8).

const passedOn = [
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "LANG",
  "LC_ALL",
  "TZ",
  "TMPDIR",
  "LD_LIBRARY_PATH",
  "PYTHONPATH",
] as const;

/** Of the environment, what is passed on; and of `more` too what is there. */
export function userEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  more: readonly string[] = [],
): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const name of [...passedOn, ...more]) {
    const value = environment[name];
    if (value !== undefined) passed[name] = value;
  }
  return passed;
}
