// A tiny process that outlives its owner by a moment: when the owner is gone, however it went, it ends what is left of the
// owner's programs: their groups, and by their mark what left these; then it removes the owner's place. So `kill -9` of a
// service leaves nothing behind on its node.
//
//   K1. It is told by the end of a pipe, which the kernel closes whoever dies and however.
//   K2. It has a session of its own and heeds no polite signal: what is sent to its owner's group or terminal passes it by.
//   K3. It ends by itself when nothing is left, and in any case soon after its owner.

import { spawn } from "node:child_process";
import { Socket } from "node:net";
import { errorMessage } from "./error-code.js";
import type { Logger } from "./logger.js";
import { groupsFile } from "./group-records.js";
import { marksOf, markVariable } from "./process-marks.js";

/** For sh, which every machine has, and which costs a megabyte. Its arguments: the owner's place; what its marks begin with. */
const script = `
trap '' HUP INT TERM
while read -r _; do :; done
cat -- "$1/${groupsFile}" | while read -r group _; do [ -n "$group" ] && kill -s KILL -- "-$group"; done
look=0
while [ "$look" -lt 50 ]; do
  found=$(grep -lsz -- "^${markVariable}=$2" /proc/[0-9]*/environ)
  [ -n "$found" ] || break
  for file in $found; do pid=\${file#/proc/}; kill -s KILL -- "\${pid%/environ}"; done
  look=$((look + 1))
  sleep 0.1
done
rm -rf -- "$1"
rmdir -- "\${1%/*}"
`;

export interface ProcessKeeper {
  /** It looks once more, and ends. */
  close(): void;
}

/** `place` is the folder of an incarnation (node-place.ts), whose name has letters, digits and dashes. */
export function startKeeper(place: string, incarnation: string, log: Logger): ProcessKeeper {
  const child = spawn("/bin/sh", ["-c", script, "noctua-keeper", place, marksOf(incarnation)], {
    cwd: "/",
    env: { PATH: "/usr/bin:/bin" },
    detached: true, // (K2)
    stdio: ["pipe", "ignore", "ignore"],
  });
  let isClosed = false;
  const warn = (reason: string): void => {
    if (!isClosed)
      log.warn("nobody keeps this service's programs: should it be killed, they live on", { reason });
  };
  child.once("error", (error) => warn(errorMessage(error)));
  child.once("exit", (code, name) => warn(`the keeper ended by ${name ?? `exit code ${String(code)}`}`));
  child.unref(); // Nobody waits for it.
  child.stdin.on("error", () => undefined);
  if (child.stdin instanceof Socket) child.stdin.unref();
  return {
    close: () => {
      isClosed = true;
      child.stdin.end();
    },
  };
}
