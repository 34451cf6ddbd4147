import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { endProcess } from "./process-end.js";
import { runInProcessGroup, type ProcessEnd } from "./process-group.js";
import { runService } from "./service-process.js";
import { testFolder } from "./testing-folder.js";

const never = new AbortController().signal;

/** Calls to a file system stand still: all threads wait for somebody to write into a pipe. */
async function standingStill(): Promise<string> {
  const path = join(await testFolder(), "nobody-writes-here");
  execFileSync("mkfifo", [path]);
  return `for (let i = 0; i < 4; i += 1) open(${JSON.stringify(path)}, "r", () => undefined);`;
}

function runScript(script: string): Promise<ProcessEnd> {
  const moduleOf = (name: string): string => JSON.stringify(new URL(name, import.meta.url).href);
  const head = `
    import { open } from "node:fs";
    import { ${endProcess.name} } from ${moduleOf("./process-end.ts")};
    import { ${runService.name} } from ${moduleOf("./service-process.ts")};
    process.on("exit", (code) => console.error("exit", code));
  `;
  const command = [process.execPath, "--import", "tsx", "--input-type=module", "-e", head + script];
  const options = { cwd: process.cwd(), env: {}, timeoutMs: 50_000, graceMs: 1_000 };
  return runInProcessGroup(command, options, never);
}

test("a process ends with its exit code, when what ends with it was told (E1)", async () => {
  expect(await runScript("endProcess(75)")).toMatchObject({ exitCode: 75, stderrTail: "exit 75\n" });
});

test("a process ends though a call to a file system stands still (E2, P10)", async () => {
  expect(await runScript(`${await standingStill()} setTimeout(() => endProcess(0), 50)`)).toMatchObject({
    signal: "SIGKILL",
    timedOut: false,
    stderrTail: "exit 0\n",
  });
});

test("a service that does not stop when told to ends at its limit, and says what stands still (X2, P10)", async () => {
  const { timedOut, stderrTail } = await runScript(`
    runService({
      service: "driver",
      readConfig: () => Promise.resolve({ logLevel: "info" }),
      ids: () => ({}),
      stopMsMax: () => 100,
      run: () => {
        ${await standingStill()}
        setTimeout(() => process.kill(process.pid, "SIGHUP"), 50);
        return new Promise(() => setInterval(() => undefined, 1_000));
      },
    });
  `);
  expect(timedOut).toBe(false);
  expect(stderrTail).toMatch(
    /"message":"driver ended","error":"it has not stopped 0.1 s after it was told to, and is ended","stopMs":\d+,"fileCallsUnderWay":4\}\n/,
  );
  expect(stderrTail).toMatch(/noctua driver: it has not stopped 0.1 s .*\nexit 75\n$/);
});

test("a service that is wrong ends, also while a file system stands still", async () => {
  const { signal, timedOut, stderrTail } = await runScript(`
    runService({
      service: "driver",
      readConfig: () => {
        ${await standingStill()}
        setTimeout(() => { throw new Error("two and two are five"); }, 50);
        return new Promise(() => undefined);
      },
    });
  `);
  expect({ signal, timedOut }).toEqual({ signal: "SIGKILL", timedOut: false });
  expect(stderrTail).toContain("Error: two and two are five");
});
