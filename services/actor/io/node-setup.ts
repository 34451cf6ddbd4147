// The command that makes a node ready for a job.
//
//   C1. It runs once on the node, before the first range of the job; those that come meanwhile wait for it.
//   C2. When it fails, those that wait fail with it: another node may fare better, save where no node could start it. For the
//       next range it runs again, after a pause: a second, and twice as long each time, up to a minute.

import { failureOf, type Failure } from "../../shared/core/failure.js";
import { failureOfProcess } from "../../shared/core/process-failure.js";
import { errorMessage } from "../../shared/io/error-code.js";
import { StartFailure, type ProcessEnd } from "../../shared/io/process-group.js";
import { sleep } from "../../shared/io/system-clock.js";

export interface NodeSetupOptions {
  /** The command is ended when it runs longer. */
  readonly timeoutMs: number;
  /** Runs the command to its end, in the job's folder on the node. */
  readonly run: (signal: AbortSignal) => Promise<ProcessEnd>;
  readonly onFailure: (failure: Failure) => void;
}

const pauseMsFirst = 1_000;
const pauseMsLast = 60_000;

export class NodeSetup {
  readonly #options: NodeSetupOptions;
  readonly #stop = new AbortController();
  /** The try that is under way, or has succeeded. */
  #attempt: Promise<Failure | undefined> | undefined;
  #failures = 0;

  constructor(options: NodeSetupOptions) {
    this.#options = options;
  }

  /** Resolves when the node is ready, or with why it is not. Never rejects. */
  ready(): Promise<Failure | undefined> {
    this.#attempt ??= this.#try(); // (C1)
    return this.#attempt;
  }

  /** Ends it when it runs. Resolves when no process of it is left. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#attempt;
  }

  async #try(): Promise<Failure | undefined> {
    const failure = await this.#run();
    if (failure === undefined) return undefined;
    this.#options.onFailure(failure);
    this.#failures += 1;
    this.#attempt = undefined; // (C2)
    return failure;
  }

  async #run(): Promise<Failure | undefined> {
    const { timeoutMs, run } = this.#options;
    try {
      if (this.#failures > 0) {
        const pauseMs = Math.min(pauseMsLast, pauseMsFirst * 2 ** (this.#failures - 1));
        await sleep(pauseMs, this.#stop.signal);
      }
      const end = await run(this.#stop.signal);
      const failure = failureOfProcess("setup command", end, timeoutMs);
      if (failure === undefined) return undefined;
      return { ...failure, class: failure.class === "fatal" ? "fatal" : "node" };
    } catch (error) {
      if (error instanceof StartFailure) {
        const { failure } = error;
        return { ...failure, message: `the setup command does not run: ${failure.message}` };
      }
      return failureOf("node", `cannot run the setup command: ${errorMessage(error)}`);
    }
  }
}
