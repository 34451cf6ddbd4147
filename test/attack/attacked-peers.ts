// The peers that a driver attacks: an actor and a merger as their services make them, in the test's own process.

import { onTestFinished } from "vitest";
import { settingsOf } from "../../services/actor/core/testing.js";
import { Agent as Actor } from "../../services/actor/io/agent.js";
import { openScratch } from "../../services/actor/io/scratch.js";
import { SlotLogs } from "../../services/actor/io/slot-log.js";
import { putHere } from "../../services/actor/io/testing-put.js";
import { Agent as Merger } from "../../services/merger/io/agent.js";
import { seededRng } from "../../services/shared/core/rng.js";
import { silentLogger, type Logger } from "../../services/shared/io/logger.js";
import { runInProcessGroup } from "../../services/shared/io/process-group.js";
import { systemClock } from "../../services/shared/io/system-clock.js";

const never = new AbortController().signal;

/** A peer at work, and what it logged that was no good news. */
export interface Attacked {
  readonly warnings: readonly string[];
  readonly errors: readonly string[];
  /** How it ended, where it has. */
  readonly ended: () => unknown;
}

const backoff = { firstMs: 1, lastMs: 4 };
const environment = { PATH: process.env["PATH"] ?? "" };

export async function actorAt(workdir: string): Promise<Attacked> {
  const { log, told } = listening();
  const scratch = await openScratch(
    { root: `${workdir}/scratch`, name: "node-1", incarnation: "first", log },
    never,
  );
  const logs = new SlotLogs({ workdir, actor: "node-1", node: "n1", clock: systemClock, log });
  const agent = new Actor({
    workdir,
    putOutput: await putHere(),
    settings: settingsOf({ incarnation: "first", slots: 2 }),
    ...{ clock: systemClock, rng: seededRng(1), log, drainGraceMs: 0, backoff, scratch },
    allocationAgeMs: undefined,
    payloads: {
      ...{ slots: 2, cpus: [0], scratchBytesMin: 0, environment, graceMs: 1_000, logs },
      runProgram: runInProcessGroup,
    },
  });
  return { ...told, ended: started(agent, () => logs.flush()) };
}

export function mergerAt(workdir: string): Attacked {
  const { log, told } = listening();
  const agent = new Merger({
    workdir,
    settings: {
      ...{ merger: "m1", incarnation: "first", slots: 1, prefetch: 0, shortMergeMs: 1_000 },
      ...{ handInMs: 200, welcomeWaitMs: 30_000 },
      node: { name: "node17", cores: 2, labels: {}, process: undefined },
    },
    ...{ environment, graceMs: 1_000, runProgram: runInProcessGroup, lookAgainMs: 0, roomWaitMs: 0 },
    ...{ drainGraceMs: 0, clock: systemClock, rng: seededRng(1), log, backoff },
  });
  return { ...told, ended: started(agent) };
}

function started(
  agent: { run(stop: AbortSignal): Promise<unknown> },
  flush: () => Promise<unknown> = () => Promise.resolve(),
): () => unknown {
  const stop = new AbortController();
  let how: unknown;
  const end = agent.run(stop.signal).then(
    (ended) => (how = ended),
    (error: unknown) => (how = error),
  );
  onTestFinished(async () => {
    stop.abort(new Error("the test is over"));
    await end;
    await flush();
  });
  return () => how;
}

function listening(): { readonly log: Logger; readonly told: Omit<Attacked, "ended"> } {
  const warnings: string[] = [];
  const errors: string[] = [];
  const say = (into: string[]) => (message: string, fields?: object) =>
    void into.push(`${message} ${JSON.stringify(fields)}`);
  return { log: { ...silentLogger, warn: say(warnings), error: say(errors) }, told: { warnings, errors } };
}
