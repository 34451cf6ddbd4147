// The user's programs that a service runs: payloads, merge commands. None outlives its time.
//
//   P1. When a program's leader has ended, so has its group (process-group.ts), and within `strayMs` what had left the group.
//   P2. When the service ends, nothing is left.
//   P3. When the service is killed, its programs are ended by the kernel or by a keeper at once, and what these miss by the
//       next service of its name on the node (node-place.ts).
//   P4. What a program does to escape is said.

import { join } from "node:path";
import { errorMessage } from "./error-code.js";
import { GroupRecords, groupsFile } from "./group-records.js";
import type { Logger } from "./logger.js";
import { parentDeathPrefix, willStart } from "./parent-death.js";
import { runInProcessGroup, type ProcessEnd, type ProcessGroupOptions } from "./process-group.js";
import { startKeeper, type ProcessKeeper } from "./process-keeper.js";
import { endMarked, marksOf, markVariable, type Stray } from "./process-marks.js";
import { after, systemClock, type Cancel } from "./system-clock.js";

/** Runs a command to its end, as `runInProcessGroup` does. */
export type RunProgram = typeof runInProcessGroup;

export interface UserProgramsOptions {
  /** The service's place on its node. */
  readonly folder: string;
  readonly incarnation: string;
  readonly log: Logger;
}

/** So long after an end what had left its group is looked for. */
const strayMs = 2_000;
/** Looking takes no more than one part in so many of the time. */
const lookShare = 20;
const never = new AbortController().signal;

export async function openPrograms(options: UserProgramsOptions): Promise<UserPrograms> {
  const prefix = await parentDeathPrefix();
  if (prefix === undefined) {
    options.log.info("no parent-death signal: this machine has no setpriv that sets one", {
      instead: "a keeper ends what a killed service leaves",
    });
  }
  return new UserPrograms(options, prefix ?? []);
}

export class UserPrograms {
  readonly #options: UserProgramsOptions;
  readonly #prefix: readonly string[];
  readonly #records: GroupRecords;
  readonly #keeper: ProcessKeeper;
  /** The marks of those that run. */
  readonly #live = new Set<string>();
  #begun = 0;
  #look: Promise<void> = Promise.resolve();
  #cancelLook: Cancel = () => undefined;
  /** A look is being taken, or will be soon. */
  #isLooking = false;
  /** Something ended since the last look began. */
  #isLookDue = false;
  #isClosed = false;
  #lookMs = 0;

  constructor(options: UserProgramsOptions, prefix: readonly string[]) {
    const { folder, incarnation, log } = options;
    this.#options = options;
    this.#prefix = prefix;
    this.#records = new GroupRecords(join(folder, groupsFile));
    this.#keeper = startKeeper(folder, incarnation, log); // (P3)
  }

  readonly run: RunProgram = async (command, options, signal): Promise<ProcessEnd> => {
    this.#begun += 1;
    const mark = `${marksOf(this.#options.incarnation)}${this.#begun}`;
    let record: number | undefined;
    this.#live.add(mark);
    try {
      return await runInProcessGroup(
        willStart(command, options) ? [...this.#prefix, ...command] : command,
        {
          ...options,
          env: { ...options.env, [markVariable]: mark },
          onStart: (pid) => {
            record = this.#records.add(pid);
            options.onStart?.(pid);
          },
        } satisfies ProcessGroupOptions,
        signal,
      );
    } finally {
      this.#live.delete(mark);
      if (record !== undefined) this.#records.remove(record);
      this.#lookSoon();
    }
  };

  /** Ends what has left its group, whatever runs (P2). */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelLook();
    await this.#look;
    this.#live.clear();
    await this.#endStrays();
    this.#keeper.close();
    this.#records.close();
  }

  /** (P1) */
  #lookSoon(): void {
    this.#isLookDue = true;
    if (this.#isLooking || this.#isClosed) return;
    this.#isLooking = true;
    this.#cancelLook = after(Math.max(strayMs, this.#lookMs * lookShare), () => {
      this.#isLookDue = false;
      this.#look = this.#endStrays().then(() => {
        this.#isLooking = false;
        if (this.#isLookDue) this.#lookSoon();
      });
    });
  }

  /** Never rejects. */
  async #endStrays(): Promise<void> {
    const { incarnation, log } = this.#options;
    const startedAtMs = systemClock.nowMs();
    const isStray = (mark: string): boolean => mark.startsWith(marksOf(incarnation)) && !this.#live.has(mark);
    try {
      const strays = await endMarked(isStray, never);
      if (strays.length > 0) log.warn("ended processes that had left their group", shown(strays)); // (P4)
    } catch (error) {
      log.warn("cannot look for processes that left their group", { error: errorMessage(error) });
    }
    this.#lookMs = systemClock.nowMs() - startedAtMs;
  }
}

/** A program may have left any number of them. */
function shown(strays: readonly Stray[]): Readonly<Record<string, unknown>> {
  return {
    processes: strays.length,
    programs: [...new Set(strays.map(({ program }) => program))].slice(0, 5),
  };
}
