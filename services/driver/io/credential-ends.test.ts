// Streams and connections whose credential ends while they are open, on a real port, by a clock that the test moves.

import { status } from "@grpc/grpc-js";
import { once } from "node:events";
import { connect } from "node:tls";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../shared/io/system-clock.js";
import type { PeerTrust } from "../../shared/io/trust/testing-trust.js";
import { aSpec } from "../core/testing/testing-spec.js";
import { aServedDriver, type ServedDriver } from "./testing-port.js";
import { actorHello, dialAsActor, dialAsMerger, dialJobs, mergerHello, TestWatch } from "./wire-test-peer.js";

const hourMs = 3_600_000;

interface Scene {
  readonly driver: ServedDriver;
  /** Credentials that end in an hour. */
  readonly lent: PeerTrust;
  /** An hour and a second go by. */
  wait(): void;
  look(): void;
}

async function aScene(): Promise<Scene> {
  let later = 0;
  const clock = { unixMs: () => systemClock.unixMs() + later };
  let look = (): void => undefined;
  const everyMoment = (run: () => void) => {
    look = run;
    return () => undefined;
  };
  const driver = await aServedDriver({}, { clock, everyMoment });
  onTestFinished(() => driver.close());
  const issue = (role: keyof PeerTrust) => driver.trust.authority.issue({ role, name: undefined }, hourMs);
  const lent = {
    actor: await issue("actor"),
    merger: await issue("merger"),
    reader: await issue("reader"),
    writer: await issue("writer"),
  };
  return { driver, lent, wait: () => void (later = hourMs + 1_000), look: () => look() };
}

test("sessions and watches end with their credential, by a status that says so, and others go on (E1)", async () => {
  const { driver, lent, wait, look } = await aScene();
  driver.engine.post({ kind: "submit-job", reply: 0, requestId: "a", spec: aSpec({ inputs: [10] }) });
  const at = { port: driver.port, trust: lent };
  const stays = dialAsActor(driver).say(actorHello({ actor: "other" }));
  const actor = dialAsActor(at).say(actorHello());
  const merger = dialAsMerger(at).say(mergerHello());
  const clients = [lent.writer, lent.reader].map((writer) => dialJobs({ ...at, trust: { ...lent, writer } }));
  const watches = clients.map((client) => new TestWatch(client, 1, 0));
  onTestFinished(() => {
    for (const stream of [stays, actor, merger]) stream.vanish();
    for (const client of clients) client.close();
  });
  for (const { incoming } of [actor, stays]) await incoming.next("welcome");
  await merger.incoming.next("welcome");
  for (const watch of watches) await watch.next();
  look();
  wait();
  look();
  const says = /^the credential ended at .*: have another made, with {2}noctua credentials$/;
  for (const stream of [actor, merger]) {
    const { code, details } = await stream.incoming.ended();
    expect([code, details]).toEqual([status.UNAUTHENTICATED, expect.stringMatching(says)]);
  }
  for (const watch of watches)
    expect(await watch.ended()).toMatch(/^UNAUTHENTICATED: the credential ended at /);
  stays.say({ $case: "demand", value: { credit: 1 } });
  await stays.incoming.next("grant");
});

test("a connection ends with its credential, whether or not something is asked on it (E1)", async () => {
  const { driver, lent, wait, look } = await aScene();
  const { pem, certificate, authority } = lent.reader;
  const how = { key: pem, cert: certificate, ca: authority, servername: "driver.run-1.noctua" };
  const socket = connect({ ...how, port: driver.port, host: "127.0.0.1", ALPNProtocols: ["h2"] });
  onTestFinished(() => void socket.destroy());
  await once(socket, "data"); // What HTTP/2 begins with: the driver has let it in.
  const closed = once(socket, "close");
  wait();
  look();
  look();
  await closed;
});
