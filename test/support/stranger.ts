// Another Unix user of the same machine, whom only root can play.

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { onTestFinished } from "vitest";

/** Whether there can be one here. */
export const mayPlayStranger = process.getuid?.() === 0;

const nobody = ["--reuid", "65534", "--regid", "65534", "--clear-groups"];

function asStranger(command: readonly string[], cwd: string): ChildProcess {
  return spawn("setpriv", [...nobody, ...command], { cwd, stdio: ["ignore", "pipe", "pipe"] });
}

/** What a command of the stranger prints, errors too. He stands in the folder, whether or not he could have come there. */
export async function strangerRuns(cwd: string, ...command: readonly string[]): Promise<string> {
  const child = asStranger(command, cwd);
  const pieces: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (piece) => pieces.push(String(piece)));
  await once(child, "close");
  return pieces.join("");
}

/** A program in JavaScript that the stranger keeps running; `said` is all that it has printed. */
export async function strangerServes(
  cwd: string,
  script: string,
  ...words: readonly string[]
): Promise<{ readonly said: () => string }> {
  const child = asStranger([process.execPath, "-e", script, ...words], cwd);
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (piece) => (said += String(piece)));
  onTestFinished(async () => {
    const exit = once(child, "exit");
    if (child.exitCode === null && child.kill("SIGKILL")) await exit;
  });
  while (said === "" && child.exitCode === null)
    await Promise.race([once(child.stdout ?? child, "data"), once(child, "exit")]);
  return { said: () => said };
}
