// The processes of a run that suffer: each is started anew when it ends, whyever it ends, until the cluster is closed.

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { readAddress, writeAddress } from "../../services/shared/io/address-file.js";
import { sleep } from "../../services/shared/io/system-clock.js";
import { Relay } from "./relay.js";

export type Service = "driver" | "actor" | "merger";

export interface ClusterOptions {
  readonly workdir: string;
  readonly scratch: string;
  readonly actors: number;
  readonly slots: number;
  readonly mergers: number;
  /** Between the end of a process and its next start. */
  readonly restartMs: () => number;
  readonly driverArgs?: readonly string[];
}

const dist = join(import.meta.dirname, "..", "..", "dist");
const lookAgainMs = 20;

export class Cluster {
  readonly relay: Relay;
  readonly #options: ClusterOptions;
  readonly #children = new Map<string, ChildProcess>();
  readonly #over = new AbortController();
  /** What keeps each process there. */
  readonly #keeping: Promise<void>[] = [];

  private constructor(options: ClusterOptions, relay: Relay) {
    this.#options = options;
    this.relay = relay;
  }

  /** Resolves when the driver can be found. */
  static async start(options: ClusterOptions): Promise<Cluster> {
    await mkdir(join(options.workdir, "logs"), { recursive: true });
    const cluster = new Cluster(options, await Relay.open());
    cluster.#keep("driver", "driver", ["--lease", "15s", ...(options.driverArgs ?? [])]);
    const place = ["--scratch", options.scratch, "--grace", "1s"];
    for (let i = 1; i <= options.actors; i += 1)
      cluster.#keep("actor", `actor${i}`, [...place, "--node", `node${i}`, "--slots", String(options.slots)]);
    for (let i = 1; i <= options.mergers; i += 1) cluster.#keep("merger", `merger${i}`, place);
    while ((await readAddress(options.workdir))?.port !== cluster.relay.port)
      await sleep(lookAgainMs, cluster.#over.signal);
    return cluster;
  }

  /** Names of the living, of one service. */
  living(service: Service): string[] {
    return [...this.#children.keys()].filter((name) => name.startsWith(service));
  }

  /** Those that live. */
  processes(): { readonly name: string; readonly pid: number }[] {
    return [...this.#children].flatMap(([name, { pid }]) => (pid === undefined ? [] : { name, pid }));
  }

  /** Sends a signal; nothing happens to who is gone. */
  signal(name: string, signal: "SIGKILL" | "SIGSTOP" | "SIGCONT"): void {
    this.#children.get(name)?.kill(signal);
  }

  /** Processes that the services have started, and theirs. */
  async payloads(): Promise<number[]> {
    const found: number[] = [];
    const look = async (pid: number): Promise<void> => {
      const text = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
      for (const child of text.split(" ").filter(Boolean).map(Number)) {
        found.push(child);
        await look(child);
      }
    };
    for (const name of this.living("actor")) await look(this.#children.get(name)?.pid ?? 0);
    return found;
  }

  /** Ends all processes, and waits for it. */
  async close(): Promise<void> {
    this.#over.abort(new Error("the cluster is closed"));
    for (const child of this.#children.values()) child.kill("SIGCONT");
    for (const child of this.#children.values()) child.kill("SIGTERM");
    await Promise.all(this.#keeping);
    this.relay.close();
  }

  #keep(service: Service, name: string, args: readonly string[]): void {
    this.#keeping.push(this.#keepAlive(service, name, args));
  }

  async #keepAlive(service: Service, name: string, args: readonly string[]): Promise<void> {
    const { workdir, restartMs } = this.#options;
    const identity = service === "driver" ? [] : ["--name", name];
    const log = createWriteStream(join(workdir, "logs", `${name}.log`), { flags: "a" });
    await once(log, "open");
    while (!this.#over.signal.aborted) {
      const argv = [join(dist, `${service}.cjs`), "--workdir", workdir, ...identity, ...args];
      const child = spawn(process.execPath, argv, { stdio: ["ignore", log, log] });
      const ended = once(child, "exit");
      this.#children.set(name, child);
      if (service === "driver") await this.#relayTo(child);
      await ended;
      this.#children.delete(name);
      await sleep(restartMs(), this.#over.signal).catch(() => undefined);
    }
    log.end();
  }

  /** As soon as the driver says where it is, the others are led to the relay instead. */
  async #relayTo(child: ChildProcess): Promise<void> {
    const { workdir } = this.#options;
    while (child.exitCode === null && child.signalCode === null && !this.#over.signal.aborted) {
      const address = await readAddress(workdir);
      if (address !== undefined && address.pid === child.pid) {
        this.relay.leadTo(address.port);
        await writeAddress(workdir, { ...address, port: this.relay.port });
        return;
      }
      await sleep(lookAgainMs, this.#over.signal).catch(() => undefined);
    }
  }
}
