import { expect, test } from "vitest";
import { sessionNumber } from "../../../shared/core/id.js";
import { kindOf } from "../../../shared/core/labels.js";
import { outputsOf, ToldDriver, type Peer } from "../testing/testing.js";
import { aSpec } from "../testing/testing-spec.js";

function aDriver(): ToldDriver {
  const driver = new ToldDriver({ leaseMs: 30_000 });
  driver.submit(aSpec({ inputs: [1_000] }));
  return driver;
}

/** The ranges took so long each. */
function report(actor: Peer, grant: number, ranges: readonly number[], wallMs: number): void {
  actor.report({ outputs: [{ ...outputsOf(grant, ranges), wallMs: ranges.map(() => wallMs) }] });
}

test("times are measured by kind of node, and on all together", () => {
  const driver = aDriver();
  const [fast, slow] = [{ cpu: "new" }, { cpu: "old" }];
  const actors = [fast, slow].map((labels, i) => driver.actor({ name: `n${i}`, labels }).ask(4));
  actors.forEach((actor, i) => report(actor, i + 1, [4 * i, 4 * i + 1], 100 * (i + 1)));
  const { all, byKind } = driver.job().times;
  expect([all.count, all.meanMs]).toEqual([4, 150]);
  expect([...byKind].map(([kind, times]) => [kind, times.meanMs])).toEqual([
    [kindOf(fast), 100],
    [kindOf(slow), 200],
  ]);
});

test("what came under a grant that was returned is not measured: it is not known where it ran (M1)", () => {
  const driver = aDriver();
  const actor = driver.actor().ask(2);
  actor.giveBack(1, [0, 1]);
  report(actor, 1, [0, 1], 100);
  expect(driver.job().times.all.count).toBe(0);
});

test("a session's pace follows its newest ranges, also into the next session of its process (P1)", () => {
  const driver = aDriver();
  const actor = driver.actor().ask(500);
  const paceOf = (session: number): number | undefined => {
    const speed = driver.job().paces.speedOf(sessionNumber(session));
    return speed === undefined ? undefined : 2 / speed; // It has two slots.
  };
  report(actor, 1, [0, 1], 100);
  expect(paceOf(1)).toBe(100);
  report(actor, 1, [2, 3], 300);
  expect(paceOf(1)).toBe(200);
  for (let first = 4; first < 204; first += 10)
    report(
      actor,
      1,
      Array.from({ length: 10 }, (_, i) => first + i),
      1_000,
    );
  expect(paceOf(1)).toBeGreaterThan(950);
  const again = driver.actor();
  expect([paceOf(1), paceOf(2)].map((ms) => ms !== undefined)).toEqual([false, true]);
  again.say("leave");
  expect(paceOf(2)).toBeUndefined();
  expect(driver.job().paces.slotSpeedOn(kindOf({}))).toBeUndefined();
});
