// Does with a range what its input says, for test/payloads/every-language.test.ts.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Payload, RangeFailed } from "../../payloads/node/noctua-payload.mjs";

const payload = await Payload.open();
const { job } = payload;
/** @type {() => void} */
let meet = () => undefined;
/** @type {Promise<void> | undefined} */
let met;

/** @typedef {import("../../payloads/node/noctua-payload.mjs").EventRange} EventRange */

/** @type {Record<string, (range: EventRange) => unknown>} */
const behaviours = {
  refuse: () => {
    throw new RangeFailed("event", 'no "leptons":\n é');
  },
  break: () => {
    throw new Error("broken");
  },
  full: () => {
    throw Object.assign(new Error("No space left on device"), { code: "ENOSPC" });
  },
  long: () => {
    throw new Error("x".repeat(3_000_000));
  },
  linger: async (range) => {
    range.progress(1);
    for (;;) {
      range.signal.throwIfAborted();
      await sleep(5);
    }
  },
  report: (range) => {
    for (let events = 1; events <= 1000; events++) range.progress(events);
  },
  shout: () => {
    console.log("hello");
  },
  meet: () => {
    if (met !== undefined) meet();
    met ??= new Promise((resolve) => (meet = resolve));
    return met;
  },
  spawn: () => {
    const sleeper = spawn("sleep", ["100"], { stdio: "ignore", detached: true });
    sleeper.unref();
    return writeFile(join(job.scratch, "pid"), String(sleeper.pid));
  },
  wait: async (range) => {
    range.progress(1);
    while (!existsSync(join(job.scratch, "go"))) await sleep(5);
  },
};

await payload.run(async (range) => {
  await behaviours[basename(range.input)]?.(range);
  const { input, first, last } = range;
  if (range.output === "") return;
  await writeFile(range.output, `${job.number} ${job.name} ${input} ${first} ${last}\n`);
});
console.log("over");
