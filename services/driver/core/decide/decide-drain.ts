// What a user asks of a node: that it be given nothing more, or work again.
//
//   D1. Asking twice is asking once (P11), as for jobs (decide-control.ts, U1 and U2).
//   D2. A node is drained by its own name, which outlives the processes on it; whoever names one of these is told the node.
//   D3. So many nodes are drained at a time (P7): each is remembered until it is undrained, gone or not.

import { nearestName } from "../../../shared/core/nearest-name.js";
import type { Bench } from "../bench.js";
import type { Command } from "../facts/command.js";
import type { NodeAnswer } from "../facts/fact-node.js";
import type { Fact } from "../facts/fact.js";
import { useOf } from "../state/client-requests.js";
import { sessionKey, sessionViewOf, type FarmView } from "../state/farm.js";

type ControlNode = Extract<Command, { kind: "control-node" }>;

export function* decideNodeControl(bench: Bench, command: ControlNode): Generator<Fact, void, void> {
  const { farm, moment } = bench;
  const { reply, requestId, node, control, reason } = command;
  const answer = answerTo(bench, command);
  if (answer.kind === "done" && !farm.requests.has(requestId)) {
    yield control === "drain"
      ? { kind: "drain-begun", requestId, node, reason, atUnixMs: moment.unixMs }
      : { kind: "drain-ended", requestId, node };
  }
  yield { kind: "node-answered", reply, answer };
}

function answerTo({ farm, rules }: Bench, { requestId, node: name, control }: ControlNode): NodeAnswer {
  const known = farm.requests.get(requestId);
  if (known !== undefined) {
    if (known.asked === control && known.node === name) return { kind: "done", node: name }; // (D1)
    return { kind: "refused", why: "conflict", message: `request ${requestId} ${useOf(known)}` };
  }
  const node = farm.nodes.get(name);
  if (node === undefined) return { kind: "refused", why: "unknown", message: unknownNode(farm, name) };
  const isOneMore = control === "drain" && node.drain === undefined;
  if (isOneMore && farm.drained.size >= rules.drainedNodesMax) {
    const message = `${rules.drainedNodesMax} nodes are drained already: undrain those that are gone`; // (D3)
    return { kind: "refused", why: "too-large", limit: "drained_nodes", message };
  }
  return { kind: "done", node: name };
}

/** (D2) */
export function unknownNode(farm: FarmView, name: string): string {
  const expected = `expected the name of a node that has joined, found ${JSON.stringify(name)}`;
  if (farm.nodes.size === 0) return `${expected}: none has`;
  for (const role of ["actor", "merger"] as const) {
    const session = farm.names.get(sessionKey(role, name));
    if (session === undefined) continue;
    const { node } = sessionViewOf(farm, session);
    return `${expected}, the ${role} of node ${node}: name ${node} instead`;
  }
  const nearest = nearestName(name, farm.nodes.keys());
  return nearest === undefined ? expected : `${expected}: did you mean ${nearest}?`;
}
