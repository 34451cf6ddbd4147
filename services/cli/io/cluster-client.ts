// Asks the driver of a workdir about its nodes.

import { Metadata } from "@grpc/grpc-js";
import type { NodeStatus } from "../../shared/core/node-status.js";
import type { ClusterStatus } from "../core/top.js";
import { askDriver } from "./ask-driver.js";
import {
  ClusterConnection,
  nodeFromWire,
  type ClusterAnswer,
  type NodeAnswer,
  type NodePage,
} from "./wire-cluster.js";

export async function getCluster(workdir: string, signal: AbortSignal): Promise<ClusterStatus> {
  const answer = await askDriver<ClusterConnection, ClusterAnswer>(
    ClusterConnection,
    { workdir, signal },
    (driver, how, done) => driver.getCluster({}, new Metadata(), how, done),
  );
  const { run, actors, slots, slotsBusy, mergers } = answer;
  return { run, actors, slots, slotsBusy, mergers };
}

/** By name. */
export async function listNodes(workdir: string, signal: AbortSignal): Promise<readonly NodeStatus[]> {
  const nodes: NodeStatus[] = [];
  let pageToken = "";
  do {
    const page = await askDriver<ClusterConnection, NodePage>(
      ClusterConnection,
      { workdir, signal },
      (driver, how, done) => driver.listNodes({ pageSize: 1_000, pageToken }, new Metadata(), how, done),
    );
    for (const node of page.nodes) nodes.push(nodeFromWire(node, `ListNodesResponse.nodes[${nodes.length}]`));
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  return nodes;
}

export async function getNode(workdir: string, node: string, signal: AbortSignal): Promise<NodeStatus> {
  const answer = await askDriver<ClusterConnection, NodeAnswer>(
    ClusterConnection,
    { workdir, signal },
    (driver, how, done) => driver.getNode({ node }, new Metadata(), how, done),
  );
  return nodeFromWire(answer.node, "GetNodeResponse.node");
}

export interface NodeRequest {
  readonly node: string;
  readonly requestId: string;
  /** Of a drain. */
  readonly reason: string;
}

/** Once, however often the request is repeated under its id (P11). The node as it stands then. */
export async function drainNode(
  workdir: string,
  request: NodeRequest,
  signal: AbortSignal,
): Promise<NodeStatus> {
  const answer = await askDriver<ClusterConnection, NodeAnswer>(
    ClusterConnection,
    { workdir, signal },
    (driver, how, done) => driver.drainNode(request, new Metadata(), how, done),
  );
  return nodeFromWire(answer.node, "DrainNodeResponse.node");
}

/** As drainNode; undefined when nobody is on the node. */
export async function undrainNode(
  workdir: string,
  { node, requestId }: NodeRequest,
  signal: AbortSignal,
): Promise<NodeStatus | undefined> {
  const answer = await askDriver<ClusterConnection, NodeAnswer>(
    ClusterConnection,
    { workdir, signal },
    (driver, how, done) => driver.undrainNode({ node, requestId }, new Metadata(), how, done),
  );
  return answer.node === undefined ? undefined : nodeFromWire(answer.node, "UndrainNodeResponse.node");
}
