// The end of this process, which waits for nobody.
//
//   E1. What ends with the process is told, as by any exit.
//   E2. An exit waits for calls to a file system that are under way. Where it stands still, the process is ended by KILL
//       `standMsMax` later: by another process, since nothing of this one runs any more.
//   E3. Who was started on a terminal that is gone ends by SIGHUP: an exit would set the terminal back, and abort.

import { spawn } from "node:child_process";
import { constants } from "node:os";
import { isatty } from "node:tty";

/** So long an exit may take. */
const standMsMax = 2_000;

/** For sh. Its arguments: seconds, a pid. The pipe that it reads is held by the process to be ended: no other has its pid then. */
const script = `timeout "$1" cat >/dev/null; [ "$?" != 124 ] || kill -s KILL -- "$2"`;

const terminals = [0, 1, 2].filter((file) => isatty(file));

/** Ends the process with this exit code (E1), and within a limit (E2). */
export function endProcess(exitCode: number): never {
  if (!terminals.every((file) => isatty(file))) endProcessBy("SIGHUP"); // (E3)
  boundExit();
  process.exit(exitCode);
}

/** Ends the process as the signal does, once all that ends with it was told (E1): no exit is waited for. */
export function endProcessBy(signal: NodeJS.Signals): never {
  process.once("exit", () => {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
  process.exit(128 + constants.signals[signal]);
}

/** Files that are being asked for: what an exit would wait for. */
export function fileCallsUnderWay(): number {
  return process.getActiveResourcesInfo().filter((name) => /^(FSReq|FileHandleClose)/.test(name)).length;
}

/** For an exit that is about to come, whoever makes it (E2). */
export function boundExit(): void {
  const seconds = String(standMsMax / 1_000);
  const child = spawn("/bin/sh", ["-c", script, "noctua-end", seconds, String(process.pid)], {
    cwd: "/",
    env: { PATH: "/usr/bin:/bin" },
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  child.on("error", () => undefined); // There is no room for another process: the exit may have to wait.
}
