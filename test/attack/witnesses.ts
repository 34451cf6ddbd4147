// Those who are to be unharmed: an actor that works range by range, and a client that asks how its job is. Each has a
// connection of its own. Whoever may write may cancel and pause any job: then they begin another one.

import { Metadata } from "@grpc/grpc-js";
import {
  dialAsActor,
  dialJobs,
  actorHello,
  jobStates,
  type TestActor,
  type JobClient,
} from "../../services/driver/io/wire-test-peer.js";
import { aSpec } from "../../services/driver/core/testing/testing-spec.js";
import { specToWire } from "../../services/shared/io/wire-types.js";
import { systemClock, sleep } from "../../services/shared/io/system-clock.js";
import type { Target } from "./target.js";

const pauseMs = 20;
/** Who waits longer for an answer, or for work, is harmed. */
const answerMsMax = 30_000;

export interface Waits {
  readonly grantMs: number[];
  readonly askMs: number[];
}

function submit(client: JobClient, requestId: string): Promise<number> {
  const spec = specToWire(aSpec({ name: "good", inputs: [1_000_000], outputs: "none" }));
  return new Promise((resolve, reject) =>
    client.submitJob({ requestId, spec }, (error, answer) =>
      error === null ? resolve(answer.job) : reject(error),
    ),
  );
}

export class Witnesses {
  readonly #actor: TestActor;
  readonly #client: JobClient;
  readonly #over = new AbortController();
  #waits: Waits = { grantMs: [], askMs: [] };
  /** The first one. */
  readonly job: number;
  /** All that they began; the last one is at work. */
  readonly #jobs: number[];
  readonly ended: Promise<unknown>;
  /** Ranges that were done. */
  done = 0;
  /** Questions that were answered. */
  asked = 0;
  harm: string | undefined;

  private constructor(actor: TestActor, client: JobClient, job: number) {
    this.#actor = actor;
    this.#client = client;
    this.job = job;
    this.#jobs = [job];
    const harmed = (error: unknown): void => {
      if (!this.#over.signal.aborted) this.harm ??= String(error);
    };
    this.ended = Promise.all([this.#work().catch(harmed), this.#ask().catch(harmed)]);
  }

  static async join(target: Target): Promise<Witnesses> {
    const at = { port: target.address.port, trust: target.trust };
    const client = dialJobs(at);
    const job = await submit(client, "good");
    const actor = dialAsActor(at).say(
      actorHello({
        actor: "good",
        node: { name: "good", cores: 1, labels: {}, process: undefined },
        slots: 1,
      }),
    );
    await actor.incoming.next("welcome");
    return new Witnesses(actor, client, job);
  }

  /** What they waited since this was asked before. */
  takeWaits(): Waits {
    const waits = this.#waits;
    this.#waits = { grantMs: [], askMs: [] };
    return waits;
  }

  /** Waits for so long, and then until both are served, or harmed; how long that took. */
  async untilServed(restMs: number): Promise<number> {
    await sleep(restMs, this.#over.signal);
    const beganAtMs = systemClock.nowMs();
    const [grants, answers] = [this.done, this.asked];
    const waitedMs = (): number => systemClock.nowMs() - beganAtMs;
    while (this.harm === undefined && (this.done === grants || this.asked === answers)) {
      await sleep(5, this.#over.signal);
      if (waitedMs() > answerMsMax) this.harm ??= `not served within ${answerMsMax / 1_000} s`;
    }
    return waitedMs();
  }

  async leave(): Promise<void> {
    this.#over.abort(new Error("over"));
    this.#actor.vanish();
    this.#client.close();
    await this.ended;
  }

  async #work(): Promise<void> {
    const { signal } = this.#over;
    let credit = 1;
    let askedAtMs = systemClock.nowMs();
    this.#actor.say({ $case: "demand", value: { credit } });
    for (let number = 1; !signal.aborted; number += 1) {
      const { value: grant } = await this.#actor.incoming.next("grant");
      this.#waits.grantMs.push(systemClock.nowMs() - askedAtMs);
      await sleep(pauseMs, signal);
      const { job, spans } = grant;
      if (!this.#jobs.includes(job)) throw new Error(`a grant of job ${job}`);
      const one = { job, spans, grant: [grant.grant], sizeBytes: [], adler32: [], wallMs: [pauseMs] };
      const nothing = { failures: [], returned: [], suspected: [] };
      credit += 1;
      askedAtMs = systemClock.nowMs();
      this.#actor.say({ $case: "results", value: { number, outputs: [one], ...nothing } });
      this.#actor.say({ $case: "demand", value: { credit } });
      this.done += 1;
    }
  }

  async #ask(): Promise<void> {
    const { signal } = this.#over;
    while (!signal.aborted) {
      const askedAtMs = systemClock.nowMs();
      const job = this.#jobs.at(-1) ?? this.job;
      const state = await new Promise((resolve, reject) =>
        this.#client.getJob(
          { job },
          new Metadata(),
          { deadline: systemClock.unixMs() + answerMsMax },
          (error, answer) => (error === null ? resolve(answer.status?.state) : reject(error)),
        ),
      );
      this.#waits.askMs.push(systemClock.nowMs() - askedAtMs);
      this.asked += 1;
      if (state !== jobStates.JOB_STATE_RUNNING)
        this.#jobs.push(await submit(this.#client, `good after ${job}`));
      await sleep(pauseMs, signal);
    }
  }
}
