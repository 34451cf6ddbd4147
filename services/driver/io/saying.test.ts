import { describe, expect, test } from "vitest";
import { jobNumber, type JobNumber } from "../../shared/core/id.js";
import type { Effect } from "../core/facts/effect.js";
import { granted, mergeOf, ToldDriver } from "../core/testing/testing.js";
import { anInput } from "../../shared/core/testing-spec.js";
import { aSpec } from "../core/testing/testing-spec.js";
import { sayingsOf, type Speech } from "./saying.js";

const terms = { flushIntervalMs: 20, heartbeatIntervalMs: 20_000, leaseMs: 120_000 };
const stranger = { terms, jobs: new Set<JobNumber>() };
const workmate = { terms, jobs: new Set([jobNumber(1)]) };

/** Job 1 of four ranges, done under grant 1, and merge group 1 lent under grant 2. */
function aMerge(): ToldDriver {
  const driver = new ToldDriver();
  driver.submit(aSpec({ inputs: [4] }));
  driver.actor().ask(4).done(1, [0, 1, 2, 3]);
  driver.merger().ask(1);
  return driver;
}

function speech(effect: Effect): Speech {
  if (!("stream" in effect) || effect.kind === "close-stream") throw new Error("not said on a stream");
  return effect;
}

describe("what is said on a stream after a turn", () => {
  test("comes in its order, with all acknowledgements gathered into one, last", () => {
    const sayings = sayingsOf(
      [
        { kind: "acknowledge-results", stream: 1, number: 7, superseded: [granted(1, [3])] },
        { kind: "send-grant", stream: 1, grant: granted(2, [0]), alone: false },
        { kind: "acknowledge-results", stream: 1, number: 8, superseded: [] },
        { kind: "acknowledge-merge", stream: 1, number: 9 },
        { kind: "revoke-ranges", stream: 1, revoked: [granted(1, [1])] },
        { kind: "close-job", stream: 1, job: jobNumber(1) },
      ],
      aMerge().farm,
      workmate,
    );
    expect(sayings).toEqual([
      { kind: "grant", grant: granted(2, [0]), alone: false },
      { kind: "revoke-ranges", revoked: [granted(1, [1])] },
      { kind: "close-job", job: 1 },
      { kind: "acknowledge", numbers: [7, 8, 9], superseded: [granted(1, [3])] },
    ]);
  });

  test("carries what it needs of the farm: the run and the terms, the job, a merge's outputs", () => {
    const driver = aMerge();
    const effects = [...driver.effectsOn(1), ...driver.effects("send-merge")];
    const sayings = sayingsOf(effects.map(speech), driver.farm, stranger);
    expect(sayings).toMatchObject([
      { kind: "welcome", session: 1, run: "run-1", terms },
      { kind: "open-job", job: 1, spec: aSpec({ inputs: [4] }) },
      { kind: "grant", grant: granted(1, [0, 1, 2, 3]) },
      {
        kind: "merge",
        merge: mergeOf(1, 2),
        spans: { first: [0], count: [4] },
        outputs: [100, 101, 102, 103].map((sizeBytes) => ({ grant: 1, sizeBytes, adler32: sizeBytes + 900 })),
      },
      { kind: "acknowledge" },
    ]);
  });

  test("comes with a long merge group in parts, each of which says how much came ahead of it", () => {
    const driver = aMerge();
    const lent = driver.effects("send-merge");
    const part = { kind: "merge", merge: mergeOf(1, 2) };
    expect(sayingsOf(lent, driver.farm, workmate, 3)).toMatchObject([
      { ...part, spans: { first: [0], count: [3] }, part: { ahead: 0, more: true } },
      { ...part, spans: { first: [3], count: [1] }, part: { ahead: 3, more: false } },
    ]);
    expect(sayingsOf(lent, driver.farm, workmate, 4)).toMatchObject([{ ...part, part: undefined }]);
  });

  test("has no merge that was taken back in the same turn, or dissolved", () => {
    const driver = aMerge();
    const lent = driver.effects("send-merge");
    driver.merger({ merges: [] }); // Its new hello names nothing, so the group returned.
    expect(sayingsOf(lent, driver.farm, stranger)).toEqual([]);
    driver.merger({ name: "other" }).ask(1).failMerge(mergeOf(1, 3), [0]);
    expect(sayingsOf(lent, driver.farm, stranger)).toEqual([]);
  });

  test("has a job before the first grant of it, with what was added, and again when it was closed since (J1)", () => {
    const driver = new ToldDriver();
    driver.submit(aSpec({ inputs: [1], open: true }));
    driver.add([anInput({ path: "/in/more.lhe" })]);
    const grant = { kind: "send-grant", stream: 1, grant: granted(1, [0]), alone: false } as const;
    const close = { kind: "close-job", stream: 1, job: jobNumber(1) } as const;
    const kinds = (speeches: readonly Speech[], hearer = stranger): readonly string[] =>
      sayingsOf(speeches, driver.farm, hearer).map(({ kind }) => kind);
    expect(kinds([grant, grant])).toEqual(["open-job", "extend-job", "grant", "grant"]);
    expect(kinds([grant, close, grant], workmate)).toEqual([
      ...["grant", "close-job", "open-job", "extend-job", "grant"],
    ]);
  });

  test("has what is added to a job where that is known, and nowhere else (J1)", () => {
    const driver = new ToldDriver();
    driver.submit(aSpec({ inputs: [1], open: true }));
    driver.add([anInput({ path: "/in/more.lhe" })]);
    const extend = { kind: "extend-job", stream: 1, job: jobNumber(1), firstInput: 1, inputs: 1 } as const;
    expect(sayingsOf([extend], driver.farm, stranger)).toEqual([]);
    expect(sayingsOf([extend], driver.farm, workmate)).toMatchObject([{ kind: "extend-job", firstInput: 1 }]);
  });

  test("is nothing when there is nothing to say", () => {
    expect(sayingsOf([], aMerge().farm, stranger)).toEqual([]);
  });

  test("comes with added inputs in pieces, each of which says where it begins", () => {
    const driver = new ToldDriver();
    driver.submit(aSpec({ inputs: [1], open: true }));
    const added = Array.from({ length: 1_500 }, (_, i) => anInput({ path: `/in/more-${i}.lhe` }));
    driver.add(added);
    const speeches = driver.effectsOn(driver.actor().ask(1).stream).map(speech);
    const sayings = sayingsOf(speeches, driver.farm, stranger).filter(({ kind }) => kind === "extend-job");
    expect(sayings).toEqual([
      { kind: "extend-job", job: 1, firstInput: 1, inputs: added.slice(0, 1_024) },
      { kind: "extend-job", job: 1, firstInput: 1_025, inputs: added.slice(1_024) },
    ]);
  });
});
