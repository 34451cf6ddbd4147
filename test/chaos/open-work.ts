// Work without an end, of which is known what must come of it: an open job that a client feeds as fast as it is done.
//
//   W1. A request whose answer was lost is asked again under its id, until it is answered (P11).

import { randomUUID } from "node:crypto";
import { stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { addRanges, controlJob, getJob, mayPass } from "../../services/cli/io/driver-client.js";
import type { JobStatus } from "../../services/cli/core/job-status.js";
import { jobNumber } from "../../services/shared/core/id.js";
import { sleep } from "../../services/shared/io/system-clock.js";
import { noctua } from "../support/run-node.js";
import { writeListedJob } from "../support/listed-job.js";

export const job = jobNumber(1);

const eventsPerInput = 200;
const eventsPerRange = 2;
/** Between two looks. */
const lookMs = 200;

export class OpenWork {
  readonly #workdir: string;
  readonly #folder: string;
  readonly #signal: AbortSignal;
  /** Every event that the job was told of, as its line in a merged file. */
  readonly events: string[];

  private constructor(workdir: string, folder: string, events: readonly string[], signal: AbortSignal) {
    this.#workdir = workdir;
    this.#folder = folder;
    this.#signal = signal;
    this.events = [...events];
  }

  /** A range takes some 100 ms of a slot. */
  static async submit(workdir: string, folder: string, signal: AbortSignal): Promise<OpenWork> {
    const { path, events } = await writeListedJob(folder, {
      ...{ inputs: 1, eventsPerInput, eventsPerRange, mergeEvery: 20, attempts: 255, open: true },
      before: 'echo "$first" >> "${0%/*}/begun"; sleep 0.0$((first % 10))',
    });
    const answer = await noctua("submit", path, "--workdir", workdir);
    if (answer.code !== 0) throw new Error(`expected the job to be taken, found: ${answer.stderr}`);
    return new OpenWork(workdir, dirname(path), events, signal);
  }

  /** Feeds the job until told to stop, and tells how it stands. */
  async feed(until: AbortSignal, onStatus: (status: JobStatus) => void): Promise<void> {
    for (let input = 2; !until.aborted;) {
      const status = await this.look();
      onStatus(status);
      if (status.ranges.ready < eventsPerInput / eventsPerRange) {
        await this.#add(`more${input}.txt`);
        input += 1;
      }
      await sleep(lookMs, until).catch(() => undefined);
    }
  }

  look(): Promise<JobStatus> {
    return this.#insist(() => getJob(this.#workdir, job, this.#signal));
  }

  async close(): Promise<void> {
    const asked = { control: "close", job, requestId: randomUUID() } as const;
    await this.#insist(() => controlJob(this.#workdir, asked, this.#signal));
  }

  async #add(name: string): Promise<void> {
    const path = join(this.#folder, name);
    await writeFile(path, "more events\n");
    const { size, mtimeMs } = await stat(path);
    const file = { path, firstEvent: 1, events: eventsPerInput, guid: "", scope: "" };
    const inputs = [{ ...file, sizeBytes: size, modifiedUnixMs: Math.floor(mtimeMs) }];
    const asked = { job, requestId: randomUUID(), inputs };
    await this.#insist(() => addRanges(this.#workdir, asked, this.#signal)); // (W1)
    for (let event = 1; event <= eventsPerInput; event += 1) this.events.push(`${name} ${event}`);
  }

  async #insist<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        this.#signal.throwIfAborted();
        if (!mayPass(error)) throw error;
        await sleep(lookMs, this.#signal);
      }
    }
  }
}
