// Between ClusterService and the driver's words.

import {
  ClusterServiceService,
  Node as NodeMessage,
  NodeState as WireState,
  type ClusterServiceServer,
  type Limits,
} from "../../../gen/noctua/v1/cluster.js";
import type { NodeState, NodeStatus } from "../../shared/core/node-status.js";

/** What grpc-js calls the service for clients. */
export const clusterService = ClusterServiceService;
export type ClusterServiceHandlers = ClusterServiceServer;

export type LimitsMessage = Limits;

export function bytesOfNode(message: NodeMessage): number {
  return NodeMessage.encode(message).finish().length;
}

export function nodeToWire(node: NodeStatus): NodeMessage {
  const { state, actors, mergers, labels, sinceUnixMs, allocationLeftMs } = node;
  return {
    ...node,
    state: states[state],
    sinceUnixMs: Math.round(sinceUnixMs ?? 0),
    actors: [...actors],
    mergers: [...mergers],
    labels: { ...labels },
    allocationLeftMs: allocationLeftMs === undefined ? undefined : Math.round(allocationLeftMs),
  };
}

const states: Record<NodeState, WireState> = {
  "at work": WireState.NODE_STATE_AT_WORK,
  idle: WireState.NODE_STATE_IDLE,
  draining: WireState.NODE_STATE_DRAINING,
  drained: WireState.NODE_STATE_DRAINED,
  quarantined: WireState.NODE_STATE_QUARANTINED,
  away: WireState.NODE_STATE_AWAY,
};
