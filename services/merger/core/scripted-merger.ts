// A merger that is told what happens and answers in short, one string an action: for tests that read like a transcript.

import { assert } from "../../shared/core/assert.js";
import { epochNumber, grantNumber, groupNumber, jobNumber, sessionNumber } from "../../shared/core/id.js";
import { anInput, wholeSpec } from "../../shared/core/testing-spec.js";
import { step, wakeAtMs } from "./merger.js";
import type { DriverWord, LentGroup, MergeGrant } from "./message.js";
import { contradictionOf, newMerger, tallyOf, type MergerSettings, type MergerTally } from "./state.js";
import type { MergerAction, MergerEvent, MergeOutcome } from "./step.js";

export const job = jobNumber(1);
const spec = wholeSpec({ inputs: [anInput({ events: 1_000 })] });

export const fakeSettings: MergerSettings = {
  merger: "m1",
  incarnation: "first",
  node: { name: "node17", cores: 8, labels: {}, process: undefined },
  slots: 2,
  prefetch: 0,
  shortMergeMs: 1_000,
  handInMs: 1_000,
  welcomeWaitMs: 30_000,
};
const merged: MergeOutcome = {
  kind: "merged",
  file: { sizeBytes: 10, adler32: 20, events: 2, wallMs: 30, guid: "" },
};
export const open = { kind: "open-job", job, spec } as const satisfies DriverWord;

export const mergeOf = (group: number): MergeGrant => ({
  job,
  group: groupNumber(group),
  grant: grantNumber(100 + group),
});

export function lend(group: number): DriverWord {
  const grant = [grantNumber(1), grantNumber(1)];
  const lent: LentGroup = {
    merge: mergeOf(group),
    spans: { first: [2 * group], count: [2] },
    grant,
    sizeBytes: [5, 5],
    adler32: [1, 2],
  };
  return { kind: "lend", lent };
}

export interface ScriptedMerger {
  tell(event: MergerEvent): string[];
  hear(word: DriverWord): string[];
  /** The link comes up, and the driver answers the hello. */
  join(): string[];
  lose(): string[];
  end(slot: number, outcome?: MergeOutcome): string[];
  drain(graceMs: number): string[];
  wait(ms: number): string[];
  /** The epoch of the driver that is heard from now on. */
  setEpoch(epoch: number): void;
  tally(): MergerTally;
  wakeAtMs(): number | undefined;
}

/** A merger whose actions are told in short, one string each. */
export function begin(more: Partial<MergerSettings> = {}): ScriptedMerger {
  const merger = newMerger({ ...fakeSettings, ...more });
  let nowMs = 0;
  let session = 0;
  let epoch = 1;
  const tell = (event: MergerEvent): string[] => {
    const actions = step(merger, event, nowMs);
    assert(contradictionOf(merger) === undefined, "a merger does not contradict itself");
    return actions.map(short);
  };
  const hear = (word: DriverWord): string[] =>
    tell({ kind: "message", message: { epoch: epochNumber(epoch), word } });
  return {
    tell,
    hear,
    tally: () => tallyOf(merger),
    wakeAtMs: () => wakeAtMs(merger, nowMs),
    join: (): string[] => {
      session += 1;
      return [...tell({ kind: "link-up" }), ...hear(welcome(session))];
    },
    lose: () => tell({ kind: "link-down", reason: "gone", fenced: false }),
    end: (slot: number, outcome: MergeOutcome = merged) => tell({ kind: "merge-ended", slot, outcome }),
    drain: (graceMs: number) => tell({ kind: "drain-requested", reason: "told to", graceMs }),
    wait: (ms: number): string[] => {
      nowMs += ms;
      return tell({ kind: "tick" });
    },
    setEpoch: (value) => {
      epoch = value;
    },
  };
}

export function welcome(session: number, run = "r"): DriverWord {
  const intervals = { flushIntervalMs: 20, heartbeatIntervalMs: 10_000, leaseMs: 120_000 };
  return { kind: "welcome", session: sessionNumber(session), run, ...intervals };
}

function short(action: MergerAction): string {
  switch (action.kind) {
    case "send": {
      const { message } = action;
      if (message.kind === "hello") return `hello ${message.held.map(({ group }) => group).join(",")}`.trim();
      if (message.kind === "demand") return `demand ${message.credit}`;
      if (message.kind === "result")
        return `result ${message.number}: ${message.merge.group} ${message.report.kind}`;
      if (message.kind === "progress") return `progress ${message.merge.group}: ${message.bytesRead}`;
      return message.kind;
    }
    case "start-merge":
      return `start ${action.lent.merge.group} in ${action.slot}`;
    case "abort-merge":
      return `abort ${action.merge.group} in ${action.slot}`;
    case "remove-temporary":
      return `remove ${action.merge.group}`;
    case "close-link":
      return `close: ${action.reason}`;
    case "exit":
      return `exit ${action.exit}: ${action.reason}`;
  }
}

/** A merger that runs groups 1 and 2. */
export function busy(more: Partial<MergerSettings> = {}): ScriptedMerger {
  const merger = begin(more);
  merger.join();
  merger.hear(open);
  merger.hear(lend(1));
  merger.hear(lend(2));
  return merger;
}
