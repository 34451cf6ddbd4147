import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runInProcessGroup, type ProcessEnd } from "./process-group.js";
import { StopRequest, stopSignals } from "./shutdown.js";
import { testFolder } from "./testing-folder.js";

test("the first signal asks, with its name, and a disposed watch takes none", () => {
  const stop = stopSignals();
  process.emit("SIGTERM", "SIGTERM");
  expect(stop.signal.reason).toBeInstanceOf(StopRequest);
  expect(stop.signal.reason).toMatchObject({ stopSignal: "SIGTERM", message: "asked to stop by SIGTERM" });
  stop.dispose();
  expect(process.listenerCount("SIGTERM")).toBe(0);
});

test("a terminal that is closed asks, as often as it says so", () => {
  const stop = stopSignals();
  for (let i = 0; i < 3; i += 1) process.emit("SIGHUP", "SIGHUP");
  expect(stop.signal.reason).toMatchObject({ message: "asked to stop by SIGHUP" });
  stop.dispose();
  expect(process.listenerCount("SIGHUP")).toBe(0);
});

describe("the second signal ends the process at once (P10)", () => {
  const signal = new AbortController().signal;
  const module = new URL("./shutdown.ts", import.meta.url).href;
  const twice = (before: string): Promise<ProcessEnd> => {
    const script = `
      import { open } from "node:fs";
      import { stopSignals } from ${JSON.stringify(module)};
      const { signal } = stopSignals();
      process.on("exit", (code) => console.error("exit", code));
      setInterval(() => undefined, 1_000);
      signal.addEventListener("abort", () => process.kill(process.pid, "SIGINT"));
      ${before}
      process.kill(process.pid, "SIGTERM");
    `;
    const command = [process.execPath, "--import", "tsx", "--input-type=module", "-e", script];
    return runInProcessGroup(
      command,
      { cwd: process.cwd(), env: {}, timeoutMs: 50_000, graceMs: 1_000 },
      signal,
    );
  };

  test("as a process ends by that signal, when what ends with it was told", async () => {
    expect(await twice("")).toMatchObject({ signal: "SIGINT", timedOut: false, stderrTail: "exit 130\n" });
  });

  test("even while a call to a file system stands still", async () => {
    const folder = await testFolder();
    const path = join(folder, "nobody-writes-here");
    execFileSync("mkfifo", [path]);
    const stuck = `for (let i = 0; i < 4; i += 1) open(${JSON.stringify(path)}, "r", () => undefined);`;
    expect(await twice(stuck)).toMatchObject({ signal: "SIGINT", timedOut: false });
  });
});
