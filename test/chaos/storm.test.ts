import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { seededRng } from "../../services/shared/core/rng.js";
import { Storm } from "./storm.js";

test("a storm leaves nobody stopped or cut off when it is over (S1), and one listener is enough for any number of faults", async () => {
  const stopped = new Set<string>();
  let held = 0;
  let most = 0;
  const over = new AbortController();
  const cluster = {
    living: (service: string) => [1, 2, 3].map((i) => `${service}${i}`),
    signal: (name: string, signal: string) => {
      if (signal === "SIGSTOP") stopped.add(name);
      if (signal === "SIGCONT") stopped.delete(name);
    },
    payloads: () => {
      most = Math.max(most, getEventListeners(over.signal, "abort").length);
      if (stopped.size > 3 && held > 3) over.abort(new Error("enough"));
      return Promise.resolve([]);
    },
    relay: {
      cut: () => undefined,
      hold: () => {
        held += 1;
        return () => void (held -= 1);
      },
    },
  };
  await new Storm(cluster, seededRng(1), 0).rage(over.signal);
  expect([[...stopped], held]).toEqual([[], 0]);
  expect(most).toBeLessThan(2);
});
