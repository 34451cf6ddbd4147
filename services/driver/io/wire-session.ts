// What the actors' and the mergers' streams have in common on the wire.

import type { Heartbeat, NodeFacts, ProcessFacts } from "../../../gen/noctua/v1/types.js";
import { jobNumber } from "../../shared/core/id.js";
import { waitsForMax } from "../../shared/core/peer-message.js";
import { atLeastOne, filled, WireError } from "../../shared/io/wire-checks.js";
import { latenciesFromWire } from "../../shared/io/wire-latencies.js";
import { slotTimesFromWire } from "../../shared/io/wire-slot-times.js";
import { labelsFromWire } from "../../shared/io/wire-types.js";
import { wordToWire } from "../../shared/io/wire-words.js";
import type { Hello } from "../core/facts/command.js";
import type { Heard } from "./heard.js";
import type { Saying } from "./saying.js";

export function commonSaying(
  saying: Extract<
    Saying,
    { kind: "welcome" | "open-job" | "extend-job" | "close-job" | "drain" | "hand-back" }
  >,
): ReturnType<typeof wordToWire> {
  if (saying.kind !== "welcome") return wordToWire(saying);
  const { kind, session, run, terms } = saying;
  return wordToWire({ kind, session, run, ...terms });
}

const nameLengthMax = 256;

/** A name that somebody gave: not empty, and not so long that it fills logs. */
export function filledName(name: string, where: string): string {
  if (name.length >= 1 && name.length <= nameLengthMax) return name;
  throw new WireError(where, `1 to ${nameLengthMax} characters`, `${name.length}`);
}

/** What a hello says of its sender's node. */
export function nodeFromWire(message: NodeFacts | undefined): Pick<Hello, "node" | "labels"> {
  const { name, labels } = filled(message, "hello.node");
  return { node: filledName(name, "hello.node.name"), labels: labelsFromWire(labels, "hello.node.labels") };
}

/** Jobs of which one heartbeat may tell. */
const runningJobsMax = 1_000;

export function aliveFromWire({
  allocationLeftMs,
  latencies,
  running,
  runningStays,
  waitsFor,
  slotTimes,
}: Heartbeat): Heard {
  if (running.length > runningJobsMax)
    throw new WireError("heartbeat.running", `at most ${runningJobsMax} jobs`, String(running.length));
  if (waitsFor !== undefined && waitsFor.length > waitsForMax)
    throw new WireError("heartbeat.waits_for", `at most ${waitsForMax} letters`, String(waitsFor.length));
  return {
    kind: "alive",
    leftMs: allocationLeftMs,
    latencies: latenciesFromWire(latencies, "heartbeat.latencies"),
    running: runningStays
      ? undefined
      : running.map(({ job, events }, i) => ({
          job: jobNumber(atLeastOne(job, `heartbeat.running[${i}].job`)),
          events,
        })),
    waitsFor,
    slotTimes: slotTimesFromWire(slotTimes, "heartbeat.slot_times"),
  };
}

/** What a hello says of its sender's process. */
export function processFromWire(message: ProcessFacts | undefined): ProcessFacts | undefined {
  if (message === undefined) return undefined;
  const where = "hello.node.process";
  const { slurmCluster, slurmJob, slurmNode } = message;
  for (const text of [slurmCluster, slurmJob, slurmNode]) if (text !== "") filledName(text, `${where}.slurm`);
  return {
    bootId: filledName(message.bootId, `${where}.boot_id`),
    namespace: filledName(message.namespace, `${where}.namespace`),
    pid: atLeastOne(message.pid, `${where}.pid`),
    startTime: filledName(message.startTime, `${where}.start_time`),
    slurmCluster,
    slurmJob,
    slurmNode,
  };
}
