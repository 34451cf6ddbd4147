// One client that watches one job.
//
//   K2. A watcher is sent the present state whenever it has changed, now and then (watch-room.ts), never a backlog: a
//       slow watcher sees fewer states, and always the last one.

import { after, type Cancel } from "../../shared/io/system-clock.js";
import { isOver } from "../core/status.js";
import { rpcErrorOf, type RpcError } from "./rpc-error.js";
import type { Watcher } from "./watch-room.js";
import { statusToWire, type ShownStatus, type WatchCall } from "./wire-jobs.js";

interface Books {
  readonly read: () => Promise<ShownStatus>;
  /** Between two states, at least. */
  readonly intervalMs: () => number;
}

export class JobWatcher implements Watcher {
  readonly #call: WatchCall;
  readonly #books: Books;
  #told = 0;
  /** How far what ran was when it was told last; undefined before that. */
  #toldProgress: string | undefined;
  #due: Cancel | undefined;
  #isReading = false;
  #finish: () => void = () => undefined;

  constructor(call: WatchCall, books: Books) {
    this.#call = call;
    this.#books = books;
    this.#told = call.request.afterSequence;
  }

  /** Until the job is over or the client leaves. */
  async run(): Promise<void> {
    const over = new Promise<void>((resolve) => (this.#finish = resolve));
    this.#call.on("cancelled", this.#finish);
    this.#call.on("error", this.#finish);
    this.#call.on("drain", () => this.wake());
    await this.#send();
    await over;
    this.#due?.();
  }

  /** The job has changed, or the client has read what it was sent. */
  wake(): void {
    this.#due ??= after(this.#books.intervalMs(), () => {
      this.#due = undefined;
      if (this.#isReading) this.wake();
      else void this.#send();
    });
  }

  fail(error: RpcError): void {
    this.#call.emit("error", error); // How grpc-js takes a call's closing status.
    this.#finish();
  }

  async #send(): Promise<void> {
    this.#isReading = true;
    try {
      const state = await this.#books.read();
      if (this.#call.cancelled || this.#call.writableEnded || this.#call.writableNeedDrain) return;
      const { sequence } = state;
      const progress = progressOf(state);
      const hasProgressed = sequence === this.#told && progress !== (this.#toldProgress ?? progress);
      if (sequence > this.#told || hasProgressed) {
        this.#call.write({ status: statusToWire(state) });
        this.#toldProgress = progress;
      }
      this.#told = Math.max(this.#told, sequence);
      if (!isOver(state.state)) return;
      this.#call.end();
      this.#finish();
    } catch (error) {
      this.fail(rpcErrorOf(error));
    } finally {
      this.#isReading = false;
    }
  }
}

function progressOf({ eventsRunning, merging }: ShownStatus): string {
  return [eventsRunning, ...merging.map(({ group, bytesRead }) => `${group}: ${bytesRead}`)].join();
}
