// Where an actor or a merger can be asked how it is.
//
//   H1. <workdir>/run/<name>.json says where its health and metrics are, for as long as the process lives.
//       It is written as soon as there is room for it: who has work to do needs none of it.
//   H2. Of two processes of one name, the later one has the file, and the other one leaves it alone.
//   H3. It begins when a driver has made credentials for the run: before that there is nothing to be asked.

import { readFile, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import type { Registry } from "prom-client";
import { readAddress } from "./address-file.js";
import { writeFileAtomically } from "./atomic-file.js";
import { Closers } from "./closers.js";
import { errorMessage } from "./error-code.js";
import { startHttpServer } from "./http-server.js";
import type { Logger } from "./logger.js";
import { reachableHost } from "./loopback.js";
import { makeFolder } from "./make-folder.js";
import { roomMessage, withRoom } from "./room.js";
import { sleep } from "./system-clock.js";
import { NoDriverYet, readCredential } from "./trust/credential.js";
import type { ServerTrust } from "./trust/serving.js";

export interface HealthOf {
  readonly service: "actor" | "merger";
  readonly name: string;
  /** Made anew by each process. */
  readonly incarnation: string;
  readonly workdir: string;
  /** Where to listen. */
  readonly host: string;
  readonly log: Logger;
  readonly agent: {
    readonly metrics: { readonly registry: Registry };
    /** Why it is not at work, in a sentence; undefined when it is. */
    notReady(): string | undefined;
  };
}

/** How often it is looked whether a driver has made credentials by now. */
const lookAgainMs = 500;

/** Serves health and metrics on a free port until closed, as soon as there is a credential to serve them with (H3). */
export function serveHealth(of: HealthOf, closers: Closers): void {
  const stop = new AbortController();
  const inner = new Closers(of.log);
  const serving = begin(of, inner, stop.signal).catch((error: unknown) => {
    if (!stop.signal.aborted) of.log.error("health is not served", { error: errorMessage(error) });
  });
  closers.add("health", async () => {
    stop.abort();
    await serving;
    await inner.closeAll();
  });
}

async function begin(of: HealthOf, closers: Closers, signal: AbortSignal): Promise<void> {
  const { service, name, incarnation, workdir, host, agent, log } = of;
  const trust = await trustOf(of, signal);
  const server = await startHttpServer({
    host,
    registry: agent.metrics.registry,
    trust,
    notReady: () => agent.notReady(),
  });
  closers.add("port", () => server.close());
  const at = { host: reachableHost(host), hostname: hostname(), httpPort: server.port, pid: process.pid };
  const text = `${JSON.stringify({ service, name, incarnation, ...at }, undefined, 2)}\n`;
  const path = join(workdir, "run", `${name}.json`);
  closers.add("run file", async () => {
    if ((await readFile(path, "utf8").catch(() => "")) === text) await rm(path, { force: true }); // (H2)
  });
  const write = async (): Promise<void> => {
    await makeFolder(join(workdir, "run"));
    await writeFileAtomically(path, text); // (H1)
  };
  let waited = false;
  const onWait = (error: unknown): void => {
    const fields = { path, error: roomMessage(error) };
    if (!waited) log.warn("no room for the file that says where health is served: it is tried again", fields);
    waited = true;
  };
  await withRoom(write, { waitMs: Infinity, onWait }, signal);
}

/** What the port shows of itself. A driver that serves without TLS has peers that do so too. */
async function trustOf({ workdir, service }: HealthOf, signal: AbortSignal): Promise<ServerTrust> {
  for (;;) {
    if ((await readAddress(workdir))?.isPlain === true) return "plain";
    const credential = await readCredential(workdir, service).catch((error: unknown) => {
      if (error instanceof NoDriverYet) return undefined;
      throw error;
    });
    if (credential !== undefined) return credential;
    await sleep(lookAgainMs, signal); // (H3)
  }
}
