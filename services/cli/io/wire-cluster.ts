// Between the driver's ClusterService and the words of the command line.

import {
  ClusterServiceClient,
  NodeState as WireNodeState,
  type GetClusterResponse,
  type ListNodesResponse,
  type Node as NodeMessage,
} from "../../../gen/noctua/v1/cluster.js";
import { filled, known } from "../../shared/io/wire-checks.js";
import type { NodeState, NodeStatus } from "../../shared/core/node-status.js";

/** Makes and is a connection to the driver's ClusterService. */
export const ClusterConnection = ClusterServiceClient;
export type ClusterConnection = ClusterServiceClient;
export type NodePage = ListNodesResponse;
export type ClusterAnswer = GetClusterResponse;
export interface NodeAnswer {
  readonly node?: NodeMessage | undefined;
}

/** `where` is the path of the field, for the error. */
export function nodeFromWire(message: NodeMessage | undefined, where: string): NodeStatus {
  const { state, sinceUnixMs, allocationLeftMs, quarantine, drain, ...rest } = filled(message, where);
  return {
    ...rest,
    state: known(states, state, `${where}.state`),
    sinceUnixMs: sinceUnixMs === 0 ? undefined : sinceUnixMs,
    allocationLeftMs,
    quarantine,
    drain,
  };
}

/** Back again; for tests, since the command line says nothing about nodes. */
export function nodeToWire(node: NodeStatus): NodeMessage {
  return {
    ...node,
    state: states[node.state],
    sinceUnixMs: node.sinceUnixMs ?? 0,
    actors: [...node.actors],
    mergers: [...node.mergers],
    labels: { ...node.labels },
  };
}

const states: Readonly<Record<NodeState, WireNodeState>> = {
  "at work": WireNodeState.NODE_STATE_AT_WORK,
  idle: WireNodeState.NODE_STATE_IDLE,
  draining: WireNodeState.NODE_STATE_DRAINING,
  drained: WireNodeState.NODE_STATE_DRAINED,
  quarantined: WireNodeState.NODE_STATE_QUARANTINED,
  away: WireNodeState.NODE_STATE_AWAY,
};
