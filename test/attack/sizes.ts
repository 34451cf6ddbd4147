// Messages that are large, dense, compressed, slow or never whole.

import { gzipSync } from "node:zlib";
import { sleep, systemClock } from "../../services/shared/io/system-clock.js";
import { messageBytesMax } from "../../services/shared/io/trust/limits.js";
import { Tally, type Attack, type Outcome } from "./attack.js";
import { connection, ending, framed, open, pour, type Door } from "./connection.js";

const submit = "/noctua.v1.JobService/SubmitJob";
const never = new AbortController().signal;

/** A field of a message that holds others. */
function field(number: number, content: Buffer): Buffer {
  const head = [(number << 3) | 2];
  for (let left = content.length; ; left = Math.floor(left / 128)) {
    head.push(left > 127 ? (left % 128) | 128 : left);
    if (left <= 127) return Buffer.concat([Buffer.from(head), content]);
  }
}

const megabyte = 2 ** 20;

interface Sent {
  readonly what: string;
  readonly bytes: () => Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  readonly told: RegExp;
}

const pad = (size: number): Buffer => field(1, Buffer.alloc(size - 6, 0x78));
const inputs = (count: number): Buffer => field(2, Buffer.alloc(2 * count, Buffer.from([0x1a, 0])));

const sent: readonly Sent[] = [
  { what: "4 MB", bytes: () => framed(pad(4 * megabyte - 1)), told: /^INVALID_ARGUMENT$/ },
  { what: "4 MB and a byte", bytes: () => framed(pad(4 * megabyte + 1)), told: /^INVALID_ARGUMENT$/ },
  { what: "as much as may be", bytes: () => framed(pad(messageBytesMax - 10)), told: /^INVALID_ARGUMENT$/ },
  { what: "a byte more", bytes: () => framed(pad(messageBytesMax + 10)), told: /^RESOURCE_EXHAUSTED$/ },
  {
    what: "1 GB, told and not sent",
    bytes: () => framed(Buffer.alloc(0), 0, 2 ** 30),
    told: /^RESOURCE_EXHAUSTED$/,
  },
  {
    what: "4 GB, told and not sent",
    bytes: () => framed(Buffer.alloc(0), 0, 2 ** 32 - 1),
    told: /^RESOURCE_EXHAUSTED$/,
  },
  {
    what: "1 million empty inputs",
    bytes: () => framed(inputs(1_000_000)),
    told: /^(?:INVALID_ARGUMENT|RESOURCE_EXHAUSTED)$/,
  },
  {
    what: "30 million empty inputs",
    bytes: () => framed(inputs(30_000_000)),
    told: /^(?:INVALID_ARGUMENT|RESOURCE_EXHAUSTED)$/,
  },
  {
    what: "zeros of 60 MB, compressed",
    bytes: () => framed(gzipSync(Buffer.alloc(60 * megabyte)), 1),
    headers: { "grpc-encoding": "gzip" },
    told: /^UNIMPLEMENTED$/,
  },
  {
    what: "zeros of 1 GB, compressed",
    bytes: () => framed(gzipSync(Buffer.alloc(2 ** 30)), 1),
    headers: { "grpc-encoding": "gzip" },
    told: /^UNIMPLEMENTED$/,
  },
];

async function sizes(door: Door): Promise<Outcome> {
  const findings: string[] = [];
  const lines: string[] = [];
  for (const { what, bytes, headers, told } of sent) {
    const session = connection(door, "writer");
    const stream = open(session, submit, headers);
    stream.end(bytes());
    const beganAtMs = systemClock.nowMs();
    const found = await ending(stream, 20_000);
    lines.push(`${what}: ${found.told} after ${Math.round(systemClock.nowMs() - beganAtMs)} ms`);
    if (!told.test(found.told)) findings.push(`${what}: found ${found.told}: ${found.details}`);
    session.destroy();
  }
  return { did: lines.join("; "), findings };
}

/** 1 GB in one stream, as fast as it is taken. */
async function gigabyte(door: Door): Promise<Outcome> {
  const session = connection(door, "actor");
  const stream = open(session, "/noctua.v1.ActorService/ActorSession");
  const found = ending(stream, 20_000);
  const piece = framed(Buffer.alloc(megabyte), 0, 2 ** 30);
  let written = 0;
  await pour(
    stream,
    () => {
      written += megabyte;
      return written === megabyte ? piece : piece.subarray(5);
    },
    () => written >= 2 ** 30,
  );
  const { told, details } = await found;
  session.destroy();
  const isSound = /^(?:INVALID_ARGUMENT|RESOURCE_EXHAUSTED)$|ENHANCE_YOUR_CALM/.test(told);
  return {
    did: `${Math.round(written / megabyte)} MB written: ${told}`,
    findings: isSound ? [] : [`${told}: ${details}`],
  };
}

/** Many messages of which the last byte never comes; or that come a byte a second. */
async function halves(door: Door, seconds: number, each: number, role: "writer" | "actor"): Promise<Outcome> {
  const path = role === "writer" ? submit : "/noctua.v1.ActorService/ActorSession";
  const tally = new Tally();
  const untilMs = systemClock.nowMs() + 1_000 * seconds;
  const half = framed(Buffer.alloc(Math.max(1, each - 1)), 0, each === 1 ? 60 * megabyte : each);
  const sessions = Array.from({ length: 4 }, () => connection(door, role));
  const streams = Array.from({ length: 200 }, (_, i) => {
    const session = sessions[i % sessions.length];
    if (session === undefined) throw new Error("expected a session");
    const stream = open(session, path);
    stream.on("close", () => tally.add(`ended with ${stream.rstCode}`));
    stream.resume();
    stream.write(half);
    return stream;
  });
  while (systemClock.nowMs() < untilMs) {
    await sleep(1_000, never);
    if (each === 1) for (const stream of streams) if (!stream.destroyed) stream.write(Buffer.alloc(1));
  }
  const still = streams.filter((stream) => !stream.destroyed).length;
  return { did: `${streams.length} streams, ${still} open at the end: ${tally.text()}`, findings: [] };
}

export const sizeAttacks: readonly Attack[] = [
  { name: "sizes", run: sizes },
  { name: "gigabyte", run: gigabyte },
  { name: "halves-of-60MB", run: (door, { seconds }) => halves(door, seconds, 60 * megabyte, "writer") },
  { name: "halves-of-sessions", run: (door, { seconds }) => halves(door, seconds, 4 * megabyte, "actor") },
  { name: "byte-a-second", run: (door, { seconds }) => halves(door, seconds, 1, "writer") },
];
