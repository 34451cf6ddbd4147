// What an onlooker of a simulated world sees: words on wires, frames on the disk, files, and what clients are told. The
// oracles and the transcript know nothing else.

import type {
  ActorMessage,
  DriverWord as WordToActor,
  RangeResults,
} from "../../services/actor/core/message.js";
import type { Command } from "../../services/driver/core/facts/command.js";
import type { NodeAnswer } from "../../services/driver/core/facts/fact-node.js";
import type {
  AddAnswer,
  ControlAnswer,
  DurableFact,
  GrantedSpans,
  SubmitAnswer,
} from "../../services/driver/core/facts/fact.js";
import type { Explanation, Question, Unknown } from "../../services/driver/core/explain/explanation.js";
import type { WholeReport } from "../../services/shared/core/whole-report.js";
import type { JobStatus } from "../../services/driver/core/status.js";
import type { Failure } from "../../services/shared/core/failure.js";
import type { JobNumber } from "../../services/shared/core/id.js";
import type {
  DriverWord as WordToMerger,
  MergeGrant,
  MergerMessage,
} from "../../services/merger/core/message.js";
import type { OutputCopy, SimFile } from "./sim-file.js";

/** A process of an actor or a merger. */
export interface Peer {
  readonly role: "actor" | "merger";
  readonly name: string;
  readonly incarnation: string;
  readonly node: string;
}

/** What a peer says. */
export type Said =
  | { readonly role: "actor"; readonly message: ActorMessage }
  | { readonly role: "merger"; readonly message: MergerMessage };

/** What the driver says to a peer. */
export type Word =
  | { readonly role: "actor"; readonly word: WordToActor }
  | { readonly role: "merger"; readonly word: WordToMerger };

type Replied = Extract<Command, { kind: "submit-job" | "control-job" | "add-ranges" | "control-node" }>;

/** What a client asks of the driver, under a request id. */
export type ClientAsking = {
  [Kind in Replied["kind"]]: Omit<Extract<Replied, { kind: Kind }>, "reply">;
}[Replied["kind"]];

/** What it is told. */
export type ClientAnswer = SubmitAnswer | ControlAnswer | AddAnswer | NodeAnswer;

export type Sighting =
  | { readonly kind: "driver-started"; readonly epoch: number }
  | { readonly kind: "driver-died"; readonly epoch: number; readonly why: string }
  /** Another driver has claimed the workdir: those before it are replaced. */
  | { readonly kind: "driver-claimed"; readonly epoch: number }
  /** A stopped process goes on. */
  | { readonly kind: "resumed"; readonly who: string }
  /** Something was written to the journal, and is not synced. */
  | { readonly kind: "frame-written"; readonly bytes: number }
  /** A frame of the journal is durable. */
  | { readonly kind: "facts-durable"; readonly facts: readonly DurableFact[] }
  /** A driver has read the journal: a snapshot, if one was there, and all facts since; else all facts, from the first on. */
  | {
      readonly kind: "facts-recovered";
      readonly facts: readonly DurableFact[];
      readonly isFromSnapshot: boolean;
      /** What is durable of the farm that they gave. */
      readonly state: unknown;
      /** What facts alone would have given. */
      readonly stateAfter: (facts: readonly DurableFact[]) => unknown;
    }
  | { readonly kind: "peer-began" | "peer-died"; readonly peer: Peer; readonly why: string }
  | {
      readonly kind: "peer-said" | "driver-heard";
      readonly stream: number;
      /** Of the driver at the other end. */
      readonly epoch: number;
      readonly peer: Peer;
      readonly said: Said;
    }
  | {
      readonly kind: "driver-said" | "peer-heard";
      readonly stream: number;
      readonly epoch: number;
      readonly peer: Peer;
      readonly word: Word;
    }
  /** The driver's end of a stream is closed; `code` is gRPC's. */
  | { readonly kind: "stream-closed"; readonly stream: number; readonly peer: Peer; readonly code: number }
  | { readonly kind: "stream-ended"; readonly stream: number; readonly peer: Peer; readonly why: string }
  /** A driver has taken in what the peer had left, and nothing of it is lost any more. */
  | {
      readonly kind: "hand-in-taken";
      readonly peer: Peer;
      readonly messages: readonly RangeResults[];
      readonly superseded: readonly GrantedSpans[];
    }
  | { readonly kind: "payload-began"; readonly peer: Peer; readonly copy: OutputCopy }
  | {
      readonly kind: "payload-failed";
      readonly peer: Peer;
      readonly copy: OutputCopy;
      readonly failure: Failure;
    }
  | {
      readonly kind: "merge-tried";
      readonly peer: Peer;
      readonly merge: MergeGrant;
      readonly failed: boolean;
    }
  | { readonly kind: "file-written"; readonly path: string; readonly file: SimFile }
  /** All or part of it; with the node that wrote it, or for no reason. */
  | { readonly kind: "file-lost"; readonly path: string; readonly file: SimFile; readonly isOfNode: boolean }
  | { readonly kind: "file-removed"; readonly path: string; readonly file: SimFile; readonly by: string }
  | {
      readonly kind: "file-renamed";
      readonly from: string;
      readonly to: string;
      readonly file: SimFile;
      /** What had the name before. */
      readonly replaced: SimFile | undefined;
    }
  | { readonly kind: "client-asked"; readonly asking: ClientAsking }
  | { readonly kind: "client-told"; readonly asking: ClientAsking; readonly answer: ClientAnswer }
  | { readonly kind: "client-shown"; readonly status: JobStatus }
  /** Why something is as it is. */
  | { readonly kind: "client-explained"; readonly question: Question; readonly answer: Explanation | Unknown }
  | { readonly kind: "report-written"; readonly job: JobNumber; readonly report: WholeReport }
  | { readonly kind: "fault"; readonly fault: FaultKind; readonly what: string };

export const faultKinds = [
  "stream-broken",
  "partition",
  "message-overtaken",
  "message-repeated",
  "message-lost",
  "driver-crash",
  "driver-pause",
  "driver-takeover",
  "torn-frame",
  "journal-stall",
  "journal-error",
  "disk-full",
  "actor-crash",
  "merger-crash",
  "peer-pause",
  "node-lost",
  "drain",
  "left-behind",
  "twin",
  "payload-failure",
  "slow-event",
  "poison",
  "output-damaged",
  "file-late",
  "allocation-end",
  "merge-failure",
] as const;
export type FaultKind = (typeof faultKinds)[number];

/** Shows something to whoever looks on. */
export type Sight = (sighting: Sighting) => void;
