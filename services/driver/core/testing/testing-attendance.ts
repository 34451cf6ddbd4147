// For tests: what attendance.ts counts, counted anew.

import type { Farm } from "../state/farm.js";
import { same } from "./testing-same.js";

/** (A1, A2) */
export function checkAttendance({ sessions, attendance }: Farm): void {
  const { actors, slots, ends, waiting } = attendance;
  const all = [...sessions.values()];
  const here = all.filter(({ role, attachment }) => role === "actor" && attachment.kind === "attached");
  same(actors, here.length, "how many actors are here");
  same(
    slots,
    here.reduce((sum, actor) => sum + actor.slots, 0),
    "how many slots they have",
  );
  const seconds = [...ends].flatMap(([second, alike]) => Array<number>(alike).fill(second ?? 0));
  const expected = here.map(({ endsAtMs }) => (endsAtMs === undefined ? 0 : Math.ceil(endsAtMs / 1_000)));
  same(seconds.sort(ascending), expected.sort(ascending), "when their wall times end");
  const waits = all.filter(({ waitsFor }) => waitsFor !== "").map(({ number }) => Number(number));
  same([...waiting].map(Number).sort(ascending), waits.sort(ascending), "who waits for room");
}

function ascending(one: number, other: number): number {
  return one - other;
}
