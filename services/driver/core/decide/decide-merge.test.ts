import { describe, expect, test } from "vitest";
import { eachRange } from "../../../shared/core/spans.js";
import { mergeOf, ToldDriver, type Peer } from "../testing/testing.js";
import { aSpec } from "../testing/testing-spec.js";

/** A job of `events` ranges that are all done under grant 1, and a merger that asks for nothing yet. */
function aMerge(
  events: number,
  changes: Parameters<typeof aSpec>[0] = {},
): { driver: ToldDriver; actor: Peer; merger: Peer } {
  const driver = new ToldDriver({ leaseMs: 30_000 });
  driver.submit(aSpec({ inputs: [events], ...changes }));
  const actor = driver.actor().ask(events);
  actor.done(
    1,
    Array.from({ length: events }, (_, range) => range),
  );
  return { driver, actor, merger: driver.merger() };
}

function stages(driver: ToldDriver): string[] {
  return [...driver.job().groups.values()].map(({ number, stage }) => `${String(number)} ${stage.kind}`);
}

describe("a merged file", () => {
  test("is accepted, published, and only then are its inputs removed (P3, G2)", () => {
    const { driver, merger } = aMerge(3);
    merger.ask(1).merged(mergeOf(1, 2));
    expect(stages(driver)).toEqual(["1 accepted"]);
    expect(driver.effects("remove-inputs")).toEqual([]);
    expect(driver.job().table.counts).toMatchObject({ done: 3, merged: 0 });
    driver.tell({ kind: "confirm-published", merge: mergeOf(1, 2) });
    expect(stages(driver)).toEqual(["1 published"]);
    expect(driver.effects("remove-inputs")).toEqual([{ kind: "remove-inputs", merge: { job: 1, group: 1 } }]);
    expect(driver.job().table.counts).toMatchObject({ done: 0, merged: 3 });
    driver.tell({ kind: "confirm-inputs-removed", merge: mergeOf(1, 2) });
    expect(stages(driver)).toEqual(["1 closed"]);
  });

  test("is settled with its merger, which forgets it", () => {
    const { driver, merger } = aMerge(1);
    merger.ask(1);
    merger.reportMerge(
      mergeOf(1, 2),
      { kind: "merged", file: { sizeBytes: 1, adler32: 2, events: 1, guid: "" } },
      5,
    );
    expect(driver.effectsOn(merger.stream).find(({ kind }) => kind === "acknowledge-merge")).toMatchObject({
      number: 5,
    });
    expect(driver.farm.sessions.get(merger.session ?? expect.fail())?.holds.size).toBe(0);
  });

  test("of a grant that the group is not lent under is not wanted, and harms nothing (P3, W1)", () => {
    const { driver, merger } = aMerge(1);
    merger.ask(1).say("detach-stream");
    driver.pass(31_000);
    const other = driver.merger({ name: "other" }).ask(1);
    const late = driver.merger({ merges: [mergeOf(1, 2)] });
    late.merged(mergeOf(1, 2));
    expect(late.heard()).toEqual(["welcome", "acknowledge-merge", "revoke-merge"]);
    expect(stages(driver)).toEqual(["1 granted"]);
    other.merged(mergeOf(1, 3));
    expect(stages(driver)).toEqual(["1 accepted"]);
    late.merged(mergeOf(1, 2));
    expect(driver.effects("revoke-merge")).toHaveLength(2);
  });

  test("that was accepted and is reported again is settled again, and left alone (W2)", () => {
    const { driver, merger } = aMerge(1);
    merger.ask(1).merged(mergeOf(1, 2));
    merger.merged(mergeOf(1, 2));
    driver.tell({ kind: "confirm-published", merge: mergeOf(1, 2) });
    merger.merged(mergeOf(1, 2));
    driver.workFiles();
    merger.merged(mergeOf(1, 2));
    expect(driver.effects("acknowledge-merge")).toHaveLength(4);
    expect(driver.effects("revoke-merge")).toEqual([]);
    expect(driver.facts("merge-accepted")).toHaveLength(1);
  });

  test("under a grant that another merger has now is refused, and changes nothing (W4, P8)", () => {
    const { driver, merger } = aMerge(3);
    merger.ask(1);
    const impostor = driver.merger({ name: "impostor" });
    impostor.merged(mergeOf(1, 2));
    expect(driver.effectsOn(impostor.stream).at(-1)).toMatchObject({
      refusal: {
        why: "malformed",
        message: expect.stringContaining("grant 2 is another session's") as string,
      },
    });
    expect(stages(driver)).toEqual(["1 granted"]);
    merger.merged(mergeOf(1, 2));
    expect(stages(driver)).toEqual(["1 accepted"]);
  });

  test("is published once, however often that is confirmed", () => {
    const { driver, merger } = aMerge(1);
    merger.ask(1);
    driver.tell({ kind: "confirm-published", merge: mergeOf(1, 2) });
    expect(driver.facts("merge-published")).toEqual([]);
    merger.merged(mergeOf(1, 2));
    const published = { kind: "confirm-published", merge: mergeOf(1, 2) } as const;
    driver.tell(published, published);
    const removed = { kind: "confirm-inputs-removed", merge: mergeOf(1, 2) } as const;
    driver.tell(removed, removed, published);
    const reported = { kind: "confirm-reported", job: driver.job().number } as const;
    driver.tell(reported, reported);
    for (const kind of ["merge-published", "merge-inputs-removed", "job-reported"] as const)
      expect(driver.facts(kind)).toHaveLength(1);
  });
});

describe("a merge that fails", () => {
  test("is tried again under a new grant, and given up with its inputs kept when its tries are spent", () => {
    const { driver, merger } = aMerge(2, { mergeAttempts: 2 });
    merger.ask(2).failMerge(mergeOf(1, 2));
    expect(merger.merges()).toEqual([mergeOf(1, 2), mergeOf(1, 3)]);
    merger.failMerge(mergeOf(1, 3));
    expect(stages(driver)).toEqual(["1 failed"]);
    expect(driver.job().table.counts).toMatchObject({ done: 2 });
    expect(driver.facts("merge-failed").map(({ final }) => final)).toEqual([false, true]);
  });

  test("under a grant that is over costs no try", () => {
    const { driver, merger } = aMerge(1);
    merger.ask(2).failMerge(mergeOf(1, 2));
    merger.failMerge(mergeOf(1, 2));
    expect(driver.facts("merge-failed")).toHaveLength(1);
    expect(driver.effects("revoke-merge")).toEqual([]);
  });

  test("is handed back at no cost when it was returned", () => {
    const { driver, merger } = aMerge(1);
    merger.ask(2).reportMerge(mergeOf(1, 2), { kind: "returned" });
    expect(merger.merges()).toEqual([mergeOf(1, 2), mergeOf(1, 3)]);
    expect([...driver.job().groups.values()][0]?.attemptsUsed).toBe(0);
  });
});

describe("outputs found lost", () => {
  test("dissolve the group: they are done again at no cost, the others wait for a new group (P5)", () => {
    const { driver, actor, merger } = aMerge(4);
    merger.ask(1).failMerge(mergeOf(1, 2), [1, 2]);
    expect(stages(driver)).toEqual([]);
    const { table, unmerged, eventsDone } = driver.job();
    expect(table.counts).toMatchObject({ ready: 2, done: 2 });
    expect([...eachRange(unmerged.spans())]).toEqual([0, 3]);
    expect([table.creditUsed(1), eventsDone]).toEqual([0, 2]);
    actor.ask(6).done(3, [1, 2]);
    expect(driver.facts("merge-planned").at(-1)).toMatchObject({ group: 2 });
    merger.ask(2).merged(mergeOf(2, 4));
    driver.workFiles();
    expect(driver.facts("job-ended")).toMatchObject([{ outcome: "finished" }]);
  });

  test("cost the group no try", () => {
    const { driver, merger } = aMerge(2, { mergeAttempts: 1 });
    merger.ask(1).failMerge(mergeOf(1, 2), [0]);
    expect(driver.facts("merge-failed")).toEqual([]);
  });

  test("are believed only from the grant that the group is lent under", () => {
    const { driver, merger } = aMerge(1);
    merger.ask(2).failMerge(mergeOf(1, 2));
    merger.failMerge(mergeOf(1, 2), [0]);
    expect(driver.facts("outputs-lost")).toEqual([]);
    expect(driver.job().table.stateOf(0)).toBe("done");
  });

  test("of a group that was dissolved meanwhile are a late word, not a malformed one", () => {
    const { driver, merger } = aMerge(2);
    merger.ask(1).failMerge(mergeOf(1, 2), [0]);
    driver.forget();
    merger.failMerge(mergeOf(1, 2), [0]);
    expect(merger.heard()).toEqual(["acknowledge-merge"]);
  });
});

describe("a merger's message that makes no sense", () => {
  test("is refused, and nothing of it is believed", () => {
    const wrong: ((merger: Peer) => unknown)[] = [
      (merger) => merger.merged(mergeOf(1, 2, 7)),
      (merger) => merger.merged(mergeOf(1, 3)),
      (merger) => merger.failMerge(mergeOf(1, 2), [2]),
      (merger) => merger.failMerge(mergeOf(1, 2), [1]),
    ];
    for (const say of wrong) {
      const { driver, merger } = aMerge(2, { everyOutputs: 1 });
      merger.ask(1);
      const facts = driver.journal.length;
      say(merger);
      expect(driver.effectsOn(merger.stream).at(-1)).toMatchObject({
        kind: "close-stream",
        refusal: { why: "malformed", message: expect.stringContaining("merge group 1") as unknown },
      });
      expect(driver.journal).toHaveLength(facts);
    }
  });
});
