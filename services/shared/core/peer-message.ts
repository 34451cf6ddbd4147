// What an actor and a merger have in common of what they say to the driver, and hear of it.

import type { Epoch, JobNumber, SessionNumber } from "./id.js";
import type { InputFile, JobSpec } from "./job-spec.js";

/** Which process it is, so that the driver may see on its own machine, or ask Slurm, whether it is gone. */
export interface ProcessFacts {
  /** Of the machine's present boot, of the namespace of process numbers in it, and when the process began there. */
  readonly bootId: string;
  readonly namespace: string;
  readonly pid: number;
  readonly startTime: string;
  /** Slurm's names for where it runs; each is empty when Slurm did not start it. */
  readonly slurmCluster: string;
  readonly slurmJob: string;
  readonly slurmNode: string;
}

/** The machine that an actor or a merger runs on. */
export interface NodeFacts {
  /** Host name. */
  readonly name: string;
  /** Cores that the process may use. */
  readonly cores: number;
  readonly labels: Readonly<Record<string, string>>;
  /** Undefined when the system does not tell. */
  readonly process: ProcessFacts | undefined;
}

/** Letters of the sentence in which a heartbeat says why what is done can't be stored. */
export const waitsForMax = 500;

/** What every hello says, besides what is held; `more` says that another hello adds to it. */
export interface PeerHello {
  readonly kind: "hello";
  readonly incarnation: string;
  /** The highest one met; undefined when none was. */
  readonly epoch: Epoch | undefined;
  readonly node: NodeFacts;
  readonly slots: number;
  readonly more: boolean;
}

/** Said by both. */
export type PeerMessage =
  | { readonly kind: "demand"; readonly credit: number }
  | { readonly kind: "heartbeat" }
  | { readonly kind: "draining"; readonly reason: string };

/** The driver's answer to a hello. */
export interface Welcome {
  readonly kind: "welcome";
  readonly session: SessionNumber;
  readonly run: string;
  /** How long results may be gathered. */
  readonly flushIntervalMs: number;
  /** How often to speak when there is nothing to say. */
  readonly heartbeatIntervalMs: number;
  /** What the session holds returns when nothing was heard of it for so long. */
  readonly leaseMs: number;
}

/** Said by the driver to both. */
export type PeerWord =
  | Welcome
  | { readonly kind: "open-job"; readonly job: JobNumber; readonly spec: JobSpec }
  /** The job has more inputs; its first ones are those of the spec. */
  | {
      readonly kind: "extend-job";
      readonly job: JobNumber;
      /** Number of the first of them. */
      readonly firstInput: number;
      readonly inputs: readonly InputFile[];
    }
  | { readonly kind: "close-job"; readonly job: JobNumber }
  | { readonly kind: "drain"; readonly reason: string; readonly graceMs: number }
  /** What waits is to go back; what runs goes on, and the peer stays. */
  | { readonly kind: "hand-back"; readonly reason: string };
