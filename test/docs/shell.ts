// A terminal for a test: one bash, told of one script after the other, as a newcomer pastes them. Folder, variables, aliases
// and jobs in the background last from one to the next, and all that was started ends with it.

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface ScriptEnd {
  /** True when every command ended with 0, or was not the last word of its line. */
  readonly isGood: boolean;
  readonly output: string;
}

/** What bash says of a script that it has run; nobody else says it. */
const mark = "=-=-= script";

export class Shell {
  readonly #bash: ChildProcess;
  readonly #scripts: string;
  #output = "";
  #count = 0;

  /** `scripts` is a folder for what it is told; it ends with what it started, by process group. */
  constructor(folder: string, scripts: string) {
    this.#scripts = scripts;
    this.#bash = spawn("bash", ["-m"], { cwd: folder, stdio: ["pipe", "pipe", "pipe"], detached: true });
    for (const stream of [this.#bash.stdout, this.#bash.stderr])
      stream?.on("data", (bytes: Buffer) => {
        this.#output += bytes.toString();
        this.#bash.emit("word");
      });
    this.#tell("shopt -s expand_aliases");
  }

  async run(script: string): Promise<ScriptEnd> {
    this.#count += 1;
    const path = join(this.#scripts, `${this.#count}.sh`);
    await writeFile(path, `set -o pipefail\ntrap 'echo "${mark} failed: $BASH_COMMAND"' ERR\n${script}`);
    const ended = `${mark} ${this.#count} ended`;
    this.#output = "";
    this.#tell(`. ${path} < /dev/null; trap - ERR; echo; echo '${ended}'`);
    while (!this.#output.includes(`${ended}\n`)) {
      if (this.#bash.exitCode !== null) throw new Error(`bash ended: ${this.#output}`);
      await once(this.#bash, "word");
    }
    const output = this.#output.replace(`\n${ended}\n`, "");
    return { isGood: !output.includes(`${mark} failed`), output };
  }

  #tell(line: string): void {
    this.#bash.stdin?.write(`${line}\n`);
  }

  /** Ends it, and the jobs that it has left in the background. */
  async stop(): Promise<void> {
    this.#tell("trap - ERR; kill -KILL $(jobs -p) 2> /dev/null; exit");
    if (this.#bash.exitCode === null) await once(this.#bash, "exit");
  }
}
