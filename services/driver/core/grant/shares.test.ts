import { describe, expect, test } from "vitest";
import { jobNumber } from "../../../shared/core/id.js";
import { seededRng } from "../../../shared/core/rng.js";
import { eachRange, rangesIn } from "../../../shared/core/spans.js";
import type { Command, Hello } from "../facts/command.js";
import { emptyFarm, jobOf } from "../state/farm.js";
import type { Job } from "../state/job.js";
import { defaultRules } from "../rules.js";
import { runNodes, type Lender, type NodeStory, type NodeTraits } from "../testing/testing-nodes.js";
import { outputsOf } from "../testing/testing.js";
import { aSpec } from "../testing/testing-spec.js";
import { takeTurn } from "../turn.js";

/** The real core. A node's stream is its index. */
function driverOf(nodes: readonly NodeTraits[], ranges: number): Lender {
  const farm = emptyFarm();
  const grants = new Map<number, number>();
  const credit = nodes.map(() => 0);
  const lender: Lender = { report, onLent: () => undefined };
  function tell(...commands: readonly Command[]): void {
    const { effects } = takeTurn(farm, commands, { nowMs: 0, unixMs: 0 }, defaultRules);
    for (const effect of effects) {
      if (effect.kind !== "send-grant") continue;
      for (const range of eachRange(effect.grant.spans)) {
        grants.set(range, effect.grant.grant);
        credit[effect.stream] = (credit[effect.stream] ?? 0) + 1;
        lender.onLent(effect.stream, range);
      }
    }
  }
  function report(...[stream, done, wanted]: Parameters<Lender["report"]>): void {
    const outputs = [...done].map(([range, ms]) => ({
      ...outputsOf(grants.get(range) ?? 0, [range]),
      wallMs: [ms],
    }));
    tell(
      { kind: "report-results", stream, number: 1, outputs, failures: [], returned: [], suspected: [] },
      { kind: "raise-demand", stream, credit: (credit[stream] ?? 0) + wanted },
    );
  }
  const spec = aSpec({ inputs: [ranges], everyOutputs: ranges });
  tell({ kind: "submit-job", reply: 1, requestId: "a", spec });
  nodes.forEach(({ slots }, stream) => {
    const who = { role: "actor" as const, name: `n${stream}`, incarnation: "1", node: `n${stream}` };
    const hello = { ...who, slots, labels: {}, allocationEndsAtMs: undefined, ranges: [], merges: [] };
    tell({ kind: "open-session", stream, hello });
  });
  expect(farm.live.has(jobNumber(1))).toBe(true);
  return lender;
}

/** Whoever asks gets what it asks for, or an equal share when less is there. */
function equalShares(nodes: readonly NodeTraits[], ranges: number): Lender {
  let next = 0;
  const lender: Lender = {
    report: (node, _done, wanted) => {
      const share = Math.min(wanted, Math.ceil((ranges - next) / nodes.length));
      for (let given = 0; given < share; given += 1) lender.onLent(node, next++);
    },
    onLent: () => undefined,
  };
  return lender;
}

const times = [10_000, 25_000, 50_000];
const slots = [2, 8, 3];
/** Speeds as 5 to 2 to 1, and slots differ. */
const nodes = Array.from({ length: 9 }, (_, i): NodeTraits => ({
  eventMs: times[i % 3] ?? 0,
  slots: slots[Math.floor(i / 3)] ?? 0,
}));
const ranges = 3_000;

/** Milliseconds from the first node that ended to the last. */
function spreadOf(stories: readonly NodeStory[]): number {
  const ends = stories.map(({ endedAtMs }) => endedAtMs);
  return Math.max(...ends) - Math.min(...ends);
}

describe("nodes of speeds 5 : 2 : 1 with 2, 8 and 3 slots", () => {
  const seeds = [1, 2, 3, 4, 5];
  const runs = seeds.map((seed) => ({
    ours: runNodes(nodes, driverOf(nodes, ranges), seededRng(seed)),
    equal: runNodes(nodes, equalShares(nodes, ranges), seededRng(seed)),
  }));

  test.each(seeds)("do all that there is, and end within one event of the slowest (seed %i)", (seed) => {
    const { ours, equal } = runs[seed - 1] ?? { ours: [], equal: [] };
    expect(ours.reduce((sum, { done }) => sum + done, 0)).toBe(ranges);
    expect(spreadOf(ours)).toBeLessThan(50_000);
    expect(spreadOf(ours)).toBeLessThan(spreadOf(equal));
  });

  test.each(seeds)("are done sooner than with equal shares (seed %i)", (seed) => {
    const { ours, equal } = runs[seed - 1] ?? { ours: [], equal: [] };
    const end = (stories: readonly NodeStory[]): number =>
      Math.max(...stories.map(({ endedAtMs }) => endedAtMs));
    expect(end(ours)).toBeLessThan(end(equal));
  });

  test.each(seeds)("each do what their speed makes of it, within 3 %% (seed %i)", (seed) => {
    const speeds = nodes.map(({ slots: of, eventMs }) => of / eventMs);
    const total = speeds.reduce((sum, speed) => sum + speed, 0);
    runs[seed - 1]?.ours.forEach(({ done }, i) => {
      const due = ((speeds[i] ?? 0) / total) * ranges;
      expect(Math.abs(done - due)).toBeLessThan(Math.max(3, 0.03 * due));
    });
  });
});

describe("many kinds of node", () => {
  /** How many ranges each of 150 actors is lent that ask for ten, all in one moment; and the job then. */
  function lent(
    kinds: number,
    of = 450,
  ): { readonly ranges: readonly number[]; readonly ask: (atMs: number) => Job } {
    const farm = emptyFarm();
    const ranges: number[] = [];
    const tell = (nowMs: number, command: Command): void => {
      for (const effect of takeTurn(farm, [command], { nowMs, unixMs: 0 }, defaultRules).effects)
        if (effect.kind === "send-grant") ranges[effect.stream] = rangesIn(effect.grant.spans);
    };
    tell(0, { kind: "submit-job", reply: 1, requestId: "a", spec: aSpec({ inputs: [of] }) });
    for (let stream = 0; stream < 150; stream += 1) {
      const who = {
        role: "actor" as const,
        name: `n${stream}`,
        incarnation: "1",
        node: `n${stream}`,
        slots: 2,
      };
      const nothing = { allocationEndsAtMs: undefined, ranges: [], merges: [] };
      const hello: Hello = { ...who, ...nothing, labels: { host: String(stream % kinds) } };
      tell(0, { kind: "open-session", stream, hello });
    }
    const ask = (nowMs: number, stream = 0): Job => {
      tell(nowMs, { kind: "raise-demand", stream, credit: 10 + nowMs });
      return jobOf(farm, jobNumber(1));
    };
    for (let stream = 0; stream < 150; stream += 1) ask(0, stream);
    return { ranges, ask };
  }

  test("share like one kind", () => {
    expect(lent(150).ranges).toEqual(lent(1).ranges);
    expect(lent(150).ranges).toEqual(Array(150).fill(3));
  });

  test("are summed once for all that ask within a moment, and few of them each time (H3)", () => {
    const { ask } = lent(150, 10_000);
    expect([0, 1, 2, 3].map((nowMs) => ask(nowMs).crew?.atMs)).toEqual([0, 0, 2, 2]);
    expect(lent(100, 10_000).ask(1).crew).toBeUndefined();
  });
});
