// What the field has on every machine: `xargs -P` runs a program once for each line.

import { spawn } from "node:child_process";
import { once } from "node:events";

const script = `seq 100000000 | xargs -P "$0" -I{} "$@"`;

/** Runs the words over and over in so many slots, each time with a number behind the last word, while `measure` does. */
export async function withXargs<Result>(
  words: readonly string[],
  slots: number,
  measure: (watch: () => void) => Promise<Result>,
): Promise<Result> {
  const numbered = [...words.slice(0, -1), `${words.at(-1) ?? ""}{}`];
  const shell = spawn("sh", ["-c", script, String(slots), ...numbered], {
    stdio: ["ignore", "ignore", "inherit"],
    detached: true,
  });
  const exit = once(shell, "exit");
  try {
    return await measure(() => {
      if (shell.exitCode !== null) throw new Error("expected xargs to go on, found that it ended");
    });
  } finally {
    if (shell.pid !== undefined) process.kill(-shell.pid, "SIGKILL");
    await exit;
  }
}
