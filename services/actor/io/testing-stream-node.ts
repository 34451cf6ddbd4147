// For tests: a node on which real processes live for many ranges.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { jobNumber } from "../../shared/core/id.js";
import type { StreamPayload } from "../../shared/core/job-spec.js";
import { noNeeds } from "../../shared/core/payload-needs.js";
import { silentLogger } from "../../shared/io/logger.js";
import { systemClock } from "../../shared/io/system-clock.js";
import { heldRange, specOf } from "../core/testing.js";
import type { PayloadEnd, PayloadRun } from "./payload.js";
import { StreamPayloads } from "./payload-stream.js";
import { SlotLogs } from "./slot-log.js";
import { newFolder, runTelling } from "./testing.js";
import { aRun, endOfRun } from "./testing-run.js";
import { payloadScript } from "./testing-stream.js";

const open: Node[] = [];

export async function closeNodes(): Promise<void> {
  await Promise.all(open.splice(0).map(({ payloads }) => payloads.close()));
}

/** A node of four slots, with a folder that payloads may look at. */
class Node {
  readonly folder: string;
  readonly payloads: StreamPayloads;
  readonly logs: SlotLogs;
  readonly pids: number[] = [];
  readonly begun: number[] = [];
  readonly progress: number[] = [];

  constructor(folder: string) {
    this.folder = folder;
    this.logs = new SlotLogs({
      workdir: folder,
      actor: "node-1",
      node: "n1",
      clock: systemClock,
      log: silentLogger,
    });
    this.payloads = new StreamPayloads({
      clock: systemClock,
      log: silentLogger,
      slots: 4,
      cpus: [0],
      environment: { PATH: "/usr/bin:/bin" },
      graceMs: 500,
      logs: this.logs,
      runProgram: runTelling(this.pids),
      scratch: { runFolder: (name) => this.#newFolder(name) },
      fail: (error) => {
        throw error;
      },
    });
    open.push(this);
  }

  async #newFolder(name: string): Promise<string> {
    await mkdir(join(this.folder, name));
    return join(this.folder, name);
  }

  /** Runs event `first` in the slot. */
  run(slot: number, first: number, changes: Changes = {}, signal?: AbortSignal): Promise<PayloadEnd> {
    return endOfRun(this.payloads, this.#runOf(slot, first, changes), signal);
  }

  /** Begins with it. */
  start(slot: number, first: number, changes: Changes): { run: PayloadRun; end: Promise<PayloadEnd> } {
    let onEnd = (_: PayloadEnd): void => undefined;
    const end = new Promise<PayloadEnd>((resolve) => (onEnd = resolve));
    const run = { ...this.#runOf(slot, first, changes), onEnd };
    this.payloads.start(run);
    return { run, end };
  }

  #runOf(
    slot: number,
    first: number,
    { does = [], job = 1, alone = false, ...payload }: Changes,
  ): PayloadRun {
    const command = [process.execPath, join(this.folder, "payload.mjs"), ...does];
    const timeouts = { startTimeoutMs: 60_000, timeoutMs: 60_000 };
    const stream = { kind: "stream" as const, slotsPerProcess: 1, ...timeouts, needs: noNeeds };
    return aRun({
      slot,
      held: heldRange(4, first, jobNumber(job)),
      alone,
      spec: specOf({ payload: { ...stream, command, ...payload }, jobDir: "/the/job" }),
      events: { input: 0, first, last: first },
      folder: this.folder,
      output: this.output(first),
      onBegin: () => this.begun.push(first),
      onProgress: (events) => this.progress.push(events),
    });
  }

  output(first: number): string {
    return join(this.folder, `output${first}`);
  }

  /** Process and slot that made the output. */
  async madeBy(first: number): Promise<readonly string[]> {
    return (await readFile(this.output(first), "utf8")).split(" ").slice(0, 2);
  }
}

interface Changes extends Partial<StreamPayload> {
  readonly does?: readonly string[];
  readonly job?: number;
  readonly alone?: boolean;
}

export async function aNode(): Promise<Node> {
  const folder = await newFolder();
  await writeFile(join(folder, "payload.mjs"), payloadScript);
  return new Node(folder);
}
