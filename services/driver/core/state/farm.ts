// The state of the driver: one farm of jobs and sessions. Only apply.ts writes it; everybody else gets the view.
//
//   M1. The durable part is what replaying the journal gives; the passing part (marked so below) begins empty.
//   M2. A range grant is kept while any of its ranges is held, with the spans that it was given, so that a session's end
//       costs what the session held and never a scan of the job.
//   M3. `hungry` sessions are attached, not draining, not barred, and have credit left: who is granted next is found
//       without a scan. Mergers stand in one set, actors in one for each kind of node (fleet.ts).
//   M4. `able` are the nodes where an actor could be given ranges; `sound`, those of them where the last range did not
//       fail; `barred`, those that only their quarantine keeps from being able; `drained`, those that users had given
//       nothing more; `gone`, those of the others that nobody is on. node-book.ts keeps them.
//       `mergers` are, by name and with their node, those who joined, do not leave, and are on no node that is drained.

import { present } from "../../../shared/core/assert.js";
import {
  epochNumber,
  type Epoch,
  type GrantNumber,
  type JobNumber,
  type SessionNumber,
} from "../../../shared/core/id.js";
import { kindOf, type Labels } from "../../../shared/core/labels.js";
import type { Fault } from "../facts/fact-broken.js";
import type { Reservation, SessionRole, StreamKey } from "../facts/fact.js";
import { nobodyHere, type Attendance, type AttendanceView } from "./attendance.js";
import type { ClientRequest } from "./client-requests.js";
import type { Job, JobView } from "./job.js";
import type { Node, NodeView } from "./node.js";

/** Where a session stands with its stream. Passing. */
export type Attachment =
  | { readonly kind: "away" }
  /** `credit` and `granted` are counted from the hello on, in ranges or in merge groups. */
  | {
      readonly kind: "attached";
      readonly stream: StreamKey;
      readonly credit: number;
      readonly granted: number;
      readonly draining: boolean;
      /** Its node is given nothing (node.ts, N4). */
      readonly barred: boolean;
    };

export interface Session {
  readonly number: SessionNumber;
  readonly role: SessionRole;
  readonly name: string;
  readonly incarnation: string;
  readonly node: string;
  readonly slots: number;
  readonly labels: Labels;
  /** Which kind of node it is on: its labels, in one word. Derived. */
  readonly kind: string;
  /** Range grants and merge grants that it holds. */
  readonly holds: Map<JobNumber, Set<GrantNumber>>;
  /** Ranges that it holds. Derived. */
  held: number;
  /** When its process joined; 0 when it is not known. */
  readonly joinedAtUnixMs: number;
  /** What it has done since: ranges of an actor, groups of a merger; and how many tries failed. */
  done: number;
  failed: number;
  attachment: Attachment;
  /** When the wall time of its node ends, monotonic; undefined when nobody knows. Passing. */
  endsAtMs: number | undefined;
  /** Monotonic; the lease counts from here. Passing. */
  heardAtMs: number;
  /** It had a stream to this process of the driver. Passing. */
  wasHere: boolean;
  /** Why what is done there can't be stored at present, for people; empty when nothing is in its way. Passing. */
  waitsFor: string;
}

/** Actors of one kind of node that may be lent ranges (fleet.ts, K1 and K2). */
export interface NodeKind {
  readonly name: string;
  readonly labels: Labels;
  actors: number;
  slots: number;
  held: number;
  /** By turns: whoever was given something stands last. */
  readonly hungry: Set<SessionNumber>;
  readonly sated: Set<SessionNumber>;
}

export interface Farm {
  epoch: Epoch;
  /** Name of the run; empty before the first driver. */
  run: string;
  lastJob: number;
  lastSession: number;
  /** How many facts were about any job. Derived. */
  revision: number;
  readonly jobs: Map<JobNumber, Job>;
  /** Jobs that have ranges or groups to be seen to, in the order in which they are served (live-jobs.ts). */
  readonly live: Set<JobNumber>;
  readonly requests: Map<string, ClientRequest>;
  readonly sessions: Map<SessionNumber, Session>;
  /** Nodes that somebody is on, that are drained, or that something is held against. */
  readonly nodes: Map<string, Node>;
  /** Passing, like the next four (M4). */
  readonly able: Set<string>;
  readonly sound: Set<string>;
  readonly barred: Set<string>;
  readonly drained: Set<string>;
  readonly gone: Set<string>;
  /** Sessions by role and name, of which each may have one. */
  readonly names: Map<string, SessionNumber>;
  /** Passing. */
  readonly streams: Map<StreamKey, SessionNumber>;
  /** Passing (M4). */
  readonly mergers: Map<string, string>;
  /** Mergers. Passing (M3). */
  readonly hungry: Set<SessionNumber>;
  /** Passing (M3). */
  readonly kinds: Map<string, NodeKind>;
  /** Those kinds that have anybody hungry. Passing (M3). */
  readonly hungryKinds: Set<NodeKind>;
  /** Passing. */
  readonly attendance: Attendance;
  /** When the clock was last read by a tick: a long gap is a stall. Passing. */
  tickedAtMs: number | undefined;
  /** Passing. */
  reserved: Reservation | undefined;
  /** Of jobs that are out of service, and of which no fact says so yet (apply/contain.ts). Passing. */
  readonly faults: Map<JobNumber, Fault>;
}

export type SessionView = Readonly<Omit<Session, "holds">> & {
  readonly holds: ReadonlyMap<JobNumber, ReadonlySet<GrantNumber>>;
};

export interface NodeKindView extends Readonly<Omit<NodeKind, "hungry" | "sated">> {
  readonly hungry: ReadonlySet<SessionNumber>;
  readonly sated: ReadonlySet<SessionNumber>;
}

/** The farm as decisions see it. */
export interface FarmView {
  readonly epoch: Epoch;
  readonly run: string;
  readonly lastJob: number;
  readonly lastSession: number;
  readonly revision: number;
  readonly jobs: ReadonlyMap<JobNumber, JobView>;
  readonly live: ReadonlySet<JobNumber>;
  readonly requests: ReadonlyMap<string, ClientRequest>;
  readonly sessions: ReadonlyMap<SessionNumber, SessionView>;
  readonly nodes: ReadonlyMap<string, NodeView>;
  readonly able: ReadonlySet<string>;
  readonly sound: ReadonlySet<string>;
  readonly barred: ReadonlySet<string>;
  readonly drained: ReadonlySet<string>;
  readonly gone: ReadonlySet<string>;
  readonly names: ReadonlyMap<string, SessionNumber>;
  readonly streams: ReadonlyMap<StreamKey, SessionNumber>;
  readonly mergers: ReadonlyMap<string, string>;
  readonly hungry: ReadonlySet<SessionNumber>;
  readonly kinds: ReadonlyMap<string, NodeKindView>;
  readonly hungryKinds: ReadonlySet<NodeKindView>;
  readonly attendance: AttendanceView;
  readonly tickedAtMs: number | undefined;
  readonly reserved: Reservation | undefined;
  readonly faults: ReadonlyMap<JobNumber, Fault>;
}

export function emptyFarm(): Farm {
  return {
    epoch: epochNumber(0),
    run: "",
    lastJob: 0,
    lastSession: 0,
    revision: 0,
    jobs: new Map(),
    live: new Set(),
    requests: new Map(),
    sessions: new Map(),
    nodes: new Map(),
    able: new Set(),
    sound: new Set(),
    barred: new Set(),
    drained: new Set(),
    gone: new Set(),
    names: new Map(),
    streams: new Map(),
    mergers: new Map(),
    hungry: new Set(),
    kinds: new Map(),
    hungryKinds: new Set(),
    attendance: nobodyHere(),
    tickedAtMs: undefined,
    reserved: undefined,
    faults: new Map(),
  };
}

/** A session that is not attached yet. */
export function newSession(who: Pick<Session, SessionIdentity>, holds: Session["holds"]): Session {
  const { number, role, name, incarnation, node, slots, labels, joinedAtUnixMs } = who;
  return {
    ...{ number, role, name, incarnation, node, slots, labels, joinedAtUnixMs },
    kind: kindOf(labels),
    holds,
    held: 0,
    done: 0,
    failed: 0,
    attachment: { kind: "away" },
    endsAtMs: undefined,
    heardAtMs: 0,
    wasHere: false,
    waitsFor: "",
  };
}

/** What a hello says of who joins. */
type SessionIdentity =
  "number" | "role" | "name" | "incarnation" | "node" | "slots" | "labels" | "joinedAtUnixMs";

/** Key of `names`. */
export function sessionKey(role: SessionRole, name: string): string {
  return `${role}/${name}`;
}

/** The session that a stream belongs to, or undefined when the stream has none, or no longer. */
export function sessionOfStream(farm: FarmView, stream: StreamKey): SessionView | undefined {
  const session = farm.streams.get(stream);
  return session === undefined ? undefined : farm.sessions.get(session);
}

export function jobOf(farm: Farm, job: JobNumber): Job {
  return present(farm.jobs.get(job), `job ${String(job)}`);
}

export function jobViewOf(farm: FarmView, job: JobNumber): JobView {
  return present(farm.jobs.get(job), `job ${String(job)}`);
}

/** What is told to whoever names a job that there is not. */
export function unknownJob({ lastJob }: FarmView, job: number): string {
  const known = lastJob === 0 ? "no job was submitted yet" : `jobs are numbered from 1 to ${lastJob}`;
  return `expected the number of a job of this run, found ${job}: ${known}`;
}

export function sessionViewOf(farm: FarmView, session: SessionNumber): SessionView {
  return present(farm.sessions.get(session), `session ${String(session)}`);
}

/** How much more a session may be granted. */
export function creditLeft(session: SessionView): number {
  const { attachment } = session;
  if (attachment.kind === "away" || attachment.draining || attachment.barred) return 0;
  return attachment.credit - attachment.granted;
}
