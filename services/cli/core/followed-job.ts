// A job that somebody follows: what was heard of it last, and the line that tells so.

import { rangesSettled, type JobStatus } from "./job-status.js";
import { PaceMeter } from "./pace-meter.js";
import { phaseOf } from "./plain-pace.js";
import { progressLine, type ProgressView } from "./progress.js";

export class FollowedJob {
  readonly #meter = new PaceMeter();
  #status: JobStatus;
  #heardAtMs: number;
  #away = "";

  constructor(status: JobStatus, nowMs: number) {
    this.#status = status;
    this.#heardAtMs = nowMs;
  }

  get status(): JobStatus {
    return this.#status;
  }

  get phase(): string {
    return phaseOf(this.#status, this.#away);
  }

  hear(status: JobStatus, nowMs: number): void {
    this.#status = status;
    this.#heardAtMs = nowMs;
    this.#away = "";
  }

  /** Nothing is heard any more. */
  lose(): void {
    this.#away = "driver away, trying again";
  }

  /** The driver is there again, though it has no news of the job. */
  find(): void {
    this.#away = "";
  }

  view(nowMs: number): ProgressView {
    const { ranges, eventsDone, allocationLeftMs: leftMs } = this.#status;
    this.#meter.note(
      nowMs,
      { ranges: rangesSettled(this.#status), events: eventsDone },
      this.#away === "" && ranges.held > 0,
    );
    const allocationLeftMs =
      leftMs === undefined ? undefined : Math.max(0, leftMs - (nowMs - this.#heardAtMs));
    const status = { ...this.#status, allocationLeftMs };
    return { status, perSecond: this.#meter.perSecond(nowMs), away: this.#away };
  }

  /** `name`: default that of the job. */
  line(nowMs: number, width: number, name = this.#status.name): string {
    const { status, ...view } = this.view(nowMs);
    return progressLine({ ...view, status: { ...status, name } }, width);
  }
}
