// Actors by the hundred, simulated by processes of their own.

import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { CrowdOrder, CrowdTally, FromCrowd, ToCrowd } from "./crowd-words.js";

const program = join(import.meta.dirname, "crowd-process.ts");
const tsx = import.meta.resolve("tsx");

/** One core is the driver's. */
const processesMax = Math.min(8, Math.max(1, availableParallelism() - 1));

export class Crowd {
  readonly #members: readonly Member[];

  private constructor(members: readonly Member[]) {
    this.#members = members;
  }

  /** Resolves when every actor has its session. */
  static async join(order: Omit<CrowdOrder, "prefix">): Promise<Crowd> {
    const processes = Math.min(processesMax, order.actors);
    const members = Array.from({ length: processes }, (_, i) => {
      const actors = Math.floor((order.actors + i) / processes);
      return new Member({ ...order, actors, mergers: i === 0 ? order.mergers : 0, prefix: `node${i + 1}` });
    });
    const crowd = new Crowd(members);
    try {
      await Promise.all(members.map((member) => member.joined()));
      return crowd;
    } catch (error) {
      await crowd.leave();
      throw error;
    }
  }

  get processes(): number {
    return this.#members.length;
  }

  /** Begins to ask for work, or goes on with it. */
  work(): void {
    for (const member of this.#members) member.say({ kind: "work" });
  }

  /** Asks for no more work, until it is told to. */
  rest(): void {
    for (const member of this.#members) member.say({ kind: "rest" });
  }

  /** What was done since the last time, process by process. Throws when an actor failed. */
  tallies(): Promise<CrowdTally[]> {
    return Promise.all(this.#members.map((member) => member.tally()));
  }

  /** Resolves when the processes are gone. */
  async leave(): Promise<void> {
    await Promise.all(this.#members.map((member) => member.leave()));
  }
}

/** One process. Answers come in the order of the questions. */
class Member {
  readonly #child: ChildProcess;
  readonly #exit: Promise<unknown>;
  readonly #waiting: {
    readonly resolve: (said: FromCrowd) => void;
    readonly reject: (error: Error) => void;
  }[] = [];
  #failure: Error | undefined;

  constructor(order: CrowdOrder) {
    this.#child = fork(program, [], { execArgv: ["--import", tsx] });
    this.#exit = once(this.#child, "exit");
    this.#child.on("message", (said: FromCrowd) => {
      if (said.kind === "failed") this.#fail(new Error(`the crowd failed: ${said.reason}`));
      else this.#waiting.shift()?.resolve(said);
    });
    this.#child.on("exit", () => this.#fail(new Error("a process of the crowd ended")));
    this.say({ kind: "join", order });
  }

  say(message: ToCrowd): void {
    if (this.#child.connected) this.#child.send(message);
  }

  async joined(): Promise<void> {
    await this.#answer();
  }

  async tally(): Promise<CrowdTally> {
    this.say({ kind: "tell" });
    const said = await this.#answer();
    if (said.kind !== "tally") throw new Error(`expected a tally, found ${said.kind}`);
    return said.tally;
  }

  async leave(): Promise<void> {
    this.say({ kind: "leave" });
    await this.#exit;
  }

  #answer(): Promise<FromCrowd> {
    const failure = this.#failure;
    if (failure !== undefined) return Promise.reject(failure);
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure);
  }
}

/** What all processes did together, a second: each has counted over its own time. */
export function ratesOf(tallies: readonly CrowdTally[]): {
  readonly granted: number;
  readonly acknowledged: number;
  readonly messages: number;
  readonly cores: number;
} {
  const rate = (count: (tally: CrowdTally) => number): number =>
    tallies.reduce((total, tally) => total + count(tally) / tally.seconds, 0);
  return {
    granted: rate((tally) => tally.rangesGranted),
    acknowledged: rate((tally) => tally.rangesAcknowledged),
    messages: rate((tally) => tally.messagesIn + tally.messagesOut),
    cores: rate((tally) => tally.cpuSeconds),
  };
}
