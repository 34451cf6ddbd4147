// What the actors of one crowd process did, since somebody last asked.

import { systemClock } from "../../services/shared/io/system-clock.js";
import type { CrowdTally } from "./crowd-words.js";

export class TallyBook {
  rangesGranted = 0;
  rangesAcknowledged = 0;
  messagesIn = 0;
  messagesOut = 0;
  readonly grantMs: number[] = [];
  #sinceMs = systemClock.nowMs();
  #cpu = process.cpuUsage();

  /** Gives what was counted, and counts from nothing again. */
  close(): CrowdTally {
    const nowMs = systemClock.nowMs();
    const { user, system } = process.cpuUsage(this.#cpu);
    const { rangesGranted, rangesAcknowledged, messagesIn, messagesOut } = this;
    const tally: CrowdTally = {
      seconds: (nowMs - this.#sinceMs) / 1_000,
      cpuSeconds: (user + system) / 1e6,
      rangesGranted,
      rangesAcknowledged,
      messagesIn,
      messagesOut,
      grantMs: this.grantMs.slice(),
    };
    this.rangesGranted = this.rangesAcknowledged = this.messagesIn = this.messagesOut = 0;
    this.grantMs.length = 0;
    this.#sinceMs = nowMs;
    this.#cpu = process.cpuUsage();
    return tally;
  }
}
