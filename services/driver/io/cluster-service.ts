// ClusterService: what users ask of the run and its nodes.
//
//   K3. Like jobs, nodes are shown as they stand after the last commit, and what is asked is answered when it is durable.

import { status } from "@grpc/grpc-js";
import { present } from "../../shared/core/assert.js";
import { noctuaVersion } from "../../shared/core/version.js";
import { WireError } from "../../shared/io/wire-checks.js";
import { clusterStatus } from "../core/cluster-status.js";
import { unknownNode } from "../core/decide/decide-drain.js";
import type { NodeAnswer, NodeControl } from "../core/facts/fact-node.js";
import type { ReplyKey } from "../core/facts/fact.js";
import { nodeStatus, shownNodes } from "../core/node-status.js";
import type { NodeStatus } from "../../shared/core/node-status.js";
import { answer, stopped, type Stopwatch } from "./answering.js";
import type { Engine } from "./engine.js";
import { limitsUnder } from "./limits.js";
import { pageOfNames, type PageRequest } from "./paging.js";
import { QuestionRoom, Questions, readsUnless } from "./questions.js";
import { filledId, refusalOf, RpcError } from "./rpc-error.js";
import { bytesOfNode, nodeToWire, type ClusterServiceHandlers } from "./wire-cluster.js";

const reasonLengthMax = 1_000;
/** What a request takes in the journal, at most, beside its name. */
const requestBytes = 2_048;

interface ControlRequest {
  readonly requestId: string;
  readonly node: string;
  readonly reason?: string;
}

interface ClusterAround {
  readonly startedUnixMs: number;
  readonly stopwatch?: Stopwatch;
  /** Why nothing can be made durable at present; undefined when it can. */
  readonly stalled?: () => string | undefined;
}

export class ClusterService {
  readonly #engine: Pick<Engine, "post" | "read">;
  readonly #reads: Pick<Engine, "read">;
  readonly #startedUnixMs: number;
  readonly #stopwatch: Stopwatch;
  readonly #room: QuestionRoom;
  readonly #controls: Questions<NodeAnswer>;

  constructor(
    engine: Pick<Engine, "post" | "read">,
    { startedUnixMs, stopwatch = stopped, stalled = () => undefined }: ClusterAround,
  ) {
    this.#room = new QuestionRoom(stalled);
    this.#controls = new Questions(this.#room);
    this.#engine = engine;
    this.#reads = readsUnless(stalled, engine);
    this.#startedUnixMs = startedUnixMs;
    this.#stopwatch = stopwatch;
  }

  /** For the gRPC server. */
  handlers(): ClusterServiceHandlers {
    const watch = this.#stopwatch;
    return {
      getCluster: (_call, reply) =>
        answer(watch, reply, async () => ({
          ...(await this.#reads.read((farm, { rules }) => ({
            ...clusterStatus(farm),
            limits: limitsUnder(rules),
          }))),
          version: noctuaVersion,
          startedUnixMs: this.#startedUnixMs,
        })),
      listNodes: (call, reply) => answer(watch, reply, () => this.#list(call.request)),
      getNode: (call, reply) =>
        answer(watch, reply, async () => ({ node: nodeToWire(await this.#node(call.request.node)) })),
      drainNode: (call, reply) => answer(watch, reply, () => this.#control("drain", call.request)),
      undrainNode: (call, reply) => answer(watch, reply, () => this.#control("undrain", call.request)),
    };
  }

  /** What was asked of a node was decided and committed (K3). */
  answerNode(reply: ReplyKey, nodeAnswer: NodeAnswer): void {
    this.#controls.answer(reply, nodeAnswer);
  }

  /** The driver stops: whoever waits for an answer is told so. */
  close(): void {
    this.#room.close();
  }

  #list(request: PageRequest): Promise<{ nodes: ReturnType<typeof nodeToWire>[]; nextPageToken: string }> {
    return this.#reads.read((farm, bench) => {
      const { items, nextPageToken } = pageOfNames(shownNodes(farm), request, {
        told: (name) => nodeToWire(nodeStatus(bench, present(farm.nodes.get(name), "node"))),
        bytesOf: bytesOfNode,
      });
      return { nodes: [...items], nextPageToken };
    });
  }

  async #node(name: string): Promise<NodeStatus> {
    const found = await this.#find(name);
    if (typeof found === "string") throw new RpcError(status.NOT_FOUND, "NO_SUCH_NODE", found);
    return found;
  }

  /** The node, or a sentence that says that there is none. */
  #find(name: string): Promise<NodeStatus | string> {
    return this.#reads.read((farm, bench) => {
      const node = farm.nodes.get(name);
      return node === undefined ? unknownNode(farm, name) : nodeStatus(bench, node);
    });
  }

  async #control(
    control: NodeControl,
    { requestId, node, reason = "" }: ControlRequest,
  ): Promise<{ node: ReturnType<typeof nodeToWire> | undefined }> {
    filledId(requestId);
    if (node === "") throw new WireError("node", "the name of a node", "none");
    if (reason.length > reasonLengthMax)
      throw new WireError("reason", `at most ${reasonLengthMax} characters`, String(reason.length));
    const decided = await this.#controls.ask(requestBytes + node.length, (reply) =>
      this.#engine.post({ kind: "control-node", reply, requestId, node, control, reason }),
    );
    if (decided.kind === "refused") throw refusalOf(decided, "NO_SUCH_NODE");
    const found = await this.#find(decided.node);
    return { node: typeof found === "string" ? undefined : nodeToWire(found) };
  }
}
