// What the payload can do by itself: its processes are told of ranges by us, who ask for nothing and store nothing. What it does
// less when an actor feeds it, the actor costs.

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { open, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { lineTo } from "../../../services/actor/core/stream-words.js";

/** Lines are handed over so many at a time. */
const linesOfPiece = 256;

/** Runs so many processes while `measure` does; without an end, and with outputs in the folder if there are any. */
export async function withPayloadsAlone<Result>(
  words: readonly string[],
  { slots, outputs }: { readonly slots: number; readonly outputs: string | undefined },
  measure: (watch: () => void) => Promise<Result>,
): Promise<Result> {
  const nowhere = await open("/dev/null", "w");
  const children = Array.from({ length: slots }, (_, slot) => begin(words, slot, { outputs, nowhere }));
  const exits = children.map((child) => once(child, "exit"));
  try {
    return await measure(() => {
      if (children.some(({ exitCode }) => exitCode !== null))
        throw new Error("expected the payload to go on, found that it ended");
    });
  } finally {
    for (const child of children) child.kill("SIGKILL");
    await Promise.all(exits);
    await nowhere.close();
  }
}

function begin(
  [program = "", ...rest]: readonly string[],
  slot: number,
  { outputs, nowhere }: { readonly outputs: string | undefined; readonly nowhere: FileHandle },
): ChildProcess {
  const child = spawn(program, rest, {
    stdio: ["ignore", "ignore", "inherit", "pipe", nowhere.fd],
    env: { ...process.env, NOCTUA_IN_FD: "3", NOCTUA_OUT_FD: "4" },
  });
  const to = child.stdio[3];
  if (to === null || to === undefined || !("write" in to)) throw new Error("expected a pipe to the payload");
  // It ends as the payload is killed.
  pipeline(Readable.from(pieces(slot, outputs), { highWaterMark: 1 }), to).catch(() => undefined);
  return child;
}

function* pieces(slot: number, outputs: string | undefined): Generator<string> {
  for (let first = 1; ; first += linesOfPiece) {
    let piece = "";
    for (let event = first; event < first + linesOfPiece; event += 1) {
      const id = `${slot}.${event}`;
      const range = { id, slot: 0, input: "/in/1.lhe", first: event, last: event };
      piece += lineTo({
        type: "range",
        ...range,
        ...(outputs === undefined ? {} : { output: join(outputs, id) }),
      });
    }
    yield piece;
  }
}
