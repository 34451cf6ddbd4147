// What befalls a cluster, at Poisson times, and how long it takes until the work goes on.
//
//   S1. When the storm is over everybody who was stopped goes on.

import type { Rng } from "../../services/shared/core/rng.js";
import { after, sleep, systemClock, type Cancel } from "../../services/shared/io/system-clock.js";
import type { Cluster } from "./cluster.js";

/** What can happen. */
export const faults = [
  "driver killed",
  "driver stopped",
  "actor killed",
  "actor stopped",
  "merger killed",
  "merger stopped",
  "payload killed",
  "connections cut",
  "connections held",
] as const;
export type Fault = (typeof faults)[number];

/** A fault that nothing has been done after yet. */
interface Pending {
  readonly fault: Fault;
  readonly atMs: number;
  readonly doneBefore: number;
}

/** How often each fault came, and the longest time until a range was done after it. */
export interface StormTally {
  readonly counts: ReadonlyMap<Fault, number>;
  readonly worstMs: ReadonlyMap<Fault, number>;
}

/** Whom it befalls. */
type Target = Pick<Cluster, "living" | "signal" | "payloads"> & {
  readonly relay: Pick<Cluster["relay"], "cut" | "hold">;
};

/** A fault that lasts, on average. */
const lastsMs = 4_000;

export class Storm implements StormTally {
  readonly counts = new Map<Fault, number>();
  readonly worstMs = new Map<Fault, number>();
  readonly #cluster: Target;
  readonly #rng: Rng;
  readonly #meanGapMs: number;
  /** How what lasts is taken back, and the timer that does it. */
  readonly #lasting = new Map<() => void, Cancel>();
  #pending: Pending[] = [];
  #done = 0;

  constructor(cluster: Target, rng: Rng, meanGapMs: number) {
    this.#cluster = cluster;
    this.#rng = rng;
    this.#meanGapMs = meanGapMs;
  }

  /** Ranges done so far, as the driver says: what was pending before is over when there are more. */
  hear(done: number): void {
    if (done <= this.#done) return;
    this.#done = done;
    const nowMs = systemClock.nowMs();
    for (const { fault, atMs, doneBefore } of this.#pending) {
      if (done > doneBefore) this.worstMs.set(fault, Math.max(this.worstMs.get(fault) ?? 0, nowMs - atMs));
    }
    this.#pending = this.#pending.filter(({ doneBefore }) => done <= doneBefore);
  }

  /** Until it is told to stop. */
  async rage(signal: AbortSignal): Promise<void> {
    for (;;) {
      const isOver = await sleep(this.#exponential(this.#meanGapMs), signal).then(
        () => false,
        () => true,
      );
      if (isOver) break;
      await this.#strike(this.#pick(faults));
    }
    for (const [takeBack, cancel] of this.#lasting) {
      cancel();
      takeBack(); // (S1)
    }
    this.#lasting.clear();
  }

  async #strike(fault: Fault): Promise<void> {
    const [whom, how] = fault.split(" ");
    const takeBack = await this.#blow(whom ?? "", how ?? "");
    if (takeBack === undefined) return;
    this.counts.set(fault, (this.counts.get(fault) ?? 0) + 1);
    this.#pending.push({ fault, atMs: systemClock.nowMs(), doneBefore: this.#done });
    const cancel = after(this.#exponential(lastsMs), () => {
      this.#lasting.delete(takeBack);
      takeBack();
    });
    this.#lasting.set(takeBack, cancel);
  }

  /** Does it, and says how it is taken back; undefined when there is nobody to do it to. */
  async #blow(whom: string, how: string): Promise<(() => void) | undefined> {
    const cluster = this.#cluster;
    if (whom === "connections") {
      if (how === "held") return cluster.relay.hold();
      cluster.relay.cut();
      return () => undefined;
    }
    if (whom === "payload") {
      const pids = await cluster.payloads();
      return pids.length > 0 && killed(this.#pick(pids)) ? () => undefined : undefined;
    }
    const names = whom === "driver" || whom === "actor" || whom === "merger" ? cluster.living(whom) : [];
    if (names.length === 0) return undefined;
    const name = this.#pick(names);
    cluster.signal(name, how === "killed" ? "SIGKILL" : "SIGSTOP");
    return () => cluster.signal(name, "SIGCONT");
  }

  #pick<Item>(items: readonly Item[]): Item {
    const item = items[Math.floor(this.#rng.next() * items.length)];
    if (item === undefined) throw new Error("expected something to pick from, found nothing");
    return item;
  }

  #exponential(mean: number): number {
    return -mean * Math.log(1 - this.#rng.next());
  }
}

/** False when it was gone already. */
function killed(pid: number): boolean {
  try {
    process.kill(pid, "SIGKILL");
    return true;
  } catch {
    return false;
  }
}
