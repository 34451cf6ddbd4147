// Where an actor or a merger can be asked how it is.
//
//   H1. <workdir>/run/<name>.json says where its health and metrics are, for as long as the process lives.
//   H2. Of two processes of one name, the later one has the file, and the other one leaves it alone.

import { mkdir, readFile, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import type { Registry } from "prom-client";
import { writeFileAtomically } from "./atomic-file.js";
import type { Closers } from "./closers.js";
import { readToken } from "./credentials.js";
import { startHttpServer } from "./http-server.js";

export interface HealthOf {
  readonly service: string;
  readonly name: string;
  /** Made anew by each process. */
  readonly incarnation: string;
  readonly workdir: string;
  readonly agent: {
    readonly metrics: { readonly registry: Registry };
    /** Why it is not at work, in a sentence; undefined when it is. */
    notReady(): string | undefined;
  };
}

/** Health and metrics are for this machine, as long as they are not encrypted. */
const host = "127.0.0.1";

/** Serves health and metrics on a free port, which it returns, until closed. */
export async function serveHealth(of: HealthOf, closers: Closers): Promise<number> {
  const { service, name, incarnation, workdir, agent } = of;
  const server = await startHttpServer({
    host,
    registry: agent.metrics.registry,
    token: () => readToken(workdir), // It may be there before the driver, and so before the token.
    notReady: () => agent.notReady(),
  });
  closers.add("health", () => server.close());
  const facts = {
    service,
    name,
    incarnation,
    host,
    hostname: hostname(),
    httpPort: server.port,
    pid: process.pid,
  };
  const text = `${JSON.stringify(facts, undefined, 2)}\n`;
  const path = join(workdir, "run", `${name}.json`);
  closers.add("run file", async () => {
    if ((await readFile(path, "utf8").catch(() => "")) === text) await rm(path, { force: true }); // (H2)
  });
  await mkdir(join(workdir, "run"), { recursive: true });
  await writeFileAtomically(path, text); // (H1)
  return server.port;
}
