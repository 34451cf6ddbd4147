import {
  makeGenericClientConstructor,
  Server,
  status,
  type Client,
  type ClientDuplexStream,
  type ServerDuplexStream,
  type ServiceDefinition,
} from "@grpc/grpc-js";
import { afterEach, expect, test, vi } from "vitest";
import { assert, AssertionError, present } from "../core/assert.js";
import { seededRng } from "../core/rng.js";
import { readAddress, writeAddress } from "./address-file.js";
import { driverTrust, serverCredentials } from "./trust/testing-trust.js";
import { keepDriverLink, type DriverLinkOptions } from "./driver-link.js";
import type { Link } from "./link-session.js";
import { silentLogger, type Logger } from "./logger.js";
import { systemClock } from "./system-clock.js";
import { testFolder } from "./testing-folder.js";
import { WireError } from "./wire-checks.js";

type Session = ServerDuplexStream<string, string>;
type TestClient = Client & { session(): ClientDuplexStream<string, string> };

const encode = (text: string): Buffer => Buffer.from(text);
const decode = (bytes: Buffer): string => bytes.toString();
const service: ServiceDefinition = {
  session: {
    path: "/noctua.test/Session",
    requestStream: true,
    responseStream: true,
    requestSerialize: encode,
    requestDeserialize: decode,
    responseSerialize: encode,
    responseDeserialize: decode,
  },
};
const TestClient = makeGenericClientConstructor(service, "noctua.test") as unknown as new () => TestClient;

/** A limit against hanging, not a measure of speed. */
const patience = { timeout: 30_000, interval: 5 };
const closing: (() => void)[] = [];

afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A driver of that epoch on the workdir, whose answers the test gives. */
async function startDriver(
  workdir: string,
  epoch: number,
  onSession: (session: Session) => void,
): Promise<Server> {
  const trust = await driverTrust(workdir);
  const server = new Server();
  server.addService(service, { session: onSession });
  closing.push(() => server.forceShutdown());
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", serverCredentials(trust), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  const hostname = "node17";
  const at = { host: "127.0.0.1", port, httpPort: 1, run: "run-1", epoch, pid: 1 };
  await writeAddress(workdir, { ...at, isPlain: false, hostname });
  return server;
}

/** A link whose news are written down. */
function startLink(workdir: string, more: Partial<DriverLinkOptions<TestClient, string, string>> = {}) {
  const news: string[] = [];
  const controller = new AbortController();
  const links: Link<string>[] = [];
  const ended = keepDriverLink<TestClient, string, string>(
    {
      workdir,
      role: "actor",
      client: TestClient,
      open: (client) => client.session(),
      onUp: (link) => {
        links.push(link);
        news.push("up");
        link.send("hello");
      },
      onMessage: (message) => news.push(message),
      onDown: (reason) => news.push(`down: ${reason}`),
      log: silentLogger,
      rng: seededRng(1),
      backoff: { firstMs: 5, lastMs: 20 },
      ...more,
    },
    controller.signal,
  );
  closing.push(() => controller.abort());
  return { news, links, ended, stop: () => controller.abort() };
}

const workdir = (): Promise<string> => testFolder();
/** Answers each message by itself. */
const echo = (session: Session): void => {
  session.on("data", (message: string) => session.write(`${message} yourself`));
  session.on("end", () => session.end());
};

test("a link waits for its driver, says hello, and finds the next driver on another port", async () => {
  const at = await workdir();
  const warnings: unknown[] = [];
  const log: Logger = { ...silentLogger, warn: (_message, fields) => warnings.push(fields) };
  const { news, stop, ended } = startLink(at, { log });
  await vi.waitUntil(() => warnings.length > 0, patience);
  const first = await startDriver(at, 1, echo);
  await vi.waitUntil(() => news.includes("hello yourself"), patience);
  first.forceShutdown();
  await startDriver(at, 2, (session) => session.on("data", () => session.write("second")));
  await vi.waitUntil(() => news.includes("second"), patience);
  stop();
  await ended;
  expect(news.map((item) => item.replace(/down: .*/, "down"))).toEqual([
    "up",
    "hello yourself",
    "down",
    "up",
    "second",
    "down",
  ]);
  expect(warnings[0]).toEqual({ reason: `no driver has started on the workdir ${at} yet` });
});

test("a driver that refuses what is said, each time it is said, is not asked for ever (D7)", async () => {
  const at = await workdir();
  let sessions = 0;
  await startDriver(at, 1, (session) => {
    sessions += 1;
    session.on("data", () => {
      session.write("welcome");
      session.emit("error", { code: status.INTERNAL, details: "no such wonder" });
    });
  });
  const { ended } = startLink(at, { backoff: { firstMs: 0, lastMs: 0 } });
  expect(await ended).toBe(
    "the driver refused 40 times in a row what this actor says: INTERNAL: no such wonder",
  );
  expect(sessions).toBe(40);
});

test("why there is no link is logged when it changes, not at every try", async () => {
  const at = await workdir();
  const driver = await startDriver(at, 1, echo);
  driver.forceShutdown();
  let dials = 0;
  const reasons: unknown[] = [];
  startLink(at, {
    open: (client) => {
      dials += 1;
      return client.session();
    },
    log: { ...silentLogger, warn: (_message, fields) => reasons.push(fields?.["reason"]) },
  });
  await vi.waitUntil(() => dials >= 4, patience);
  expect(reasons).toHaveLength(1);
  expect(reasons[0]).toMatch(/UNAVAILABLE: .*ECONNREFUSED/);
});

test("a link to a driver of another run tells why there is none", async () => {
  const at = await workdir();
  await startDriver(at, 1, echo);
  const other = await workdir();
  await driverTrust(other, "another-run");
  await writeAddress(other, present(await readAddress(at), "address"));
  const reasons: unknown[] = [];
  const warn: Logger["warn"] = (_message, fields) => reasons.push(fields?.["reason"]);
  startLink(other, { log: { ...silentLogger, warn } });
  await vi.waitUntil(() => reasons.length > 0, patience);
  expect(reasons[0]).toMatch(/^UNAVAILABLE: .*(self-signed|unable to verify|issuer)/);
});

test("a driver that does not read fills a queue with a limit, and then the link goes down", async () => {
  const at = await workdir();
  await startDriver(at, 1, (session) => session.pause());
  const piece = "x".repeat(10_000);
  let waits = 0;
  let sent = 0;
  const { news } = startLink(at, {
    onUp: (link) => {
      while (news.length === 0 && sent < 100_000) {
        sent += 1;
        if (!link.send(piece)) waits += 1;
      }
    },
  });
  await vi.waitUntil(() => news.length > 0, patience);
  expect(news[0]).toBe("down: the driver does not read: 1000 messages wait");
  expect(waits).toBeGreaterThan(1_000);
  expect(sent).toBeLessThan(1_100);
});

test("a driver that reads late gets all messages in order, and the sender is told when it may go on", async () => {
  const at = await workdir();
  const received: string[] = [];
  await startDriver(at, 1, (session) => session.on("data", (message: string) => received.push(message)));
  let drained = 0;
  startLink(at, {
    onUp: (link) => {
      for (let i = 0; i < 500; i += 1) link.send(String(i));
    },
    onDrain: () => (drained += 1),
  });
  await vi.waitUntil(() => received.length === 500 && drained > 0, patience);
  expect(received).toEqual(Array.from({ length: 500 }, (_, i) => String(i)));
});

test("a handler that throws ends the stream and is logged, and the link is dialled again", async () => {
  const at = await workdir();
  await startDriver(at, 1, echo);
  const errors: unknown[] = [];
  let heard = 0;
  const { news } = startLink(at, {
    onMessage: () => {
      heard += 1;
      if (heard === 1) throw new Error("field 3: expected a number");
    },
    log: { ...silentLogger, error: (_message, fields) => errors.push(fields?.["error"]) },
  });
  await vi.waitUntil(() => heard === 2, patience);
  expect(news).toEqual(["up", "down: field 3: expected a number", "up"]);
  expect(errors).toMatchObject([{ message: "field 3: expected a number" }]);
});

test("a driver that says what makes no sense is named once a stream, and dialled less and less often (D4, D6)", async () => {
  const at = await workdir();
  await startDriver(at, 1, echo);
  const told: unknown[] = [];
  const beganAtMs = systemClock.nowMs();
  const { news } = startLink(at, {
    onMessage: () => {
      throw new WireError("grant.job", "at least 1", "0");
    },
    log: {
      ...silentLogger,
      warn: (_message, fields) => told.push(fields?.["reason"]),
      error: () => expect.unreachable(),
    },
    backoff: { firstMs: 20, lastMs: 10_000 },
  });
  await vi.waitUntil(() => news.length >= 9, patience); // The fifth stream is up, after half of 20, 40, 80 and 160 ms at least.
  expect(systemClock.nowMs() - beganAtMs).toBeGreaterThan(150);
  expect(told.slice(0, 4)).toEqual(Array(4).fill("the driver said grant.job: expected at least 1, found 0"));
});

test("a failed assertion ends the link for good", async () => {
  const at = await workdir();
  await startDriver(at, 1, echo);
  const { ended, news } = startLink(at, { onMessage: () => assert(false, "two and two are five") });
  await expect(ended).rejects.toThrow(AssertionError);
  expect(news).toEqual(["up", "down: expected: two and two are five"]);
});

test("a link that is told to stop hands over what was sent, and ends", async () => {
  const at = await workdir();
  const received: string[] = [];
  await startDriver(at, 1, (session) => {
    session.on("data", (message: string) => received.push(message));
    session.on("end", () => session.end());
  });
  const { ended, stop } = startLink(at, {
    onUp: (link) => {
      // More than the stream takes at once.
      for (let i = 0; i < 100; i += 1) link.send(String(i));
      stop();
    },
  });
  await ended;
  expect(received).toHaveLength(100);
});

test("what is said once a link was told to stop is left out, and ends nobody", async () => {
  const at = await workdir();
  const received: string[] = [];
  await startDriver(at, 1, (session) => session.on("data", (message: string) => received.push(message)));
  const { ended, stop, links } = startLink(at);
  await vi.waitUntil(() => received.length === 1, patience);
  stop();
  expect(links[0]?.send("too late")).toBe(false);
  await ended; // Its half second later, since this driver does not end its side; an error would have come by then.
  expect(received).toEqual(["hello"]);
});

test("a link that is closed by its owner is dialled again", async () => {
  const at = await workdir();
  await startDriver(at, 1, echo);
  const { news, links } = startLink(at);
  await vi.waitUntil(() => news.includes("hello yourself"), patience);
  links[0]?.close("its epoch is lower than one already met");
  expect(links[0]?.send("too late")).toBe(false);
  await vi.waitUntil(() => news.length >= 5, patience);
  expect(news.slice(2)).toEqual(["down: its epoch is lower than one already met", "up", "hello yourself"]);
});
