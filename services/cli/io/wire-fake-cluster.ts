// For tests: a ClusterService that knows the nodes it is given, by name. What is drained is draining until a test says more.

import { status as codes, type sendUnaryData, type UntypedServiceImplementation } from "@grpc/grpc-js";
import {
  ClusterServiceService,
  type ClusterServiceServer,
  type GetClusterResponse,
  type Node as NodeMessage,
} from "../../../gen/noctua/v1/cluster.js";
import type { NodeStatus } from "../../shared/core/node-status.js";
import { nodeToWire } from "./wire-cluster.js";

export const FakeClusterService = ClusterServiceService;

export type FakeNodes = Map<string, NodeStatus>;

export function fakeCluster(nodes: FakeNodes): ClusterServiceServer & UntypedServiceImplementation {
  const tell = (name: string, reply: sendUnaryData<{ node: NodeMessage | undefined }>): void => {
    const node = nodes.get(name);
    if (node !== undefined) reply(null, { node: nodeToWire(node) });
    else reply(Object.assign(new Error(), { code: codes.NOT_FOUND, details: `there is no node ${name}` }));
  };
  const change = (name: string, changes: Partial<NodeStatus>): void => {
    const node = nodes.get(name);
    if (node !== undefined) nodes.set(name, { ...node, ...changes });
  };
  return {
    getCluster: (_call, reply) => reply(null, clusterOf([...nodes.values()])),
    listNodes: (_call, reply) =>
      reply(null, { nodes: [...nodes.values()].map(nodeToWire), nextPageToken: "" }),
    getNode: ({ request }, reply) => tell(request.node, reply),
    drainNode: ({ request }, reply) => {
      change(request.node, { state: "draining", drain: request.reason });
      tell(request.node, reply);
    },
    undrainNode: ({ request }, reply) => {
      change(request.node, { state: "idle", drain: undefined });
      tell(request.node, reply);
    },
  };
}

function clusterOf(nodes: readonly NodeStatus[]): GetClusterResponse {
  const sum = (count: (node: NodeStatus) => number): number =>
    nodes.reduce((total, node) => total + count(node), 0);
  return {
    ...{ version: "0.0.0", run: "r", epoch: 1, startedUnixMs: 1_000, jobs: 0, jobsAtWork: 0 },
    nodes: nodes.length,
    nodesDrained: sum(({ drain }) => (drain === undefined ? 0 : 1)),
    nodesQuarantined: sum(({ quarantine }) => (quarantine === undefined ? 0 : 1)),
    actors: sum(({ actors }) => actors.length),
    mergers: sum(({ mergers }) => mergers.length),
    slots: sum(({ slots }) => slots),
    slotsBusy: sum(({ slotsBusy }) => slotsBusy),
    limits: undefined,
  };
}
