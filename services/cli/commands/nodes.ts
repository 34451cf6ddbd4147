// noctua nodes, drain, undrain: the nodes of a run, and whether they are given work.
//
//   N1. Each node is asked by itself, and has a line: that one is refused does not keep the others from being asked.

import { randomUUID } from "node:crypto";
import { formatDuration } from "../../shared/core/duration.js";
import { harmless } from "../../shared/core/harmless.js";
import { sleep, systemClock } from "../../shared/io/system-clock.js";
import type { NodeStatus } from "../../shared/core/node-status.js";
import { nodeList } from "../core/node-list.js";
import { exitCodes, isRefusal, worstCode, type ExitCode } from "../io/cli-error.js";
import { drainNode, getNode, listNodes, undrainNode } from "../io/cluster-client.js";
import { nodeLine, nodesAnswer } from "../io/node-answer.js";
import { printJson, type OutputForm } from "../io/output-form.js";
import type { Terminal } from "../io/terminal.js";
import { timeLimit } from "../io/time-limit.js";

/** How often a node that is to be drained is looked at. */
const lookEveryMs = 500;

export interface NodesOptions {
  readonly workdir: string;
  readonly output: OutputForm;
}

export async function showNodes(
  { workdir, output }: NodesOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ExitCode> {
  const nodes = await listNodes(workdir, signal);
  if (output !== "text") printNodes(nodes, output, terminal);
  else terminal.print(harmless(nodeList(nodes, systemClock.unixMs(), terminal.resultWidth)));
  return exitCodes.ok;
}

function printNodes(nodes: readonly NodeStatus[], output: "json" | "jsonl", terminal: Terminal): void {
  if (output === "json") printJson(terminal, output, nodesAnswer(nodes));
  else for (const node of nodes) printJson(terminal, output, nodeLine(node));
}

export interface NodeControlOptions extends NodesOptions {
  readonly control: "drain" | "undrain";
  readonly nodes: readonly string[];
  /** Of a drain; for people. */
  readonly reason: string;
  /** Until they are drained, or the time is up if there is one; undefined: not at all. */
  readonly wait: { readonly timeoutMs: number | undefined } | undefined;
  /** Asking twice with one id is asking once (P11): of each node, under the id with its place among them. */
  readonly requestId: string | undefined;
}

/** Prints how each node stands then. */
export async function controlNodes(
  options: NodeControlOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ExitCode> {
  const { output, wait } = options;
  const { asked, refused } = await askEach(options, terminal, signal);
  const told = wait === undefined ? asked : await allDrained(options, asked, { terminal, signal });
  if (output !== "text") printNodes(told, output, terminal);
  const left = wait === undefined ? 0 : told.filter(({ state }) => state === "draining").length;
  if (left > 0 && wait?.timeoutMs !== undefined)
    terminal.note(`noctua: not all of them were drained after ${formatDuration(wait.timeoutMs)}`);
  return worstCode([refused > 0 ? exitCodes.bad : exitCodes.ok, left > 0 ? exitCodes.notOver : exitCodes.ok]);
}

async function askEach(
  options: NodeControlOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<{ readonly asked: readonly NodeStatus[]; readonly refused: number }> {
  const { workdir, nodes, reason, control, requestId: id = randomUUID() } = options;
  const ask = control === "drain" ? drainNode : undrainNode;
  const asked: NodeStatus[] = [];
  let refused = 0;
  for (const [i, node] of nodes.entries()) {
    try {
      const status = await ask(workdir, { node, requestId: `${id}.${i + 1}`, reason }, signal);
      if (status !== undefined) asked.push(status);
      if (options.output === "text" && options.wait === undefined)
        terminal.print(harmless(standingText(node, status)));
    } catch (error) {
      if (nodes.length === 1 || !isRefusal(error)) throw error;
      terminal.note(`noctua: node ${node}: ${error.message}`); // (N1)
      refused += 1;
    }
  }
  return { asked, refused };
}

function standingText(node: string, status: NodeStatus | undefined): string {
  return `node ${node} ${status === undefined ? "may be given work again" : `is ${status.state}`}`;
}

/** One after the other: they drain at the same time. As they stand then, or when the time is up. */
async function allDrained(
  { workdir, output, wait }: NodeControlOptions,
  nodes: readonly NodeStatus[],
  { terminal, signal }: { readonly terminal: Terminal; readonly signal: AbortSignal },
): Promise<readonly NodeStatus[]> {
  const limit = timeLimit(wait?.timeoutMs, signal);
  const told: NodeStatus[] = [];
  try {
    for (const { name } of nodes) {
      let node = await getNode(workdir, name, signal);
      while (node.state === "draining" && (await hasTime(limit.signal, signal)))
        node = await getNode(workdir, name, signal);
      told.push(node);
      if (output === "text") terminal.print(harmless(`node ${name} is ${node.state}`));
    }
  } finally {
    limit.clear();
  }
  return told;
}

/** A while later; false when the time is up before. */
async function hasTime(limit: AbortSignal, signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(lookEveryMs, limit);
    return true;
  } catch (error) {
    signal.throwIfAborted();
    if (limit.aborted) return false;
    throw error;
  }
}
