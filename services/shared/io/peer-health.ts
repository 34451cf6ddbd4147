// Where an actor or a merger can be asked how it is.
//
//   H1. <workdir>/run/<name>.json says where its health and metrics are, for as long as the process lives.
//       It is written as soon as there is room for it: who has work to do needs none of it.
//   H2. Of two processes of one name, the later one has the file, and the other one leaves it alone.

import { readFile, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import type { Registry } from "prom-client";
import { writeFileAtomically } from "./atomic-file.js";
import type { Closers } from "./closers.js";
import { readToken } from "./credentials.js";
import { startHttpServer } from "./http-server.js";
import type { Logger } from "./logger.js";
import { lacksRoom, roomMessage, withRoom } from "./room.js";
import { makeFolder } from "./make-folder.js";

export interface HealthOf {
  readonly service: string;
  readonly name: string;
  /** Made anew by each process. */
  readonly incarnation: string;
  readonly workdir: string;
  readonly log: Logger;
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
  const { service, name, incarnation, workdir, agent, log } = of;
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
  const write = async (): Promise<void> => {
    await makeFolder(join(workdir, "run"));
    await writeFileAtomically(path, text); // (H1)
  };
  await write().catch((error: unknown) => {
    if (!lacksRoom(error)) throw error;
    log.warn("no room for the file that says where health is served: it is tried again", {
      path,
      error: roomMessage(error),
    });
    const stop = new AbortController();
    const writing = withRoom(write, { waitMs: Infinity, onWait: () => undefined }, stop.signal).catch(
      () => undefined,
    );
    closers.add("run file that waits for room", () => {
      stop.abort();
      return writing;
    });
  });
  return server.port;
}
