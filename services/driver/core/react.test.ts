import { describe, expect, test } from "vitest";
import { apply } from "./apply/apply.js";
import { emptyFarm, type Farm } from "./state/farm.js";
import { pendingEffects } from "./react.js";
import { mergeOf, ToldDriver } from "./testing/testing.js";
import { aSpec } from "./testing/testing-spec.js";

/** The farm as the next driver finds it. */
function recovered(driver: ToldDriver): Farm {
  const farm = emptyFarm();
  for (const fact of driver.journal) apply(farm, fact);
  return farm;
}

describe("what a driver owes the world after a recovery (X1)", () => {
  test("is to publish what was accepted, and to remove the inputs of what was published", () => {
    const driver = new ToldDriver();
    driver.submit(aSpec({ inputs: [3], everyOutputs: 1 }));
    driver.actor().ask(3).done(1, [0, 1, 2]);
    const merger = driver.merger().ask(3);
    expect(pendingEffects(recovered(driver))).toEqual([]);
    merger.merged(mergeOf(1, 2));
    merger.merged(mergeOf(2, 3));
    driver.tell({ kind: "confirm-published", merge: mergeOf(2, 3) });
    expect(pendingEffects(recovered(driver))).toEqual([
      { kind: "publish-merge", merge: mergeOf(1, 2) },
      { kind: "remove-inputs", merge: { job: 1, group: 2 } },
    ]);
    driver.tell({ kind: "confirm-inputs-removed", merge: mergeOf(2, 3) });
    expect(pendingEffects(recovered(driver))).toEqual([{ kind: "publish-merge", merge: mergeOf(1, 2) }]);
  });

  test("is to write the report of a job that ended, and nothing once that is done", () => {
    const driver = new ToldDriver();
    driver.submit(aSpec({ inputs: [1], attempts: 1 }));
    driver.actor().ask(1).fail(1, 0);
    expect(pendingEffects(recovered(driver))).toEqual([{ kind: "report-job", job: 1 }]);
    driver.workFiles();
    expect(pendingEffects(recovered(driver))).toEqual([]);
  });

  test("is what it was asked for the first time: each pending effect was an effect before", () => {
    const driver = new ToldDriver();
    driver.submit(aSpec({ inputs: [2], everyOutputs: 1 }));
    driver.actor().ask(2).done(1, [0, 1]);
    const merger = driver.merger().ask(2);
    merger.merged(mergeOf(1, 2));
    merger.merged(mergeOf(2, 3));
    driver.tell({ kind: "confirm-published", merge: mergeOf(2, 3) });
    const asked = [...driver.effects("publish-merge"), ...driver.effects("remove-inputs")];
    for (const effect of pendingEffects(recovered(driver))) expect(asked).toContainEqual(effect);
  });
});

describe("what is said", () => {
  test("goes nowhere when the stream is gone (X2)", () => {
    const driver = new ToldDriver();
    driver.submit();
    const actor = driver.actor().ask(2).say("detach-stream");
    driver.forget();
    driver.submit(aSpec(), "request-2");
    expect(driver.effectsOn(actor.stream)).toEqual([]);
  });

  test("on a job's change is told to its watchers, of every change", () => {
    const driver = new ToldDriver();
    driver.submit();
    const before = driver.job().sequence;
    driver.forget();
    const actor = driver.actor();
    expect(driver.effects("tell-watchers")).toEqual([]);
    actor.ask(2).done(1, [0]);
    expect(driver.effects("tell-watchers")).toHaveLength(driver.job().sequence - before);
  });

  test("of grants follows the welcome and the job that they are of", () => {
    const driver = new ToldDriver();
    driver.submit();
    const actor = driver.actor();
    const again = driver.actor();
    driver.forget();
    driver.tell(
      { kind: "open-session", stream: 77, hello: { ...hello, name: "b" } },
      { kind: "raise-demand", stream: 77, credit: 1 },
    );
    expect(driver.effectsOn(77).map(({ kind }) => kind)).toEqual(["welcome", "send-grant"]);
    expect([actor.session, again.session]).toEqual([undefined, 2]);
  });
});

const hello = {
  labels: {},
  allocationEndsAtMs: undefined,
  role: "actor",
  name: "a",
  incarnation: "1",
  node: "n",
  slots: 1,
  ranges: [],
  merges: [],
} as const;
