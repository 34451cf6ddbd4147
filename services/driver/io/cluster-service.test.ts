// What a client asks of nodes, over a real port.

import { status, type ServiceError } from "@grpc/grpc-js";
import { afterEach, describe, expect, test } from "vitest";
import { noctuaVersion } from "../../shared/core/version.js";
import type { Hello } from "../core/facts/command.js";
import { aServedDriver, type ServedDriver } from "./testing-port.js";
import { dialCluster, nodeStates, type ClusterClient, type NodePage } from "./wire-test-peer.js";

const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A driver, and an actor on each of these nodes. */
async function aClient(
  nodes: readonly string[] = ["n1"],
): Promise<{ readonly driver: ServedDriver; readonly client: ClusterClient }> {
  const driver = await aServedDriver({ drainedNodesMax: 1 });
  closing.push(() => driver.close());
  const client = dialCluster(driver);
  closing.push(() => client.close());
  nodes.forEach((node, i) => {
    const hello: Hello = {
      ...{ role: "actor", name: `actor-${i}`, incarnation: "1", node, slots: 4, labels: { cpu: "amd" } },
      ...{ allocationEndsAtMs: undefined, ranges: [], merges: [] },
    };
    driver.engine.post({ kind: "open-session", stream: 100 + i, hello });
  });
  return { driver, client };
}

/** The answer, or the status that it was refused with. */
function asked<Answer>(
  call: (done: (error: ServiceError | null, answer: Answer) => void) => unknown,
): Promise<Answer | string> {
  return new Promise((resolve) => {
    call((error, answer) => resolve(error === null ? answer : `${status[error.code]}: ${error.details}`));
  });
}

test("the run as a whole is told, with the driver's version", async () => {
  const { client } = await aClient(["n1", "n2"]);
  expect(await asked((done) => client.getCluster({}, done))).toMatchObject({
    ...{ version: noctuaVersion, run: "run-1", epoch: 1, nodes: 2, actors: 2, slots: 8, slotsBusy: 0 },
    ...{ mergers: 0, jobs: 0, jobsAtWork: 0, nodesDrained: 0, nodesQuarantined: 0 },
  });
});

describe("nodes", () => {
  test("are listed by name, a page at a time, each once", async () => {
    const { client } = await aClient(["n3", "n1", "n2"]);
    const names: string[] = [];
    let pageToken = "";
    do {
      const page = await asked<NodePage>((done) => client.listNodes({ pageSize: 2, pageToken }, done));
      if (typeof page === "string") throw new Error(page);
      names.push(...page.nodes.map(({ name }) => name));
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    expect(names).toEqual(["n1", "n2", "n3"]);
  });

  test("are told one by one", async () => {
    const { client } = await aClient();
    expect(await asked((done) => client.getNode({ node: "n1" }, done))).toMatchObject({
      node: { name: "n1", state: nodeStates.NODE_STATE_IDLE, actors: ["actor-0"], labels: { cpu: "amd" } },
    });
    expect(await asked((done) => client.getNode({ node: "nx" }, done))).toBe(
      'NOT_FOUND: expected the name of a node that has joined, found "nx": did you mean n1?',
    );
  });

  test("of a page that is too large, or that follows none, are an invalid argument", async () => {
    const { client } = await aClient();
    expect(await asked((done) => client.listNodes({ pageSize: 1_001, pageToken: "" }, done))).toBe(
      "INVALID_ARGUMENT: page_size: expected at most 1000, found 1001",
    );
    expect(await asked((done) => client.listNodes({ pageSize: 1, pageToken: "n1" }, done))).toContain(
      'INVALID_ARGUMENT: page_token: expected the next_page_token of a page before, found "n1"',
    );
  });
});

describe("a drain", () => {
  test("is answered with the node as it stands then, and so is its end", async () => {
    const { client } = await aClient();
    const request = { requestId: "a", node: "n1", reason: "to be mended" };
    expect(await asked((done) => client.drainNode(request, done))).toMatchObject({
      node: { state: nodeStates.NODE_STATE_DRAINED, drain: "to be mended", reason: "to be mended" },
    });
    expect(await asked((done) => client.undrainNode({ requestId: "b", node: "n1" }, done))).toMatchObject({
      node: { state: nodeStates.NODE_STATE_IDLE, drain: undefined },
    });
  });

  test("of a node that nobody is on ends without one", async () => {
    const { client, driver } = await aClient();
    await asked((done) => client.drainNode({ requestId: "a", node: "n1", reason: "" }, done));
    driver.engine.post({ kind: "leave", stream: 100 });
    const end = await asked((done) => client.undrainNode({ requestId: "b", node: "n1" }, done));
    expect(end).toEqual({ node: undefined });
  });

  test("that makes no sense, or can't be, is refused with a status that says so", async () => {
    const { client } = await aClient(["n1", "n2"]);
    const drain = (requestId: string, node: string, reason = "") =>
      asked((done) => client.drainNode({ requestId, node, reason }, done));
    expect(await drain("", "n1")).toContain("INVALID_ARGUMENT: request_id: ");
    expect(await drain("a", "")).toContain("INVALID_ARGUMENT: node: ");
    expect(await drain("a", "n1", "x".repeat(1_001))).toContain("INVALID_ARGUMENT: reason: ");
    expect(await drain("a", "n9")).toContain("NOT_FOUND: ");
    expect(await drain("a", "n1")).toMatchObject({ node: { name: "n1" } });
    expect(await drain("a", "n2")).toContain("FAILED_PRECONDITION: request a was used to drain node n1");
    expect(await drain("b", "n2")).toContain("RESOURCE_EXHAUSTED: 1 nodes are drained already");
  });
});
