import { expect, test } from "vitest";
import { runInProcessGroup } from "./process-group.js";
import { runService } from "./service-process.js";

test("what nobody caught has a service stop in order, and say so, and end with 70 (U1, U2)", async () => {
  const module = JSON.stringify(new URL("./service-process.ts", import.meta.url).href);
  const script = `
    import { ${runService.name} } from ${module};
    ${runService.name}({
      service: "actor",
      readConfig: () => Promise.resolve({ logLevel: "info" }),
      ids: () => ({}),
      stopMsMax: () => 20_000,
      run: (config, log, stop) => new Promise((resolve) => {
        setTimeout(() => { throw new TypeError("slots is not iterable"); }, 1);
        stop.addEventListener("abort", () => {
          void Promise.reject(new RangeError("and another")); // While it hands in what it has.
          setTimeout(() => {
            const others = process.getActiveResourcesInfo().filter((name) => name === "ProcessWrap").length;
            log.info("all is handed in, and processes that wait to end this one: " + others);
            resolve({ exit: "drained", reason: "" });
          }, 50);
        });
      }),
    });
  `;
  const command = [process.execPath, "--import", "tsx", "--input-type=module", "-e", script];
  const options = { cwd: process.cwd(), env: {}, timeoutMs: 50_000, graceMs: 1_000 };
  const { exitCode, stderrTail } = await runInProcessGroup(command, options, new AbortController().signal);
  const told = stderrTail.split("\n").map((line) => /"message":"([^"]*)"/.exec(line)?.[1] ?? line);
  expect(told).toEqual([
    "an error that nobody expected",
    "an error that nobody expected",
    "all is handed in, and processes that wait to end this one: 0",
    "actor ended",
    "noctua actor: an error that nobody expected: slots is not iterable",
    "",
  ]);
  expect(stderrTail).toMatch(/"origin":"uncaughtException".*slots is not iterable.*"stack":"TypeError/);
  expect(stderrTail).toMatch(/"origin":"unhandledRejection".*and another/);
  expect(exitCode).toBe(70);
});
