import { describe, expect, test } from "vitest";
import { groupNumber } from "../../../shared/core/id.js";
import { WaitingGroups } from "./waiting-groups.js";

function waiting(groups: Readonly<Record<number, readonly string[]>>): WaitingGroups {
  const all = new WaitingGroups();
  for (const [number, failedOn] of Object.entries(groups))
    all.add({ number: groupNumber(Number(number)), failedOn });
  return all;
}

describe("groups that wait for a merger", () => {
  test("keep the order in which they came (L1)", () => {
    const groups = waiting({ 1: [], 2: ["a"], 3: [], 4: ["a"] });
    groups.add({ number: groupNumber(1), failedOn: [] });
    expect([...groups]).toEqual([1, 2, 3, 4]);
    groups.delete(groupNumber(2));
    groups.delete(groupNumber(2));
    groups.add({ number: groupNumber(2), failedOn: ["a", "b"] });
    expect([...groups]).toEqual([1, 3, 4, 2]);
    expect([groups.size, groups.has(groupNumber(2)), groups.has(groupNumber(5))]).toEqual([4, true, false]);
  });

  test("are asked for once for all that the same mergers failed (L2)", () => {
    const groups = new WaitingGroups();
    for (let number = 1; number <= 100_000; number += 1)
      groups.add({ number: groupNumber(number), failedOn: ["a"] });
    const asked: (readonly string[])[] = [];
    expect(groups.pick((failedOn) => asked.push(failedOn) === 0)).toBeUndefined();
    expect(asked).toEqual([["a"]]);
  });

  test("are lent by turns, those that failed and those that did not (L3)", () => {
    const groups = waiting({ 1: [], 2: [], 3: [], 4: ["a"], 5: ["a"] });
    const lent: number[] = [];
    for (let group = groups.pick(() => true); group !== undefined; group = groups.pick(() => true)) {
      lent.push(group);
      groups.delete(group);
    }
    expect(lent).toEqual([1, 4, 2, 5, 3]);
  });

  test("of too many kinds are looked at so far and no further", () => {
    const groups = new WaitingGroups();
    for (let number = 1; number <= 1_000; number += 1)
      groups.add({ number: groupNumber(number), failedOn: [`m${number}`] });
    let asked = 0;
    groups.pick(() => (asked += 1) < 0);
    expect(asked).toBe(256);
  });
});
