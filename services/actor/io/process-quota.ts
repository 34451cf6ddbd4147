// How much of the node's scratch a process takes that lives for many ranges: its folder, and the outputs of what it works on.
//
//   Q4. It may take for each range that it works on as much as a range may. Where it works on one, that is to blame; where
//       on several, nobody knows which it was (T4 of core/stream.ts).
//   Q5. Of a range that is done, its output is looked at before it is taken, and the folder when it is time for that. Where
//       that range was the only one, what is in the folder is its own; what runs after it is not to blame.

import type { Failure } from "../../shared/core/failure.js";
import type { PayloadEnd, PayloadRun } from "./payload.js";
import { ScratchQuota, type ScratchUse } from "./scratch-quota.js";

export class ProcessQuota {
  readonly #quota: ScratchQuota | undefined;
  readonly #onFlaw: (failure: Failure, culprit?: PayloadRun) => void;
  readonly #running = new Set<PayloadRun>();
  #folder: string | undefined;

  /** Undefined bytes: it may take what there is. `onFlaw` is to end the process. */
  constructor(bytesMax: number | undefined, onFlaw: (failure: Failure, culprit?: PayloadRun) => void) {
    this.#onFlaw = onFlaw;
    if (bytesMax === undefined) return;
    const use = (): ScratchUse => this.#use();
    this.#quota = new ScratchQuota({ bytesMax, use, onFlaw: (failure) => onFlaw(failure) });
  }

  /** The next process has this folder. */
  in(folder: string): string {
    this.#folder = folder;
    return folder;
  }

  begin(run: PayloadRun): void {
    if (this.#quota !== undefined) this.#running.add(run);
  }

  /** Tells the run how it ended. */
  end(run: PayloadRun, end: PayloadEnd): void {
    const quota = this.#quota;
    if (quota !== undefined && end.kind === "made") void this.#endWithin(quota, run, end);
    else run.onEnd(end);
    this.#running.delete(run);
  }

  close(): void {
    this.#quota?.close();
  }

  /** (Q5) */
  async #endWithin(quota: ScratchQuota, run: PayloadRun, end: PayloadEnd): Promise<void> {
    const use = this.#use();
    const ofAll = quota.isDue ? await quota.look(use) : undefined;
    if (ofAll !== undefined) this.#onFlaw(ofAll, run);
    const failure = use.ranges === 1 && ofAll !== undefined ? ofAll : await quota.flawOf(useOf([run]));
    run.onEnd(failure === undefined ? end : { kind: "failure", failure });
  }

  #use(): ScratchUse {
    const { paths, ranges } = useOf([...this.#running]);
    return { paths: this.#folder === undefined ? paths : [this.#folder, ...paths], ranges };
  }
}

function useOf(runs: readonly PayloadRun[]): ScratchUse {
  return { paths: runs.flatMap(({ output }) => output ?? []), ranges: runs.length };
}
