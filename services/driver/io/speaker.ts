// Performs the effects of a committed turn: says what is to be said, stream by stream, and starts what is to be done.

import { unreachable } from "../../shared/core/assert.js";
import type { JobNumber } from "../../shared/core/id.js";
import type { Command } from "../core/facts/command.js";
import type { Effect } from "../core/facts/effect.js";
import type { StreamKey, StreamRefusal } from "../core/facts/fact.js";
import type { FarmView } from "../core/state/farm.js";
import { JobFault } from "../core/state/fault.js";
import type { ClusterService } from "./cluster-service.js";
import type { FileWork } from "./file-work.js";
import type { HandIns } from "./hand-ins.js";
import type { JobService } from "./job-service.js";
import { jobOfSpeech, type Speech } from "./saying.js";
import type { Streams } from "./streams.js";

export interface SpeakerParts {
  readonly streams: Pick<Streams, "say" | "refuse">;
  readonly jobs: Pick<JobService, "answerSubmit" | "answerControl" | "answerAdd" | "tell">;
  readonly cluster: Pick<ClusterService, "answerNode">;
  readonly fileWork: Pick<FileWork, "start">;
  readonly handIns: Pick<HandIns, "settle">;
  /** Told of a job about which the program is wrong. */
  readonly post: (command: Command) => void;
}

/** What is said on a stream comes in its order; between streams, clients and files there is none. */
export function performEffects(parts: SpeakerParts, effects: readonly Effect[], farm: FarmView): void {
  const speeches = new Map<StreamKey, Speech[]>();
  const refusals: { readonly stream: StreamKey; readonly refusal: StreamRefusal }[] = [];
  const changed = new Set<JobNumber>();
  for (const effect of effects) {
    switch (effect.kind) {
      case "answer-submit":
        parts.jobs.answerSubmit(effect.reply, effect.answer);
        break;
      case "answer-control":
        parts.jobs.answerControl(effect.reply, effect.answer);
        break;
      case "answer-add":
        parts.jobs.answerAdd(effect.reply, effect.answer);
        break;
      case "answer-node":
        parts.cluster.answerNode(effect.reply, effect.answer);
        break;
      case "tell-watchers":
        changed.delete(effect.job); // The order is that of the last facts (job-news.ts, O2).
        changed.add(effect.job);
        break;
      case "publish-merge":
      case "remove-inputs":
      case "report-job":
      case "keep-broken":
        parts.fileWork.start(effect);
        break;
      case "settle-hand-in":
        parts.handIns.settle(effect.handIn, effect.verdict, farm);
        break;
      case "close-stream":
        refusals.push(effect);
        break;
      case "welcome":
      case "extend-job":
      case "close-job":
      case "drain":
      case "hand-back":
      case "send-grant":
      case "acknowledge-results":
      case "revoke-ranges":
      case "send-merge":
      case "acknowledge-merge":
      case "revoke-merge":
        speechesOf(speeches, effect.stream).push(effect);
        break;
      default:
        unreachable(effect);
    }
  }
  for (const [stream, some] of speeches) say(parts, stream, some, farm);
  for (const { stream, refusal } of refusals) parts.streams.refuse(stream, refusal);
  for (const job of changed) parts.jobs.tell(job, farm);
}

/** What can't be said of one job keeps nothing unsaid of the others: that job goes out of service. */
function say(parts: SpeakerParts, stream: StreamKey, speeches: readonly Speech[], farm: FarmView): void {
  try {
    parts.streams.say(stream, speeches, farm);
  } catch (error) {
    if (!(error instanceof JobFault)) throw error;
    const others = speeches.filter((speech) => jobOfSpeech(speech) !== error.job);
    if (others.length === speeches.length) throw error;
    parts.post({ kind: "tell-fault", blamed: error });
    say(parts, stream, others, farm);
  }
}

function speechesOf(speeches: Map<StreamKey, Speech[]>, stream: StreamKey): Speech[] {
  const known = speeches.get(stream) ?? [];
  speeches.set(stream, known);
  return known;
}
