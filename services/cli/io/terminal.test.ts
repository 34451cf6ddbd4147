import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Clock } from "../../shared/core/clock.js";
import { Terminal, type TextSink } from "./terminal.js";

const erase = "\r\u001b[K";

const clock: Clock = { nowMs: () => Date.now(), unixMs: () => Date.now() };

function sink(isTTY: boolean, columns?: number): TextSink & { readonly written: string[] } {
  const written: string[] = [];
  return {
    isTTY,
    ...(columns === undefined ? {} : { columns }),
    written,
    write: (text) => written.push(String(text)),
  };
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
});

afterEach(() => {
  vi.useRealTimers();
});

describe("a terminal", () => {
  it("rewrites its line at most ten times a second, and always shows the last one", () => {
    const stderr = sink(true, 120);
    const terminal = new Terminal(sink(true), stderr, clock);
    for (let i = 0; i <= 100; i += 1) {
      terminal.progress(`line ${i}`, "running");
      vi.advanceTimersByTime(10);
    }
    vi.advanceTimersByTime(100);
    expect(stderr.written.length).toBeLessThanOrEqual(12);
    expect(stderr.written.at(-1)).toBe("\rline 100\u001b[K");
  });

  it("keeps lines from wrapping, and within 120 columns", () => {
    expect(new Terminal(sink(true), sink(true, 200), clock).width).toBe(120);
    expect(new Terminal(sink(true), sink(true, 60), clock).width).toBe(59);
    expect(new Terminal(sink(true), sink(true, 0), clock).width).toBe(79);
    expect(new Terminal(sink(false), sink(false), clock).width).toBe(120);
  });

  it("takes its line away for a note or a result, and puts it back", () => {
    const stderr = sink(true, 80);
    const stdout = sink(true, 80);
    const terminal = new Terminal(stdout, stderr, clock);
    terminal.progress("line", "running");
    terminal.note("actor was ended by SIGKILL");
    terminal.print("job 1");
    expect(stderr.written).toEqual([
      "\rline\u001b[K",
      "\ractor was ended by SIGKILL\u001b[K\nline\u001b[K",
      erase,
      "\rline\u001b[K",
    ]);
    expect(stdout.written).toEqual(["job 1\n"]);
  });

  it("writes nothing while the line stays the same", () => {
    const stderr = sink(true, 80);
    const terminal = new Terminal(sink(true), stderr, clock);
    for (let i = 0; i < 10; i += 1) {
      terminal.progress("line", "running");
      vi.advanceTimersByTime(1_000);
    }
    expect(stderr.written).toEqual(["\rline\u001b[K"]);
  });

  it("is never rewritten when it is a dumb one", () => {
    const stderr = { ...sink(true, 80), isDumb: true };
    const terminal = new Terminal(sink(true), stderr, clock);
    terminal.progress("one", "running");
    terminal.note("actor was ended by SIGKILL");
    terminal.progress("two", "finished");
    terminal.endProgress();
    expect(stderr.written).toEqual(["one\n", "actor was ended by SIGKILL\n", "two\n"]);
  });

  it("leaves the last line standing", () => {
    const stderr = sink(true, 80);
    const terminal = new Terminal(sink(true), stderr, clock);
    terminal.progress("one", "running");
    terminal.progress("two", "finished");
    terminal.endProgress();
    vi.advanceTimersByTime(1_000);
    expect(stderr.written).toEqual(["\rone\u001b[K", "\rtwo\u001b[K", "\n"]);
  });
});

describe("a log or a pipe", () => {
  it("gets a line every 5 s, one at each change of phase, and the last one", () => {
    const stderr = sink(false);
    const terminal = new Terminal(sink(false), stderr, clock);
    for (let second = 0; second < 12; second += 1) {
      terminal.progress(`${second} done`, "running");
      vi.advanceTimersByTime(1_000);
    }
    terminal.progress("12 done", "merging");
    terminal.progress("12 merged", "merging");
    terminal.endProgress();
    terminal.endProgress();
    expect(stderr.written).toEqual(["0 done\n", "5 done\n", "10 done\n", "12 done\n", "12 merged\n"]);
  });
});
