// What of the state is durable: the one list. A field that is added to a farm, a job or a session does not compile before
// it stands here, and one that is called durable does not compile before snapshots keep it (io/journal/journal-codec-state.ts).
//
//   durable   written into snapshots
//   derived   follows from what is written
//   passing   ends with the driver's process, and begins empty (farm.ts, M1)

import type { Farm, Session } from "./farm.js";
import type { FailureLog, Job, RangeGrant } from "./job.js";
import type { MergeGroup } from "./merge-group.js";

type Fate = "durable" | "derived" | "passing";

export const farmFields = {
  epoch: "durable",
  run: "durable",
  lastJob: "durable",
  lastSession: "durable",
  revision: "derived",
  jobs: "durable",
  live: "durable",
  requests: "durable",
  sessions: "durable",
  nodes: "durable",
  able: "passing",
  sound: "passing",
  barred: "passing",
  drained: "passing",
  gone: "passing",
  names: "derived",
  streams: "passing",
  mergers: "passing",
  hungry: "passing",
  kinds: "passing",
  hungryKinds: "passing",
  attendance: "passing",
  tickedAtMs: "passing",
  reserved: "passing",
  faults: "passing",
} as const satisfies Record<keyof Farm, Fate>;

export const jobFields = {
  number: "durable",
  requestId: "durable",
  spec: "durable",
  layout: "durable",
  intake: "durable",
  submittedAtUnixMs: "durable",
  sequence: "durable",
  revision: "durable",
  stage: "durable",
  lastGrant: "durable",
  lastGroup: "durable",
  table: "durable",
  ready: "durable",
  room: "derived",
  trials: "durable",
  hasSucceeded: "durable",
  unmerged: "durable",
  waitsSinceMs: "passing",
  grants: "durable",
  copies: "durable",
  copiesMade: "durable",
  copiesWon: "durable",
  rangeGroups: "derived",
  groups: "durable",
  groupsWaiting: "durable",
  groupsOpen: "durable",
  filesMerged: "derived",
  groupsFailed: "derived",
  failures: "durable",
  voided: "durable",
  losses: "durable",
  revived: "durable",
  eventsDone: "durable",
  times: "durable",
  crew: "passing",
  ages: "passing",
  paces: "passing",
} as const satisfies Record<keyof Job, Fate>;

export const sessionFields = {
  number: "durable",
  role: "durable",
  name: "durable",
  incarnation: "durable",
  node: "durable",
  slots: "durable",
  labels: "durable",
  kind: "derived",
  holds: "durable",
  held: "derived",
  joinedAtUnixMs: "durable",
  done: "durable",
  failed: "durable",
  attachment: "passing",
  endsAtMs: "passing",
  heardAtMs: "passing",
  wasHere: "passing",
  waitsFor: "passing",
} as const satisfies Record<keyof Session, Fate>;

export const grantFields = {
  session: "durable",
  spans: "durable",
  left: "durable",
  alone: "durable",
  ahead: "passing",
} as const satisfies Record<keyof RangeGrant, Fate>;

export const groupFields = {
  number: "durable",
  spans: "durable",
  stage: "durable",
  attemptsUsed: "durable",
  failedOn: "durable",
} as const satisfies Record<keyof MergeGroup, Fate>;

export const failureLogFields = {
  records: "durable",
  counted: "durable",
  final: "durable",
  finalOn: "durable",
  fatalNodes: "durable",
} as const satisfies Record<keyof FailureLog, Fate>;

/** The fields of a list that are durable. */
export type Durable<Fields> = {
  [Field in keyof Fields]: Fields[Field] extends "durable" ? Field : never;
}[keyof Fields];
