// Calls that would each be welcome, and are too many.

import type { ClientHttp2Session, ClientHttp2Stream } from "node:http2";
import { sleep, systemClock } from "../../services/shared/io/system-clock.js";
import { specToWire } from "../../services/shared/io/wire-types.js";
import { aSpec } from "../../services/driver/core/testing/testing-spec.js";
import { actorRequest, submission } from "../../services/driver/io/wire-test-bytes.js";
import { Tally, type Attack, type Outcome } from "./attack.js";
import { connection, ending, framed, open, pour, type Door, type Ending } from "./connection.js";

const never = new AbortController().signal;
type ClientRole = Parameters<typeof connection>[1];

interface Flood {
  readonly role: ClientRole;
  readonly path: string;
  readonly connections: number;
  /** In all. */
  readonly perSecond: number;
  readonly body: (i: number) => Buffer;
}

/** So many calls a second are begun, whatever becomes of them. */
async function calls(
  door: Door,
  seconds: number,
  { role, path, connections, perSecond, body }: Flood,
): Promise<Outcome> {
  const sessions = Array.from({ length: connections }, () => connection(door, role));
  const tally = new Tally();
  const beganAtMs = systemClock.nowMs();
  let begun = 0;
  let over = 0;
  while (systemClock.nowMs() < beganAtMs + 1_000 * seconds) {
    const due = ((systemClock.nowMs() - beganAtMs) / 1_000) * perSecond;
    for (let some = 0; begun < due && some < 500; some += 1) {
      const at = begun % connections;
      let session = sessions[at];
      if (session === undefined || session.destroyed || session.closed) {
        tally.add("connections let go");
        session = sessions[at] = connection(door, role);
      }
      const stream = open(session, path);
      stream.end(framed(body(begun)));
      void ending(stream, 60_000).then(({ told }) => {
        tally.add(told);
        over += 1;
      });
      begun += 1;
    }
    await sleep(1, never);
  }
  const took = (systemClock.nowMs() - beganAtMs) / 1_000;
  const did = `${Math.round(begun / took)} a second begun on ${connections} connections, ${Math.round(over / took)} a second ended: ${tally.text()}`;
  return { did, findings: [] };
}

interface Crowd {
  readonly role: ClientRole;
  readonly path: string;
  readonly streams: number;
  readonly connections: number;
  readonly body: (i: number) => Buffer;
  readonly isReading: boolean;
}

/** Streams that stay open. */
async function streams(
  door: Door,
  seconds: number,
  { role, path, streams: count, connections, body, isReading }: Crowd,
): Promise<Outcome> {
  const sessions: ClientHttp2Session[] = Array.from({ length: connections }, () => connection(door, role));
  const tally = new Tally();
  const all: ClientHttp2Stream[] = [];
  const untilMs = systemClock.nowMs() + 1_000 * seconds;
  for (let i = 0; i < count; i += 1) {
    const session = sessions[i % connections];
    if (session === undefined || session.destroyed) continue;
    const stream = open(session, path);
    all.push(stream);
    stream.write(framed(body(i)));
    if (role === "reader") stream.end();
    if (isReading) void ending(stream, 600_000).then(({ told }) => tally.add(told));
    else stream.on("close", () => tally.add(`ended with ${stream.rstCode}`));
    if (i % 100 === 0) await sleep(0, never);
  }
  while (systemClock.nowMs() < untilMs) await sleep(100, never);
  const still = all.filter((stream) => !stream.destroyed).length;
  return {
    did: `${all.length} streams on ${connections} connections, ${still} open at the end: ${tally.text()}`,
    findings: [],
  };
}

/** One session that says so much that it is never silent. */
async function talker(door: Door, seconds: number, words: Buffer): Promise<Outcome> {
  const session = connection(door, "actor");
  const stream = open(session, "/noctua.v1.ActorService/ActorSession");
  const ended = ending(stream, 60_000);
  stream.write(framed(actorRequest.hello("talker", false)));
  return pouring(stream, { words, ended, seconds });
}

/** One that never comes to the end of its hello. */
function piecesOfHello(door: Door, seconds: number): Promise<Outcome> {
  const stream = open(connection(door, "actor"), join.path);
  const ended = ending(stream, 60_000);
  return pouring(stream, { words: actorRequest.hello("pieces", true), ended, seconds });
}

interface Pouring {
  readonly words: Buffer;
  readonly ended: Promise<Ending>;
  readonly seconds: number;
}

async function pouring(stream: ClientHttp2Stream, { words, ended, seconds }: Pouring): Promise<Outcome> {
  const count = Math.ceil(60_000 / (words.length + 5));
  const many = Buffer.concat(Array.from({ length: count }, () => framed(words)));
  const untilMs = systemClock.nowMs() + 1_000 * seconds;
  let said = 0;
  const next = (): Buffer => {
    said += count;
    return many;
  };
  await pour(stream, next, () => systemClock.nowMs() > untilMs);
  const end = stream.destroyed ? `: ${(await ended).told}` : "";
  return { did: `${said} messages written${end}`, findings: [] };
}

const job1 = Buffer.from([0x08, 1]);
const service = "/noctua.v1.JobService";
const getJob = { role: "reader", path: `${service}/GetJob`, body: () => job1 } as const;
const watch = { role: "reader", path: `${service}/WatchJob`, body: () => job1, isReading: true } as const;
const watchAll = {
  role: "reader",
  path: `${service}/WatchJobs`,
  body: () => Buffer.alloc(0),
  isReading: false,
} as const;
const join = {
  role: "actor",
  path: "/noctua.v1.ActorService/ActorSession",
  body: (i: number) => actorRequest.hello(`crowd-${i}`, false),
} as const;
const spec = specToWire(aSpec({ name: "flood", inputs: [10], outputs: "none", priority: -5 }));

const named = (
  name: string,
  run: (door: Door, seconds: number, seed: number) => Promise<Outcome>,
): Attack => ({
  name,
  run: (door, { seconds, seed }) => run(door, seconds, seed),
});

export const floods: readonly Attack[] = [
  named("calls", (door, seconds) => calls(door, seconds, { ...getJob, connections: 1, perSecond: 10_000 })),
  named("calls-of-many", (door, seconds) =>
    calls(door, seconds, { ...getJob, connections: 50, perSecond: 10_000 }),
  ),
  named("explain", (door, seconds) =>
    calls(door, seconds, { ...getJob, path: `${service}/Explain`, connections: 5, perSecond: 10_000 }),
  ),
  named("submits", (door, seconds, seed) =>
    calls(door, seconds, {
      role: "writer",
      path: `${service}/SubmitJob`,
      connections: 1,
      perSecond: 2_000,
      body: (i) => submission({ requestId: `flood ${seed} ${i}`, spec }),
    }),
  ),
  named("lists", (door, seconds) =>
    calls(door, seconds, {
      role: "reader",
      path: `${service}/ListJobs`,
      connections: 4,
      perSecond: 10_000,
      body: () => Buffer.from([0x08, 0xe8, 0x07]),
    }),
  ),
  named("watches", (door, seconds) => streams(door, seconds, { ...watch, streams: 10_000, connections: 1 })),
  named("watches-of-many", (door, seconds) =>
    streams(door, seconds, { ...watch, streams: 10_000, connections: 50 }),
  ),
  named("watches-unread", (door, seconds) =>
    streams(door, seconds, { ...watchAll, streams: 1_000, connections: 10 }),
  ),
  named("sessions", (door, seconds) =>
    streams(door, seconds, { ...join, streams: 10_000, connections: 1, isReading: true }),
  ),
  named("sessions-of-many", (door, seconds) =>
    streams(door, seconds, { ...join, streams: 10_000, connections: 50, isReading: false }),
  ),
  named("heartbeats", (door, seconds) => talker(door, seconds, actorRequest.heartbeat)),
  named("demands", (door, seconds) => talker(door, seconds, actorRequest.demand)),
  named("empty-results", (door, seconds) => talker(door, seconds, actorRequest.results)),
  named("pieces-of-a-hello", (door, seconds) => piecesOfHello(door, seconds)),
];
