// An actor of the bench's own: it makes the outputs of all ranges that it is lent at once, and reports them when it is told
// to. So merging is measured, and not what comes before it.

import { writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { ActorServiceClient, type ActorSessionRequest, type Grant } from "../../../gen/noctua/v1/actor.js";
import { grantNumber, jobNumber } from "../../../services/shared/core/id.js";
import { outputPath } from "../../../services/shared/core/names.js";
import { dialing } from "../../../services/shared/io/trust/dialing.js";
import type { BenchDriver } from "../bench-driver.js";

export interface OutputsWanted {
  readonly job: number;
  readonly ranges: number;
  /** Of each output. */
  readonly content: Uint8Array;
  readonly adler32: number;
  /** Ending of their names. */
  readonly suffix: string;
}

type Stream = ReturnType<ActorServiceClient["actorSession"]>;

/** Results in one message. */
const resultsMax = 1_000;
/** Files that are written before messages have a turn: by calls that wait, which is twice as fast. */
const writesMax = 256;

export class OutputActor {
  readonly #workdir: string;
  readonly #wanted: OutputsWanted;
  readonly #client: ActorServiceClient;
  readonly #stream: Stream;
  readonly #grantOf: number[] = [];
  readonly #pathOf: string[] = []; // Below the workdir.
  #stored = 0;
  #lastNumber = 0;

  private constructor(workdir: string, wanted: OutputsWanted, client: ActorServiceClient) {
    this.#workdir = workdir;
    this.#wanted = wanted;
    this.#client = client;
    this.#stream = client.actorSession();
  }

  /** Resolves when all outputs are there. */
  static async store(driver: BenchDriver, wanted: OutputsWanted, signal: AbortSignal): Promise<OutputActor> {
    const { target, credentials, options } = await dialing(driver.workdir, driver.address, "actor");
    const actor = new OutputActor(
      driver.workdir,
      wanted,
      new ActorServiceClient(target, credentials, options),
    );
    try {
      await actor.#storeAll(signal);
      return actor;
    } catch (error) {
      actor.leave();
      throw error;
    }
  }

  /** Paths of some outputs below the workdir, in the order of their ranges. */
  paths(first: number, count: number): readonly string[] {
    return this.#pathOf.slice(first, first + count);
  }

  /** Reports the outputs of some ranges. */
  report(first: number, count: number): void {
    const { job, content, adler32 } = this.#wanted;
    for (let from = first; from < first + count; from += resultsMax) {
      const some = Math.min(resultsMax, first + count - from);
      const ranges = Array.from({ length: some }, (_, i) => from + i);
      const column = (value: number): number[] => ranges.map(() => value);
      const outputs = {
        job,
        spans: { first: ranges, count: column(1) },
        grant: ranges.map((range) => this.#grantOf[range] ?? 0),
        sizeBytes: column(content.byteLength),
        adler32: column(adler32),
        wallMs: column(1),
      };
      this.#lastNumber += 1;
      const empty = { failures: [], returned: [], suspected: [] };
      this.#say({ $case: "results", value: { number: this.#lastNumber, outputs: [outputs], ...empty } });
    }
  }

  leave(): void {
    this.#stream.cancel();
    this.#client.close();
  }

  #storeAll(signal: AbortSignal): Promise<void> {
    const { ranges } = this.#wanted;
    return new Promise((resolve, reject) => {
      const stop = (): void => reject(new Error("told to stop", { cause: signal.reason }));
      signal.addEventListener("abort", stop, { once: true });
      const done = (): void => {
        signal.removeEventListener("abort", stop);
        resolve();
      };
      this.#stream.on("error", reject);
      let storing = Promise.resolve();
      this.#stream.on("data", ({ message }: { message?: { $case: string; value: unknown } }) => {
        if (message?.$case !== "grant") return;
        const grant = message.value as Grant;
        storing = storing
          .then(() => this.#store(grant))
          .then(() => {
            if (this.#stored === ranges) done();
          }, reject);
      });
      const node = { name: "bench", cores: 1, labels: {}, process: undefined };
      const hello = { actor: "bench", incarnation: "bench", epoch: 0, node, slots: ranges };
      this.#say({
        $case: "hello",
        value: { ...hello, allocationLeftMs: undefined, held: [], more: false },
      });
      this.#say({ $case: "demand", value: { credit: ranges } });
    });
  }

  async #store({ grant, spans }: Grant): Promise<void> {
    const { job, content, suffix } = this.#wanted;
    const paths: string[] = [];
    for (const [i, first] of (spans?.first ?? []).entries()) {
      for (let range = first; range < first + (spans?.count[i] ?? 0); range += 1) {
        const events = { input: 0, first: range + 1, last: range + 1 };
        const output = { job: jobNumber(job), range, grant: grantNumber(grant), events };
        const path = outputPath(output, suffix);
        this.#grantOf[range] = grant;
        this.#pathOf[range] = path;
        paths.push(join(this.#workdir, path));
      }
    }
    for (const folder of new Set(paths.map((path) => dirname(path))))
      await mkdir(folder, { recursive: true });
    for (const [i, path] of paths.entries()) {
      writeFileSync(path, content);
      if (i % writesMax === 0) await setImmediate();
    }
    this.#stored += paths.length;
  }

  #say(message: NonNullable<ActorSessionRequest["message"]>): void {
    this.#stream.write({ message });
  }
}
