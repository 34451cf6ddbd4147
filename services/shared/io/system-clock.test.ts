import { getEventListeners } from "node:events";
import { expect, test, vi } from "vitest";
import { after, every, sleep, systemClock } from "./system-clock.js";

test("monotonic time does not go back", () => {
  const first = systemClock.nowMs();
  expect(systemClock.nowMs()).toBeGreaterThanOrEqual(first);
});

test("a wait that is told to stop rejects with the reason, and leaves no listener behind", async () => {
  const controller = new AbortController();
  const waiting = sleep(1e9, controller.signal);
  controller.abort(new Error("enough"));
  await expect(waiting).rejects.toThrow("enough");
  await expect(sleep(1, controller.signal)).rejects.toThrow("enough");
  expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
});

test("a wait that ends by itself leaves no listener behind", async () => {
  const { signal } = new AbortController();
  await sleep(1, signal);
  expect(getEventListeners(signal, "abort")).toHaveLength(0);
});

test("a timer longer than Node's own limit fires when it is due, not at once", () => {
  vi.useFakeTimers();
  try {
    const run = vi.fn();
    const month = 30 * 24 * 3600 * 1000;
    after(month, run);
    vi.advanceTimersByTime(month - 1);
    expect(run).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(run).toHaveBeenCalledOnce();
  } finally {
    vi.useRealTimers();
  }
});

test("a cancelled timer does not fire", () => {
  vi.useFakeTimers();
  try {
    const run = vi.fn();
    const cancels = [after(2 ** 32, run), every(5, run)];
    vi.advanceTimersByTime(4);
    for (const cancel of cancels) cancel();
    vi.advanceTimersByTime(2 ** 33);
    expect(run).not.toHaveBeenCalled();
  } finally {
    vi.useRealTimers();
  }
});
