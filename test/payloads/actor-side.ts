// The actor's side of the talk with a payload, for tests of payloads: starts a program with the two pipes, and hears it.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { Readable, Writable } from "node:stream";

export interface Said {
  readonly type: string;
  readonly id?: string;
  readonly class?: string;
  readonly message?: string;
  readonly events?: number;
}

/** How the program ended, and what else it wrote. */
export interface ProgramEnd {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class ActorSide {
  readonly folder: string;
  readonly #child: ChildProcess;
  readonly #toPayload: Writable;
  readonly #lines: AsyncIterator<string>;
  readonly #ended: Promise<ProgramEnd>;

  private constructor(folder: string, child: ChildProcess) {
    this.folder = folder;
    this.#child = child;
    const [, , , toPayload, fromPayload] = child.stdio;
    if (!(toPayload instanceof Writable && fromPayload instanceof Readable)) throw new Error("no pipes");
    this.#toPayload = toPayload;
    // A payload that ended early is judged by its end.
    toPayload.on("error", () => undefined);
    const lines: Interface = createInterface({ input: fromPayload });
    this.#lines = lines[Symbol.asyncIterator]();
    this.#ended = endOf(child);
  }

  /** Starts a program as the actor does. It lives until it ends by itself, or `close`. */
  static async start(command: readonly string[]): Promise<ActorSide> {
    const folder = await mkdtemp(join(tmpdir(), "noctua-payload-"));
    const [program = "", ...args] = command;
    const child = spawn(program, args, {
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe", "pipe", "pipe"],
      env: { PATH: process.env["PATH"], PYTHONDONTWRITEBYTECODE: "1", NOCTUA_IN_FD: "3", NOCTUA_OUT_FD: "4" },
    });
    await once(child, "spawn");
    return new ActorSide(folder, child);
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  say(message: object): void {
    this.write(`${JSON.stringify(message)}\n`);
  }

  write(text: string): void {
    this.#toPayload.write(text);
  }

  open(more: object = {}): void {
    const { folder } = this;
    this.say({
      type: "open",
      protocol: 1,
      job: 3,
      name: "é",
      slots: 1,
      jobDir: folder,
      scratch: folder,
      ...more,
    });
  }

  /** Hands over a range whose `input` says what the probe is to do with it. Its output is named after it. */
  grant(id: string, input: string, more: object = {}): void {
    this.say({ type: "range", id, slot: 0, input, first: 11, last: 20, output: this.path(id), ...more });
  }

  /** The next message of the payload, or its end. */
  async hear(): Promise<Said | "end"> {
    const { done, value } = await this.#lines.next();
    return done === true ? "end" : saidOf(JSON.parse(value));
  }

  /** The program is told to stop, and heard to its end. */
  async stop(): Promise<ProgramEnd> {
    this.say({ type: "stop" });
    return this.#ended;
  }

  /** The actor is gone without a word. */
  async hangUp(): Promise<ProgramEnd> {
    this.#toPayload.end();
    return this.#ended;
  }

  async ended(): Promise<ProgramEnd> {
    return this.#ended;
  }

  async close(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
    await rm(this.folder, { recursive: true, force: true });
  }
}

function saidOf(value: unknown): Said {
  if (typeof value === "object" && value !== null && "type" in value && typeof value.type === "string") {
    return { ...value, type: value.type };
  }
  throw new Error(`the payload said ${JSON.stringify(value)}`);
}

async function endOf(child: ChildProcess): Promise<ProgramEnd> {
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  return new Promise((resolve) => {
    child.on("close", (code) => {
      resolve({ code, stdout, stderr });
    });
  });
}
