// A client that submits jobs and looks after them until they are over; and that changes its mind: it pauses, resumes,
// cancels and retries them.

import { jobStatus, type JobStatus } from "../../services/driver/core/status.js";
import type { JobControl } from "../../services/driver/core/facts/fact.js";
import type { JobNumber } from "../../services/shared/core/id.js";
import type { Dice } from "./dice.js";
import { Inquiry, type ClientWorld } from "./inquiry.js";
import { randomInputs, randomJob } from "./jobs.js";
import type { ClientProfile } from "./profile.js";
import type { ClientAnswer, ClientAsking } from "./sighting.js";
import { Lifetime } from "./timeline.js";

/** A job of the client's. */
interface Order {
  readonly name: string;
  job: JobNumber | undefined;
  /** Requests about it that have no answer. */
  asked: number;
  requests: number;
  retries: number;
  isOver: boolean;
  /** As far as was shown. */
  ranges: number;
}

const pollMs = [1_000, 10_000] as const;
const feedMs = [0, 20_000] as const;
const pauseMs = [0, 40_000] as const;
const retriesMax = 2;

export class Client {
  readonly #world: ClientWorld;
  readonly #dice: Dice;
  readonly #profile: ClientProfile;
  readonly #lifetime = new Lifetime();
  readonly #orders: Order[] = [];

  constructor(world: ClientWorld, dice: Dice, profile: ClientProfile) {
    this.#world = world;
    this.#dice = dice;
    this.#profile = profile;
  }

  /** Whether every job that was asked for has come to its end. */
  get isDone(): boolean {
    return this.#orders.every(({ isOver, asked }) => isOver && asked === 0);
  }

  /** Plans all jobs of a world. */
  begin(untilMs: number): void {
    const { jobs } = this.#profile;
    for (let i = 1; i <= jobs; i += 1) {
      const order: Order = {
        name: `job-${i}`,
        job: undefined,
        asked: 0,
        requests: 0,
        retries: 0,
        isOver: false,
        ranges: 0,
      };
      this.#orders.push(order);
      const spec = randomJob(this.#dice, order.name, this.#profile);
      this.#after(i === 1 ? [0, 5_000] : [0, untilMs], () => {
        this.#ask(order, { kind: "submit-job", requestId: idOf(order), spec }, (answer) => {
          if (answer.kind !== "accepted") return;
          order.job = answer.job;
          this.#poll(order);
          this.#changeMind(order);
          if (spec.open) this.#feed(order, this.#dice.whole([0, 3]));
        });
      });
    }
  }

  #ask(order: Order, asking: ClientAsking, onAnswer: (answer: ClientAnswer) => void): void {
    order.asked += 1;
    const parts = { dice: this.#dice, lifetime: this.#lifetime };
    new Inquiry(this.#world, parts, asking, (answer) => {
      order.asked -= 1;
      onAnswer(answer);
    }).begin();
  }

  #control(order: Order, control: JobControl, onDone: () => void): void {
    if (order.job === undefined) return;
    const asking = { kind: "control-job", requestId: idOf(order), job: order.job, control } as const;
    this.#ask(order, asking, ({ kind }) => {
      if (kind === "done") onDone();
    });
  }

  /** Adds so many times to the open job, and closes it. */
  #feed(order: Order, times: number): void {
    this.#after(feedMs, () => {
      const { job } = order;
      if (job === undefined) return;
      if (times === 0) {
        this.#control(order, "close", () => undefined);
        return;
      }
      const requestId = idOf(order);
      const inputs = randomInputs(this.#dice, requestId, 8);
      this.#ask(order, { kind: "add-ranges", requestId, job, inputs }, () => this.#feed(order, times - 1));
    });
  }

  /** Perhaps pauses the job, for a while; perhaps cancels it; and again. */
  #changeMind(order: Order): void {
    const { pauseMeanMs, cancelMeanMs } = this.#profile;
    this.#again(pauseMeanMs, order, () => {
      this.#control(order, "pause", () =>
        this.#after(pauseMs, () => this.#control(order, "resume", () => undefined)),
      );
    });
    this.#again(cancelMeanMs, order, () => this.#control(order, "cancel", () => undefined));
  }

  #again(meanMs: number | undefined, order: Order, run: () => void): void {
    if (meanMs === undefined) return;
    this.#world.timeline.after(this.#dice.next(meanMs), this.#lifetime, () => {
      if (order.isOver || this.#world.isCalm()) return;
      run();
      this.#again(meanMs, order, run);
    });
  }

  #poll(order: Order): void {
    this.#after(pollMs, () => {
      this.#world.driver()?.read(
        (farm) => {
          const job = order.job === undefined ? undefined : farm.jobs.get(order.job);
          return job === undefined ? undefined : jobStatus(farm, job);
        },
        (status) => {
          if (status !== undefined) this.#take(order, status);
        },
      );
      this.#wonder(order);
      this.#poll(order);
    });
  }

  /** Asks why something is as it is. */
  #wonder({ job, ranges }: Order): void {
    const driver = this.#world.driver();
    if (job === undefined || driver === undefined || !this.#dice.chance(0.3)) return;
    driver.explain({ kind: "job", job });
    driver.explain({ kind: "range", job, range: this.#dice.whole([0, Math.max(0, ranges - 1)]) });
    driver.explain({ kind: "node", name: this.#dice.pick(["a1", "a2", "m1"]) });
  }

  #take(order: Order, status: JobStatus): void {
    this.#world.sight({ kind: "client-shown", status });
    const wasOver = order.isOver;
    order.ranges = Object.values(status.ranges).reduce((sum, count) => sum + count, 0);
    order.isOver = !["running", "suspended", "open"].includes(status.state);
    if (order.isOver && !wasOver) this.#perhapsRetry(order, status);
    this.#perhapsResume(order, status);
  }

  /** A request to pause that was thought refused may have been repeated and kept: whoever sees that mends it in the end. */
  #perhapsResume(order: Order, { state }: JobStatus): void {
    if (state !== "suspended" || order.asked > 0 || !this.#world.isCalm()) return;
    this.#control(order, "resume", () => undefined);
  }

  /** What failed is worth another try, or so it seems. */
  #perhapsRetry(order: Order, { ranges, groupsFailed }: JobStatus): void {
    if (order.asked > 0 || order.retries >= retriesMax || ranges.failed + groupsFailed === 0) return;
    if (!this.#dice.chance(this.#profile.retryChance)) return;
    order.retries += 1;
    this.#control(order, "retry", () => {
      order.isOver = false;
    });
  }

  #after(bounds: readonly [number, number], run: () => void): void {
    this.#world.timeline.after(this.#dice.between(bounds), this.#lifetime, run);
  }
}

function idOf(order: Order): string {
  order.requests += 1;
  return `${order.name}/request-${order.requests}`;
}
