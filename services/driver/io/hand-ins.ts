// What actors left in the workdir that had to stop while no driver heard them (P6).
//
//   I1. What is found is judged as if it had come over a stream. A file is removed only when what it says is durable: a driver
//       that dies in between takes it in again, which changes nothing.
//   I2. What is damaged, of another run, job or version, readable by others, or makes no sense, is set aside under another name,
//       told once, and nothing of it is believed.
//   I3. A look is taken at the start, before anybody is spoken to; soon after a stream broke or a session ended; and now and then.
//       It costs one listing for each job that is not over.
//   I4. Nothing that is wrong with the folder stops the driver: it is logged, and the next look tries again. No file is longer
//       than a limit, and so many are read at a time (P7).

import { readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { jobViewOf, type FarmView } from "../core/state/farm.js";
import type { Command } from "../core/facts/command.js";
import type { HandInKey, HandInVerdict } from "../core/facts/fact.js";
import type { JobNumber } from "../../shared/core/id.js";
import { handInFolder, outputPath } from "../../shared/core/names.js";
import { eachRange } from "../../shared/core/spans.js";
import { errorCode, errorMessage } from "../../shared/io/error-code.js";
import { handInBytesMax, handInSuffix, openHandIn, refusedSuffix } from "../../shared/io/hand-in-file.js";
import type { Logger } from "../../shared/io/logger.js";
import { checkPrivateFolder, readPrivateBytes } from "../../shared/io/private-file.js";
import { Looks } from "./looks.js";
import { handInFromWire, type FoundHandIn } from "./wire-hand-in.js";

export interface HandInsParts {
  readonly workdir: string;
  readonly run: string;
  /** The farm as it is committed, to be read at once and not kept. */
  readonly read: <Answer>(question: (farm: FarmView) => Answer) => Promise<Answer>;
  readonly post: (command: Command) => void;
  readonly log: Logger;
}

/** What became of a hand-in: why it was refused, or the outputs that nobody wants. */
type Judgement =
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "taken"; readonly unwanted: readonly string[] };

interface Waiting {
  readonly resolve: (judgement: Judgement) => void;
  readonly reject: (error: Error) => void;
}

/** So soon after a stream broke or a session ended: its peer may just be leaving. */
const soonMs = 2_000;
/** So often when nothing happens. */
const nowAndThenMs = 60_000;
/** Files that are read at a time. */
const filesMax = 8;

export class HandIns {
  readonly #parts: HandInsParts;
  readonly #waiting = new Map<HandInKey, Waiting>();
  /** What can neither be taken in nor set aside, by path. */
  readonly #stuck = new Set<string>();
  #lastKey: HandInKey = 0;
  readonly #looks = new Looks(
    () => this.#lookOnce(),
    () => nowAndThenMs,
  );

  constructor(parts: HandInsParts) {
    this.#parts = parts;
  }

  /** Takes in what is there; resolves when it is settled, or can't be. Looks again from then on (I3). */
  look(): Promise<void> {
    return this.#looks.take();
  }

  /** A look that sees all that is there by now: one that is under way may have passed it by. */
  async lookAfresh(): Promise<void> {
    await this.#looks.underWay;
    await this.look();
  }

  /** A stream broke, or a session ended: its peer may have left something. */
  lookSoon(): void {
    this.#looks.takeIn(soonMs);
  }

  /** The verdict is durable. */
  settle(key: HandInKey, verdict: HandInVerdict, farm: FarmView): void {
    const judgement: Judgement =
      verdict.kind === "refused" ? verdict : { kind: "taken", unwanted: pathsOf(farm, verdict) };
    this.#waiting.get(key)?.resolve(judgement);
    this.#waiting.delete(key);
  }

  /** Waits for nothing but the file system: what is not settled is there for the next driver. */
  async stop(): Promise<void> {
    this.#looks.stop();
    for (const { reject } of this.#waiting.values()) reject(new Error("the driver stops"));
    this.#waiting.clear();
    await this.#looks.underWay;
  }

  /** Never rejects (I4). */
  async #lookOnce(): Promise<void> {
    const { read, post, log } = this.#parts;
    try {
      const left = new Map<string, FoundHandIn>();
      for (const job of await read((farm) => [...farm.live]))
        for (const found of await this.#lookInto(job)) left.set(found.incarnation, found);
      for (const { actor: name, incarnation } of left.values()) {
        const reason = "it left, and what it had is handed in";
        post({ kind: "end-lost-session", role: "actor", name, incarnation, how: "left", reason });
      }
    } catch (error) {
      if (!this.#looks.isStopped)
        log.error("cannot look for what actors have left", { error: errorMessage(error) });
    }
  }

  /** What was taken in of a job. */
  async #lookInto(job: JobNumber): Promise<FoundHandIn[]> {
    const folder = join(this.#parts.workdir, handInFolder(job));
    const names = (await namesIn(folder)).filter((name) => name.endsWith(handInSuffix));
    if (names.length > 0) await checkPrivateFolder(folder);
    const paths = names.map((name) => join(folder, name)).filter((path) => !this.#stuck.has(path));
    const taken: FoundHandIn[] = [];
    for (let from = 0; from < paths.length; from += filesMax) {
      const some = paths.slice(from, from + filesMax);
      for (const found of await Promise.all(some.map((path) => this.#takeIn(path, job))))
        if (found !== undefined) taken.push(found);
    }
    return taken;
  }

  async #takeIn(path: string, job: JobNumber): Promise<FoundHandIn | undefined> {
    const { run, log } = this.#parts;
    let found: FoundHandIn;
    try {
      found = handInFromWire(openHandIn(await readPrivateBytes(path, handInBytesMax)), { run, job });
    } catch (error) {
      // What the system can't read now it may read later; all else stays as it is.
      if (isOfSystem(error))
        log.error("cannot read what an actor has left", { path, error: errorMessage(error) });
      else await this.#setAside(path, errorMessage(error));
      return undefined;
    }
    const judgement = await this.#judge(found);
    if (judgement.kind === "refused") {
      await this.#setAside(path, judgement.reason);
      return undefined;
    }
    await this.#remove(path, judgement.unwanted); // (I1)
    log.info("took in what an actor has left", { job, actor: found.actor, path });
    return found;
  }

  /** What can't be removed now is taken in again by the next look, and is removed then. */
  async #remove(path: string, unwanted: readonly string[]): Promise<void> {
    try {
      for (const output of unwanted) await rm(join(this.#parts.workdir, output), { force: true });
      await rm(path, { force: true });
    } catch (error) {
      this.#parts.log.error("cannot remove what an actor has left", { path, error: errorMessage(error) });
    }
  }

  #judge({ node, results }: FoundHandIn): Promise<Judgement> {
    return new Promise((resolve, reject) => {
      if (this.#looks.isStopped) throw new Error("the driver stops");
      this.#lastKey += 1;
      this.#waiting.set(this.#lastKey, { resolve, reject });
      this.#parts.post({ kind: "take-in-results", handIn: this.#lastKey, node, ...results });
    });
  }

  /** (I2) */
  async #setAside(path: string, reason: string): Promise<void> {
    const { log } = this.#parts;
    const aside = `${path}${refusedSuffix}`;
    const hint = "its ranges are done again; remove the file once you have looked at it";
    try {
      await rename(path, aside);
      log.error("what an actor has left is refused and set aside", { path: aside, reason, hint });
    } catch (error) {
      this.#stuck.add(path);
      const { message } = error instanceof Error ? error : new Error(String(error));
      log.error("what an actor has left is refused, and can't be set aside", {
        path,
        reason,
        error: message,
        hint,
      });
    }
  }
}

function pathsOf(farm: FarmView, { superseded }: Extract<HandInVerdict, { kind: "taken" }>): string[] {
  return superseded.flatMap(({ job: number, grant, spans }) => {
    const { layout, spec } = jobViewOf(farm, number);
    return [...eachRange(spans)].map((range) =>
      outputPath({ job: number, range, grant, events: layout.locate(range) }, spec.outputSuffix),
    );
  });
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return [];
    throw error;
  });
}

function isOfSystem(error: unknown): boolean {
  return errorCode(error) !== "" && !errorCode(error).startsWith("ERR_");
}
