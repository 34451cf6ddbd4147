// The options of a command that lets a cluster of processes suffer.

import { tmpdir } from "node:os";
import { parseArgs, type ParseArgsConfig } from "node:util";

export interface StormOrder {
  /** Of an option that is a number; throws with what was expected where it is none, or less than that. */
  readonly numberOf: (name: string, least: number) => number;
  readonly seed: number;
  /** Where a folder is made for the run. */
  readonly folder: string;
  /** That folder stays, whatever came of the run. */
  readonly isKept: boolean;
}

/** `defaults` are of the options that this command has beside those that all have. */
export function stormOrder(args: readonly string[], defaults: Readonly<Record<string, string>>): StormOrder {
  const options: NonNullable<ParseArgsConfig["options"]> = { keep: { type: "boolean" } };
  const own = { ...defaults, seed: String(Date.now() % 1_000_000), folder: tmpdir() };
  for (const [name, byDefault] of Object.entries(own)) options[name] = { type: "string", default: byDefault };
  const { values } = parseArgs({ args: [...args], options });
  const numberOf = (name: string, least: number): number => {
    const value = Number(values[name]);
    if (Number.isFinite(value) && value >= least) return value;
    throw new Error(`--${name}: expected a number of at least ${least}, found ${String(values[name])}`);
  };
  return {
    ...{ numberOf, seed: numberOf("seed", 0), folder: String(values["folder"]) },
    isKept: values["keep"] === true,
  };
}
