// noctua init: writes a job file that runs at once, for a person to go on from.
//
//   I1. Nothing that a person may have written is written over.

import { access, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { errorCode, errorMessage } from "../../shared/io/error-code.js";
import type { PayloadSpec } from "../../shared/core/job-spec.js";
import { firstJobText, programFile, programText, schemaFile } from "../core/first-job.js";
import { CliError, exitCodes, type ExitCode } from "../io/cli-error.js";
import { findProgram } from "../io/find-program.js";
import { jobJsonSchema } from "../io/job-json-schema.js";
import type { Terminal } from "../io/terminal.js";

export interface InitOptions {
  /** As it was given. */
  readonly file: string;
  readonly kind: PayloadSpec["kind"];
  /** Where programs are looked for. */
  readonly path: string | undefined;
  /** The Node that runs this. */
  readonly execPath: string;
}

export async function init(options: InitOptions, terminal: Terminal): Promise<ExitCode> {
  const { file, kind } = options;
  if (!/\.ya?ml$/.test(file))
    throw new CliError(exitCodes.usage, `expected the path of a new .yaml file, found ${file}`);
  const folder = dirname(resolve(file));
  const node = (await findProgram("node", options.path)) === undefined ? options.execPath : "node";
  const wanted = [
    ...(kind === "stream" ? [{ path: join(folder, programFile), text: programText }] : []),
    { path: resolve(file), text: firstJobText({ file: basename(file), kind, node }) },
  ];
  for (const { path } of wanted) if (await isThere(path)) throw taken(path);
  for (const { path, text } of wanted) await write(path, text, "wx");
  // It is ours, and made by a program: an older one goes.
  await write(join(folder, schemaFile), `${JSON.stringify(jobJsonSchema(), undefined, 2)}\n`, "w");
  const beside = kind === "stream" ? ` with its payload, ${programFile}` : "";
  terminal.print(`wrote ${file}${beside}, and ${schemaFile} for editors`);
  terminal.print(`next: noctua check ${file}, then noctua run ${file}`);
  return exitCodes.ok;
}

async function write(path: string, text: string, flag: "w" | "wx"): Promise<void> {
  try {
    await writeFile(path, text, { flag });
  } catch (error) {
    if (errorCode(error) === "EEXIST") throw taken(path); // (I1)
    const why = errorCode(error) === "ENOENT" ? "there is no such folder" : errorMessage(error);
    throw new CliError(exitCodes.usage, `cannot write ${path}: ${why}`, error);
  }
}

function taken(path: string): CliError {
  const what = "choose another name, or move it away; nothing was written";
  return new CliError(exitCodes.usage, `expected nothing at ${path}, found a file: ${what}`);
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
