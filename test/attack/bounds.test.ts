// What a call may cost, with limits that are soon reached. `npm run attack` does the same with those of a real driver.

import {
  constants,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type SecureClientSessionOptions,
} from "node:http2";
import { expect, onTestFinished, test } from "vitest";
import { aSpec } from "../../services/driver/core/testing/testing-spec.js";
import { aServedDriver, type ServedDriver } from "../../services/driver/io/testing-port.js";
import { streamsPerConnectionMax } from "../../services/driver/io/limits-of-calls.js";
import type { StreamLimits } from "../../services/driver/io/stream-bounds.js";
import { actorRequest } from "../../services/driver/io/wire-test-bytes.js";
import { fuzz, odd } from "./fuzz.js";
import { connection, ending, framed, open, type Door } from "./connection.js";

const roomy: StreamLimits = {
  receivingBytesMax: 2 ** 28,
  unreadBytesMax: 2 ** 28,
  patienceMs: 60_000,
  unreadMs: 5_000,
};

interface Attacked extends Door {
  readonly driver: ServedDriver;
  connect(role: Parameters<typeof connection>[1], options?: SecureClientSessionOptions): ClientHttp2Session;
}

async function attacked(limits: Partial<StreamLimits> = {}): Promise<Attacked> {
  const driver = await aServedDriver({}, { limits: { ...roomy, ...limits } });
  onTestFinished(() => driver.close());
  const door = { port: driver.port, trust: driver.trust };
  const connect: Attacked["connect"] = (role, options) => {
    const session = connection(door, role, options);
    onTestFinished(() => session.destroy());
    return session;
  };
  return { ...door, driver, connect };
}

const submit = "/noctua.v1.JobService/SubmitJob";
const list = "/noctua.v1.JobService/ListJobs";
const node = "/noctua.v1.ClusterService/GetNode";
const join = "/noctua.v1.ActorService/ActorSession";
const reflect = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";

/** Begins to say something of which the rest never comes. */
function half(session: ClientHttp2Session, bytes: number, path = submit): ClientHttp2Stream {
  const stream = open(session, path);
  stream.resume();
  stream.write(framed(Buffer.alloc(bytes), 0, 2 * bytes));
  return stream;
}

function closed(stream: ClientHttp2Stream): Promise<number> {
  return new Promise((resolve) => {
    if (stream.destroyed) resolve(stream.rstCode);
    else stream.once("close", () => resolve(stream.rstCode));
  });
}

async function isServed(session: ClientHttp2Session): Promise<string> {
  const stream = open(session, list);
  stream.end(framed(Buffer.alloc(0)));
  return (await ending(stream, 10_000)).told;
}

const calm = constants.NGHTTP2_ENHANCE_YOUR_CALM;

test("a message that does not become whole is given up, and nobody else's call with it (B1)", async () => {
  const { connect } = await attacked({ patienceMs: 250 });
  const writer = connect("writer");
  const actor = connect("actor");
  const halves = [half(writer, 10), half(actor, 10, join)];
  expect(await Promise.all(halves.map(closed))).toEqual([calm, calm]);
  expect(await isServed(writer)).toBe("OK");
});

test("what is not whole takes no more room than there is: who has waited longest makes room (B1)", async () => {
  const { connect } = await attacked({ receivingBytesMax: 60_000 });
  const [one, other] = [connect("writer"), connect("writer")];
  const first = half(one, 40_000);
  expect(await isServed(one)).toBe("OK");
  const second = half(other, 40_000);
  expect(await closed(first)).toBe(calm);
  expect(await isServed(other)).toBe("OK");
  expect(second.destroyed).toBe(false);
});

test("a session that goes on saying whole messages is not let go (B1)", async () => {
  const { connect } = await attacked({ receivingBytesMax: 1_000 });
  const stream = open(connect("actor"), join);
  stream.write(framed(actorRequest.hello("one", false)));
  for (let i = 0; i < 1_000; i += 1) stream.write(framed(actorRequest.heartbeat));
  stream.end();
  expect((await ending(stream, 10_000)).told).toBe("OK");
});

test("who reads nothing of what was answered is let go (B2)", async () => {
  const { connect } = await attacked({ patienceMs: 250 });
  const deaf = connect("writer", { settings: { initialWindowSize: 0 } });
  const stream = open(deaf, list);
  stream.end(framed(Buffer.alloc(0)));
  expect(await closed(stream)).toBe(calm);
});

test("who has read nothing for a while makes room when there is none (B2)", async () => {
  const { connect } = await attacked({ unreadBytesMax: 1, unreadMs: 250 });
  const deaf = connect("writer", { settings: { initialWindowSize: 0 } });
  const stream = open(deaf, list);
  stream.end(framed(Buffer.alloc(0)));
  expect(await closed(stream)).toBe(calm);
});

test("a call that is answered is over though its caller goes on (B3)", async () => {
  const { connect } = await attacked({ unreadMs: 250 });
  const stream = open(connect("writer"), "/no.Such/Thing");
  stream.resume();
  stream.write("and");
  expect(await closed(stream)).toBe(constants.NGHTTP2_NO_ERROR);
});

test("of a stream of questions a few are taken up before their answers are read (C3)", async () => {
  const { connect } = await attacked();
  const deaf = connect("reader", { settings: { initialWindowSize: 0 } });
  const stream = open(deaf, reflect);
  const question = framed(Buffer.concat([Buffer.from([0x3a, 1]), Buffer.from("*")]));
  stream.write(Buffer.concat(Array.from({ length: 100_000 }, () => question)));
  const other = connect("reader");
  for (let i = 0; i < 20; i += 1) expect(await isServed(other)).toBe("OK");
  expect(stream.writableLength).toBeGreaterThan(0); // The window was not opened for more.
});

test("one connection has a few sessions, and makes room when one of them ends (C5)", async () => {
  const { connect } = await attacked({ unreadMs: 250 });
  const session = connect("actor");
  const opened = Array.from({ length: 17 }, (_, i) => {
    const stream = open(session, join);
    stream.write(framed(actorRequest.hello(`a${i}`, false)));
    return stream;
  });
  const [first, last] = [opened[0], opened[16]];
  if (first === undefined || last === undefined) throw new Error("expected streams");
  expect((await ending(last, 10_000)).told).toBe("RESOURCE_EXHAUSTED");
  first.end();
  await ending(first, 10_000);
  const again = open(session, join);
  again.end(framed(actorRequest.hello("again", false)));
  expect((await ending(again, 10_000)).told).toBe("OK");
});

test("one connection has so many calls, and others wait", async () => {
  const { connect } = await attacked();
  const session = connect("reader");
  expect(await isServed(session)).toBe("OK");
  expect(session.remoteSettings.maxConcurrentStreams).toBe(streamsPerConnectionMax);
  const calls = Array.from({ length: streamsPerConnectionMax }, () => open(session, node));
  let isWaiting = true;
  const last = isServed(session).finally(() => (isWaiting = false));
  await new Promise((resolve) => session.ping(resolve)); // The driver has seen all of them.
  expect(await isServed(connect("reader"))).toBe("OK");
  expect(isWaiting).toBe(true);
  calls[0]?.close();
  expect(await last).toBe("OK");
});

test("what nobody waits for any more is not looked up when the commit is durable that it waited for (N4, G3)", async () => {
  const { driver, connect } = await attacked();
  const { engine, journal } = driver;
  const read = engine.read.bind(engine);
  let reads = 0;
  engine.read = (question) => {
    reads += 1;
    return read(question);
  };
  journal.hold();
  engine.post({ kind: "submit-job", reply: 1, requestId: "a", spec: aSpec() });
  await journal.untilHeld();
  const reader = connect("reader");
  const asked = Array.from({ length: 100 }, () => open(reader, list));
  for (const stream of asked) stream.end(framed(Buffer.alloc(0)));
  await new Promise((resolve) => reader.ping(resolve)); // The driver has them.
  const served = isServed(connect("reader"));
  for (const stream of asked) stream.close(constants.NGHTTP2_CANCEL);
  await Promise.all(asked.map(closed));
  await new Promise((resolve) => reader.ping(resolve));
  journal.release();
  expect(await served).toBe("OK");
  expect(reads).toBe(1);
});

test("a question that is too long is not read, and one of too many parts neither", async () => {
  const { connect } = await attacked();
  const session = connect("writer");
  const ask = async (path: string, message: Buffer): Promise<string> => {
    const stream = open(session, path);
    stream.end(framed(message));
    const { told, details } = await ending(stream, 20_000);
    return `${told}: ${details}`;
  };
  expect(await ask(node, Buffer.alloc(70_000))).toMatch(
    /^RESOURCE_EXHAUSTED: .*GetNode: expected a message of at most 65536 bytes/,
  );
  const said = open(connect("actor"), join);
  said.write(framed(Buffer.alloc(5_000_000)));
  expect((await ending(said, 20_000)).told).toBe("RESOURCE_EXHAUSTED");
  const inputs = Buffer.alloc(2 * 1_200_000, Buffer.from([0x1a, 0]));
  const spec = Buffer.concat([Buffer.from([0x12, 0x80, 0xbe, 0x92, 0x01]), inputs]);
  expect(await ask(submit, spec)).toMatch(
    /^RESOURCE_EXHAUSTED: .*SubmitJob: expected at most 1100000 messages within one/,
  );
  expect(await ask(node, Buffer.from([0x0f]))).toMatch(
    /^INVALID_ARGUMENT: .*GetNode: the request is no message/,
  );
});

test("calls that are none of gRPC's are refused for what they are", async () => {
  const door = await attacked();
  expect((await odd(door)).findings).toEqual([]);
});

test("every rpc refuses on purpose what is valid and extreme, and what is no message", async () => {
  const { driver, ...door } = await attacked();
  expect((await fuzz(door, { seed: 7, each: 6 })).findings).toEqual([]);
  expect(driver.journal.commits.length).toBeGreaterThan(0);
});
