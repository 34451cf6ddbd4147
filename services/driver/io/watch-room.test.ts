import { expect, test } from "vitest";
import { jobNumber } from "../../shared/core/id.js";
import { WatchRoom, type Watcher } from "./watch-room.js";

/** One that watches until it is told to leave. */
function aWatcher(): Watcher & { leave(): void } {
  let leave: () => void = () => undefined;
  const left = new Promise<void>((resolve) => (leave = resolve));
  return { wake: () => undefined, fail: () => undefined, run: () => left, leave };
}

test("where many watch each is told less often, and as often as ever when they have left (R2)", async () => {
  const room = new WatchRoom();
  const watchers = Array.from({ length: 500 }, aWatcher);
  const [few, others] = [watchers.slice(0, 20), watchers.slice(20)];
  const served = (some: readonly Watcher[]): Promise<void>[] =>
    some.map((watcher) => room.serve(watcher, new Set([jobNumber(1)])));
  const staying = served(few);
  expect(room.intervalMs).toBe(100);
  const leaving = served(others);
  expect(room.intervalMs).toBe(1_000);
  for (const watcher of others) watcher.leave();
  await Promise.all(leaving);
  expect(room.intervalMs).toBe(100);
  for (const watcher of few) watcher.leave();
  await Promise.all(staying);
});
