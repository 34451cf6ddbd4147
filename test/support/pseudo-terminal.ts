// A command in a terminal of eighty columns, as a person sees it: util-linux's `script` lends it a pseudo-terminal.

import { spawn } from "node:child_process";
import { once } from "node:events";

import { expect, onTestFinished } from "vitest";

export interface TypedCommand {
  /** All that it wrote so far, in which ^[ stands for an escape. */
  readonly written: () => string;
  /** Until it has written something like that. */
  shows(what: string | RegExp): Promise<void>;
  /** As if these keys were pressed. */
  type(keys: string): void;
  /** As if the window were closed, or the connection lost. */
  hangUp(): void;
  /** Waits for its end; its exit code. */
  readonly ended: Promise<number | null>;
}

export const ctrlC = "\u0003";

/** `command` is for the shell. What still runs when the test is over is ended. */
export function typed(command: string, env: Readonly<Record<string, string>> = {}): TypedCommand {
  const child = spawn("script", ["-qec", `stty cols 80 rows 24; ${command}`, "/dev/null"], {
    env: { ...process.env, TERM: "xterm", ...env },
    stdio: ["pipe", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (bytes: Buffer) => (output += bytes.toString().replaceAll("\u001b", "^[")));
  onTestFinished(() => void child.kill("SIGTERM"));
  return {
    written: () => output,
    shows: (what) => expect.poll(() => output, { interval: 20 }).toMatch(what),
    type: (keys) => void child.stdin.write(keys),
    hangUp: () => void child.kill("SIGKILL"),
    ended: once(child, "close").then(() => child.exitCode),
  };
}
