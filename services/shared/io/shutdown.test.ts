import { expect, test } from "vitest";
import { runInProcessGroup } from "./process-group.js";
import { StopRequest, stopSignals } from "./shutdown.js";

test("the first signal asks, with its name, and a disposed watch takes none", () => {
  const stop = stopSignals();
  process.emit("SIGTERM", "SIGTERM");
  expect(stop.signal.reason).toBeInstanceOf(StopRequest);
  expect(stop.signal.reason).toMatchObject({ stopSignal: "SIGTERM", message: "asked to stop by SIGTERM" });
  stop.dispose();
  expect(process.listenerCount("SIGTERM")).toBe(0);
});

test("the second signal ends the process at once (P10)", async () => {
  const module = new URL("./shutdown.ts", import.meta.url).href;
  const script = `
    import { stopSignals } from ${JSON.stringify(module)};
    const { signal } = stopSignals();
    setInterval(() => undefined, 1_000);
    signal.addEventListener("abort", () => process.kill(process.pid, "SIGINT"));
    process.kill(process.pid, "SIGTERM");
  `;
  const end = await runInProcessGroup(
    [process.execPath, "--import", "tsx", "--input-type=module", "-e", script],
    { cwd: process.cwd(), env: {}, timeoutMs: 50_000, graceMs: 1_000 },
    new AbortController().signal,
  );
  expect(end).toMatchObject({ exitCode: 130, timedOut: false });
});
