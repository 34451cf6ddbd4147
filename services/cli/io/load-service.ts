// `noctua driver|actor|merger`: the service itself, in this process, so that pid and signals are the service's.

import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { CliError, exitCodes } from "./cli-error.js";
import { stopWithParent } from "./parent-watch.js";

export const serviceNames = ["driver", "actor", "merger"] as const;

export type ServiceName = (typeof serviceNames)[number];

export function isServiceName(name: string | undefined): name is ServiceName {
  return serviceNames.some((service) => service === name);
}

/** Where a service's bundle lies, beside that of the command line. Throws when it is not there. */
export function servicePath(bundleFolder: string, name: ServiceName): string {
  const path = join(bundleFolder, `${name}.cjs`);
  if (existsSync(path)) return path;
  const remedy = "build the services with  node tools/setup.mjs  and start dist/noctua.cjs";
  throw new CliError(exitCodes.internal, `expected the ${name}'s bundle at ${path}, found none: ${remedy}`);
}

/** Becomes the service: it finds its arguments where every program does. */
export function loadService(bundleFolder: string, name: ServiceName, args: readonly string[]): void {
  const path = servicePath(bundleFolder, name);
  stopWithParent();
  process.argv = [process.execPath, path, ...args];
  createRequire(path)(path);
}
