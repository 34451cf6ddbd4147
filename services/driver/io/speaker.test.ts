import { describe, expect, test } from "vitest";
import { jobNumber } from "../../shared/core/id.js";
import type { Effect } from "../core/facts/effect.js";
import { emptyFarm } from "../core/state/farm.js";
import { JobFault } from "../core/state/fault.js";
import { granted, mergeOf } from "../core/testing/testing.js";
import { performEffects, type SpeakerParts } from "./speaker.js";

describe("the effects of a turn", () => {
  /** What was done, in order. */
  function parts(): { readonly done: string[]; readonly parts: SpeakerParts } {
    const done: string[] = [];
    return {
      done,
      parts: {
        streams: {
          say: (stream, speeches) =>
            void done.push(`${String(stream)} ${speeches.map(({ kind }) => kind).join()}`),
          refuse: (stream, { why }) => void done.push(`${String(stream)} ${why}`),
        },
        jobs: {
          answerControl: () => undefined,
          answerAdd: () => undefined,
          answerSubmit: (reply) => void done.push(`answer ${String(reply)}`),
          tell: (job) => void done.push(`tell ${String(job)}`),
        },
        cluster: { answerNode: () => undefined },
        fileWork: { start: ({ kind }) => void done.push(kind) },
        post: (command) => void done.push(command.kind),
        handIns: { settle: (handIn, { kind }) => void done.push(`${kind} ${String(handIn)}`) },
      },
    };
  }

  test("are said stream by stream, each stream's in order, and a refusal after all that was said", () => {
    const { done, parts: to } = parts();
    const effects: Effect[] = [
      { kind: "close-stream", stream: 1, refusal: { why: "replaced", message: "newer" } },
      { kind: "acknowledge-results", stream: 1, number: 1, superseded: [] },
      { kind: "send-grant", stream: 2, grant: granted(1, [0]), alone: false },
      { kind: "revoke-ranges", stream: 1, revoked: [] },
    ];
    performEffects(to, effects, emptyFarm());
    expect(done).toEqual(["1 acknowledge-results,revoke-ranges", "2 send-grant", "1 replaced"]);
  });

  test("are said of all jobs but the one that the program is wrong about, which goes out of service", () => {
    const { done, parts: to } = parts();
    const say: SpeakerParts["streams"]["say"] = (stream, speeches, farm) => {
      if (speeches.some((speech) => speech.kind === "close-job" && speech.job === 1))
        throw new JobFault(jobNumber(1), "close-job was said", new TypeError("no job"));
      to.streams.say(stream, speeches, farm);
    };
    const over = (job: number): Effect => ({ kind: "close-job", stream: 1, job: jobNumber(job) });
    const effects: Effect[] = [
      over(1),
      over(2),
      { kind: "acknowledge-results", stream: 1, number: 4, superseded: [] },
    ];
    performEffects({ ...to, streams: { ...to.streams, say } }, effects, emptyFarm());
    expect(done).toEqual(["tell-fault", "1 close-job,acknowledge-results"]);
  });

  test("tell a job's watchers once, however often it changed, in the order of the last change", () => {
    const { done, parts: to } = parts();
    const tell = (job: number): Effect => ({ kind: "tell-watchers", job: jobNumber(job) });
    performEffects(to, [tell(1), tell(2), tell(1)], emptyFarm());
    expect(done).toEqual(["tell 2", "tell 1"]);
  });

  test("answer clients and begin file work", () => {
    const { done, parts: to } = parts();
    const answer = { kind: "accepted", job: jobNumber(1), repeated: false } as const;
    performEffects(
      to,
      [
        { kind: "answer-submit", reply: 5, answer },
        { kind: "publish-merge", merge: mergeOf(1, 2) },
        { kind: "remove-inputs", merge: mergeOf(1, 2) },
        { kind: "report-job", job: jobNumber(1) },
      ],
      emptyFarm(),
    );
    expect(done).toEqual(["answer 5", "publish-merge", "remove-inputs", "report-job"]);
  });
});
