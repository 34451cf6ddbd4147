// The jobs that have a folder in a workdir. Asks no driver.

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { jobNumber, type JobNumber } from "../../shared/core/id.js";
import { jobFolder, jobsFolder } from "../../shared/core/names.js";
import { errorCode } from "../../shared/io/error-code.js";
import { CliError, exitCodes } from "./cli-error.js";

/** Their numbers, ascending; at least one. */
export async function jobsIn(workdir: string): Promise<readonly JobNumber[]> {
  const folder = join(workdir, jobsFolder);
  try {
    const names = (await readdir(folder)).filter((name) => /^[1-9]\d{0,9}$/.test(name));
    const numbers = names.map((name) => jobNumber(Number(name))).sort((a, b) => a - b);
    if (numbers.length > 0) return numbers;
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw error;
  }
  const example = join(workdir, jobFolder(jobNumber(1)));
  throw new CliError(
    exitCodes.usage,
    `expected jobs in ${workdir}, such as ${example}; found none: is it the workdir of a run?`,
  );
}
