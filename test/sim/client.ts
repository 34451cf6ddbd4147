// A client that submits jobs and looks after them. It asks again, with the same request id, until it has an answer; and
// sometimes once more after that.

import type { SubmitAnswer } from "../../services/driver/core/fact.js";
import { jobStatus } from "../../services/driver/core/status.js";
import type { JobNumber } from "../../services/shared/core/id.js";
import type { JobSpec } from "../../services/shared/core/job-spec.js";
import type { Dice } from "./dice.js";
import type { DriverProcess } from "./driver-process.js";
import { randomJob } from "./jobs.js";
import type { Sight } from "./sighting.js";
import { Lifetime, type Timeline } from "./timeline.js";

interface ClientWorld {
  readonly timeline: Timeline;
  readonly sight: Sight;
  readonly driver: () => DriverProcess | undefined;
  readonly isCalm: () => boolean;
}

interface Request {
  readonly id: string;
  readonly spec: JobSpec;
  job: JobNumber | undefined;
  isOver: boolean;
}

const latencyMs = [0, 200] as const;
const retryMs = [500, 5_000] as const;
const pollMs = [1_000, 10_000] as const;

export class Client {
  readonly #world: ClientWorld;
  readonly #dice: Dice;
  readonly #lifetime = new Lifetime();
  readonly #requests: Request[] = [];

  constructor(world: ClientWorld, dice: Dice) {
    this.#world = world;
    this.#dice = dice;
  }

  /** Whether every job that was asked for has come to its end. */
  get isDone(): boolean {
    return this.#requests.every((request) => request.isOver);
  }

  /** Plans all jobs of a world. */
  begin(untilMs: number): void {
    const jobs = this.#dice.whole([1, 3]);
    for (let i = 1; i <= jobs; i += 1) {
      const request: Request = {
        id: `request-${i}`,
        spec: randomJob(this.#dice, `job-${i}`),
        job: undefined,
        isOver: false,
      };
      this.#requests.push(request);
      this.#after(i === 1 ? [0, 5_000] : [0, untilMs], () => this.#ask(request));
    }
  }

  #ask(request: Request): void {
    const isRepeat = request.job !== undefined;
    this.#world.sight({ kind: "client-asked", requestId: request.id, spec: request.spec });
    this.#after(latencyMs, () => {
      this.#world.driver()?.submit(request.id, request.spec, (answer) => {
        // An answer may be lost on its way.
        if (this.#world.isCalm() || !this.#dice.chance(0.2))
          this.#after(latencyMs, () => this.#take(request, answer));
      });
    });
    if (!isRepeat) {
      this.#after(retryMs, () => {
        if (request.job === undefined) this.#ask(request);
      });
    }
  }

  #take(request: Request, answer: SubmitAnswer): void {
    this.#world.sight({ kind: "client-told", requestId: request.id, answer });
    if (answer.kind !== "accepted" || request.job !== undefined) return;
    request.job = answer.job;
    if (this.#dice.chance(0.3)) this.#after([0, 60_000], () => this.#ask(request));
    this.#poll(request);
  }

  #poll(request: Request): void {
    this.#after(pollMs, () => {
      this.#world.driver()?.read(
        (farm) => {
          const job = request.job === undefined ? undefined : farm.jobs.get(request.job);
          return job === undefined ? undefined : jobStatus(farm, job);
        },
        (status) => {
          if (status === undefined) return;
          this.#world.sight({ kind: "client-shown", status });
          if (status.state !== "running") request.isOver = true;
        },
      );
      if (!request.isOver) this.#poll(request);
    });
  }

  #after(bounds: readonly [number, number], run: () => void): void {
    this.#world.timeline.after(this.#dice.between(bounds), this.#lifetime, run);
  }
}
