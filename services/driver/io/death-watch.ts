// Actors and mergers whose stream broke without a farewell: when their process is surely gone, their session ends at once,
// and nobody waits for its lease (L21).
//
//   W1. Only proof counts: the process was on this very machine and is there no more, or Slurm says that its job is over or
//       has lost its node. What can't be seen, and a look that fails, proves nothing: then the lease tells.
//   W2. A look is taken soon after a stream broke, and then rarely, at all who are away together: Slurm is asked once.
//   W3. What the dead have left in the workdir is taken in before their sessions end: who left something was asked to
//       stop, and did not die of what it ran.
//   W4. Nothing is remembered of who is back, or whose session is over. One that was away before this driver started is
//       not watched: it said nothing of its process yet.

import { unreachable } from "../../shared/core/assert.js";
import type { ProcessFacts } from "../../shared/core/peer-message.js";
import { errorMessage } from "../../shared/io/error-code.js";
import type { Logger } from "../../shared/io/logger.js";
import type { SlurmPlace } from "../../shared/io/node-facts.js";
import { processes as thisMachine, type Processes } from "../../shared/io/process-identity.js";
import { Looks } from "./looks.js";
import type { Command } from "../core/facts/command.js";
import type { SessionRole, StreamKey } from "../core/facts/fact.js";
import { sessionKey, type FarmView } from "../core/state/farm.js";
import type { AskSlurm, SlurmJob } from "./slurm-jobs.js";

/** Whose stream broke. */
export interface LostPeer {
  readonly stream: StreamKey;
  readonly role: SessionRole;
  readonly name: string;
  readonly incarnation: string;
  readonly node: string;
  readonly process: ProcessFacts;
}

/** How it ended, and what proves it, in a sentence. */
type Death = Pick<Extract<Command, { kind: "end-lost-session" }>, "how" | "reason">;

export interface DeathWatchParts {
  /** The farm as it is committed, to be read at once and not kept. */
  readonly read: <Answer>(question: (farm: FarmView) => Answer) => Promise<Answer>;
  readonly post: (command: Command) => void;
  readonly log: Logger;
  /** Takes in what is left in the workdir at present (W3). */
  readonly takeIn: () => Promise<void>;
  /** Where Slurm started the driver. */
  readonly slurm: SlurmPlace;
  readonly askSlurm: AskSlurm;
  /** Default: this machine's. */
  readonly processes?: Processes;
}

/** So soon after a stream broke: the system may still be clearing away, and most who lose a stream are back by then. */
const soonMs = 2_000;
/** So often while somebody is away. */
const rarelyMs = 30_000;
/** Slurm jobs that are asked after in one call, besides the driver's. */
const slurmJobsMax = 64;

export class DeathWatch {
  readonly #parts: DeathWatchParts;
  /** By session key. */
  readonly #away = new Map<string, LostPeer>();
  readonly #stop = new AbortController();
  readonly #looks = new Looks(
    () => this.#lookOnce(),
    () => (this.#away.size > 0 ? rarelyMs : undefined),
  );

  constructor(parts: DeathWatchParts) {
    this.#parts = parts;
  }

  /** Watches it until it is back, dead or given up. */
  watch(peer: LostPeer): void {
    this.#away.set(sessionKey(peer.role, peer.name), peer);
    this.#looks.takeIn(soonMs);
  }

  /** Looks at all who are away (W2). Never rejects. */
  look(): Promise<void> {
    return this.#looks.take();
  }

  /** Nothing is waited for, and nothing follows: a look that is under way comes to nothing. */
  stop(): void {
    this.#stop.abort(new Error("the driver stops"));
    this.#looks.stop();
  }

  async #lookOnce(): Promise<void> {
    const { read, post, log, takeIn } = this.#parts;
    try {
      const known = [...this.#away.values()];
      const away = await read((farm) => known.filter((peer) => isAway(farm, peer)));
      for (const peer of known) if (!away.includes(peer)) this.#forget(peer); // (W4)
      const jobs = await this.#askSlurm(away);
      const dead = away.flatMap((peer) => {
        const death = this.#proofOf(peer, jobs);
        return death === undefined ? [] : [{ peer, death }];
      });
      if (dead.length === 0) return;
      await takeIn(); // (W3)
      this.#stop.signal.throwIfAborted();
      for (const { peer, death } of dead) {
        const { role, name, incarnation } = peer;
        post({ kind: "end-lost-session", role, name, incarnation, ...death });
        this.#forget(peer);
      }
    } catch (error) {
      if (!this.#stop.signal.aborted)
        log.error("cannot look whether lost actors and mergers live", { error: errorMessage(error) });
    }
  }

  #forget(peer: LostPeer): void {
    const key = sessionKey(peer.role, peer.name);
    if (this.#away.get(key) === peer) this.#away.delete(key);
  }

  /** Nothing, when there is no Slurm or it does not answer (W1). */
  async #askSlurm(away: readonly LostPeer[]): Promise<ReadonlyMap<string, SlurmJob>> {
    const { slurm, askSlurm, log } = this.#parts;
    const jobs = new Set(
      away.filter((peer) => isOfSlurm(peer, slurm)).map(({ process }) => process.slurmJob),
    );
    if (slurm.slurmJob === "" || jobs.size === 0) return new Map();
    // With the driver's own there, the answer is one about Slurm, and not about a job that it has forgotten.
    const some = new Set([slurm.slurmJob, ...[...jobs].slice(0, slurmJobsMax)]);
    try {
      return await askSlurm([...some], this.#stop.signal);
    } catch (error) {
      log.warn("Slurm does not tell of lost nodes; their leases will", { error: errorMessage(error) });
      return new Map();
    }
  }

  /** Undefined when it is not sure that it is gone (W1). */
  #proofOf(peer: LostPeer, jobs: ReadonlyMap<string, SlurmJob>): Death | undefined {
    return this.#proofHere(peer) ?? proofOfSlurm(peer, this.#parts.slurm, jobs);
  }

  #proofHere({ node, process: { bootId, namespace, pid, startTime } }: LostPeer): Death | undefined {
    const processes = this.#parts.processes ?? thisMachine;
    if (bootId !== processes.bootId() || namespace !== processes.namespace()) return undefined;
    const isThere = processes.startTimeOf(pid) === startTime;
    if (isThere) return undefined;
    return { how: "died", reason: `its process ${pid} on node ${node} is no more` };
  }
}

/** A session that was given a newer stream is back; one whose broken stream is still in its place is about to be away. */
function isAway(farm: FarmView, { role, name, incarnation, stream }: LostPeer): boolean {
  const number = farm.names.get(sessionKey(role, name));
  const session = number === undefined ? undefined : farm.sessions.get(number);
  if (session?.incarnation !== incarnation) return false;
  return session.attachment.kind === "away" || session.attachment.stream === stream;
}

/** A job's number is Slurm's only in its own cluster. What a peer says comes into a command line: it is to be a number. */
function isOfSlurm({ process }: LostPeer, slurm: SlurmPlace): boolean {
  return /^\d{1,12}$/.test(process.slurmJob) && process.slurmCluster === slurm.slurmCluster;
}

function proofOfSlurm(
  peer: LostPeer,
  slurm: SlurmPlace,
  jobs: ReadonlyMap<string, SlurmJob>,
): Death | undefined {
  const { slurmJob, slurmNode } = peer.process;
  const job = isOfSlurm(peer, slurm) ? jobs.get(slurmJob) : undefined;
  if (job === undefined) return undefined;
  switch (job.kind) {
    case "over":
      // Else its time was up, or somebody wanted the nodes: nothing that ran there is the reason.
      return {
        how: job.state === "NODE_FAIL" ? "died" : "left",
        reason: `Slurm job ${slurmJob} is over (${job.state})`,
      };
    case "running":
      if (slurmNode === "" || job.nodes.has(slurmNode)) return undefined;
      return { how: "died", reason: `Slurm job ${slurmJob} has lost node ${slurmNode}` };
    default:
      return unreachable(job);
  }
}
