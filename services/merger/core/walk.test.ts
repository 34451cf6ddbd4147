import fc from "fast-check";
import { expect, test } from "vitest";
import { epochNumber, grantNumber, groupNumber, jobNumber, sessionNumber } from "../../shared/core/id.js";
import { step } from "./merger.js";
import type { DriverWord, LentGroup } from "./message.js";
import { fakeSettings, open } from "./scripted-merger.js";
import { contradictionOf, newMerger, tallyOf } from "./state.js";
import type { MergerAction, MergerEvent } from "./step.js";

/** One thing that may happen; the number picks which group or slot it happens to. */
const happening = fc.tuple(
  fc.constantFrom("lend", "repeat", "open", "end", "abort", "acknowledge", "revoke", "lose", "join", "wait"),
  fc.nat({ max: 7 }),
);

/** A merger and the little of a driver that is needed to see what became of each group. */
class Walk {
  readonly merger = newMerger({ ...fakeSettings, prefetch: 1 });
  readonly lent: LentGroup[] = [];
  readonly revoked = new Set<number>();
  readonly reported = new Set<number>();
  readonly busy = new Map<number, number>();
  readonly begun = new Set<number>();
  unacknowledged: number[] = [];
  sessions = 0;
  credit = 0;
  received = 0;
  isUp = false;
  nowMs = 0;

  tell(event: MergerEvent): void {
    for (const action of step(this.merger, event, this.nowMs)) this.see(action);
    expect(contradictionOf(this.merger)).toBeUndefined();
  }

  hear(word: DriverWord): void {
    if (this.isUp) this.tell({ kind: "message", message: { epoch: epochNumber(1), word } });
  }

  see(action: MergerAction): void {
    if (action.kind === "start-merge") {
      const { group } = action.lent.merge;
      expect(this.busy.has(action.slot)).toBe(false);
      expect(this.begun.has(group)).toBe(false);
      this.begun.add(group);
      this.busy.set(action.slot, group);
    }
    if (action.kind !== "send") return;
    const { message } = action;
    if (message.kind === "demand") {
      expect(message.credit).toBeGreaterThanOrEqual(this.credit);
      this.credit = message.credit;
    }
    if (message.kind !== "result") return;
    expect(this.revoked.has(message.merge.group)).toBe(false);
    this.reported.add(message.merge.group);
    this.unacknowledged.push(message.number);
  }

  join(): void {
    if (this.isUp) return;
    this.isUp = true;
    this.sessions += 1;
    this.credit = 0;
    this.received = 0;
    this.unacknowledged = [];
    this.tell({ kind: "link-up" });
    const session = sessionNumber(this.sessions);
    const intervals = { flushIntervalMs: 20, heartbeatIntervalMs: 10, leaseMs: 100 };
    this.hear({ kind: "welcome", session, run: "r", ...intervals });
  }

  lend(): void {
    if (!this.isUp || this.received >= this.credit) return;
    const group = this.lent.length + 1;
    const merge = { job: jobNumber(1), group: groupNumber(group), grant: grantNumber(group) };
    const columns = { grant: [grantNumber(1)], sizeBytes: [1], adler32: [1] };
    this.lent.push({ merge, spans: { first: [group], count: [1] }, ...columns });
    this.received += 1;
    this.repeat(group - 1);
  }

  repeat(which: number): void {
    const lent = this.lent[which % Math.max(1, this.lent.length)];
    if (lent !== undefined) this.hear({ kind: "lend", lent });
  }

  revoke(which: number): void {
    const lent = this.lent.at(-1 - which);
    if (lent === undefined || !this.isUp) return;
    this.revoked.add(lent.merge.group);
    this.hear({ kind: "revoke", merges: [lent.merge] });
  }

  end(slot: number, kind: "merged" | "aborted"): void {
    if (!this.busy.delete(slot)) return;
    const file = { sizeBytes: 1, adler32: 1, events: 1, wallMs: 1, guid: "" };
    this.tell({ kind: "merge-ended", slot, outcome: kind === "merged" ? { kind, file } : { kind } });
  }

  acknowledge(which: number): void {
    const numbers = this.unacknowledged.slice(0, 1 + which);
    this.unacknowledged = this.unacknowledged.slice(1 + which);
    this.hear({ kind: "acknowledge", numbers });
  }

  happen([what, which]: readonly [string, number]): void {
    if (what === "lend") this.lend();
    else if (what === "repeat") this.repeat(which);
    else if (what === "open") this.hear(open);
    else if (what === "end" || what === "abort") this.end(which % 2, what === "end" ? "merged" : "aborted");
    else if (what === "acknowledge") this.acknowledge(which);
    else if (what === "revoke") this.revoke(which);
    else if (what === "join") this.join();
    else if (what === "lose" && this.isUp) {
      this.isUp = false;
      this.tell({ kind: "link-down", reason: "gone", fenced: false });
    } else {
      this.nowMs += which;
      this.tell({ kind: "tick" });
    }
  }
}

test("whatever happens, each group that is lent and not revoked is merged at most once and reported", () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 120 }), (happenings) => {
      const walk = new Walk();
      for (const one of happenings) walk.happen(one);
      walk.join();
      walk.hear(open);
      while (walk.busy.size > 0) for (const slot of [...walk.busy.keys()]) walk.end(slot, "merged");
      walk.acknowledge(1_000);
      expect(tallyOf(walk.merger)).toMatchObject({ waiting: 0, running: 0, unacknowledged: 0 });
      for (const { merge } of walk.lent) {
        if (!walk.revoked.has(merge.group)) expect(walk.reported.has(merge.group)).toBe(true);
      }
    }),
    { seed: 31, numRuns: 400 },
  );
});
