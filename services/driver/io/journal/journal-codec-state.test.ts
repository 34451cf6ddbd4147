import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as wire from "../../../../gen/noctua/journal/v1/snapshot.js";
import { apply } from "../../core/apply/apply.js";
import { emptyFarm, type Farm, type FarmView } from "../../core/state/farm.js";
import { durableValueOf } from "../../core/testing/testing-durable.js";
import { Walk, weights, type Action, type Step } from "../../core/testing/testing-walk.js";
import { StateReader } from "./journal-codec-restore.js";
import { encodeState } from "./journal-codec-state.js";

const seed = 20_261_104;
const step: fc.Arbitrary<Step> = fc.record({
  action: fc.oneof(
    ...Object.entries(weights).map(([action, weight]) => ({
      weight,
      arbitrary: fc.constant(action as Action),
    })),
  ),
  dice: fc.nat(),
});

function restored(pieces: Iterable<Uint8Array>): Farm {
  const reader = new StateReader();
  for (const piece of pieces) reader.take(piece);
  return reader.farm();
}

function bytesOf(farm: FarmView): Buffer {
  return Buffer.concat([...encodeState(farm)]);
}

function walked(steps: readonly Step[]): Walk {
  const walk = new Walk();
  for (const one of steps) walk.take(one);
  return walk;
}

describe("the durable state as pieces", () => {
  it("comes back equal, wherever a walk has led; what follows then is as if nothing had been written", () => {
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 10, maxLength: 60, size: "max" }),
        fc.double({ max: 1, min: 0, noNaN: true }),
        (steps, part) => {
          const { farm, journal } = walked(steps).driver;
          const at = Math.floor(part * journal.length);
          const before = emptyFarm();
          for (const fact of journal.slice(0, at)) apply(before, fact);
          const after = restored(encodeState(before));
          expect(durableValueOf(after)).toEqual(durableValueOf(before));
          expect(bytesOf(after).equals(bytesOf(before))).toBe(true); // (E2)
          for (const fact of journal.slice(at)) apply(after, fact);
          const replayed = emptyFarm();
          for (const fact of journal) apply(replayed, fact);
          expect(durableValueOf(after)).toEqual(durableValueOf(replayed));
          expect(bytesOf(after).equals(bytesOf(replayed))).toBe(true);
          expect(after.jobs.size).toBe(farm.jobs.size);
        },
      ),
      { seed, numRuns: 150 },
    );
  });

  it("is that of a driver which has done nothing, too", () => {
    const pieces = [...encodeState(emptyFarm())];
    expect(pieces).toHaveLength(2);
    expect(durableValueOf(restored(pieces))).toEqual(durableValueOf(emptyFarm()));
  });
});

describe("pieces that are not as they were written (E3)", () => {
  const walk = walked(
    Array.from({ length: 40 }, (_, dice) => ({ action: Object.keys(weights)[dice % 6] as Action, dice })),
  );
  const pieces = [...encodeState(walk.driver.farm)];
  const other = (piece: wire.Piece["piece"]): Uint8Array => wire.Piece.encode({ piece }).finish();

  it("one that is missing, doubled or in another place is found out", () => {
    for (let at = 0; at < pieces.length; at += 1) {
      const missing = [...pieces.slice(0, at), ...pieces.slice(at + 1)];
      const doubled = [...pieces.slice(0, at + 1), ...pieces.slice(at)];
      for (const wrong of [missing, doubled, pieces.slice(0, at), [...pieces, ...pieces.slice(at)]])
        expect(() => restored(wrong), `piece ${at}`).toThrow();
    }
  });

  it("a kind, a word or a number of a newer version is an error that names it", () => {
    const farm = { epoch: 1, run: "", lastJob: 0, lastSession: 0, live: [] };
    const first = other({ $case: "farm", value: farm });
    expect(() => restored([first, other(undefined)])).toThrow(
      "piece 1: expected one of its cases, found none",
    );
    const session = {
      ...{
        session: 1,
        name: "a",
        incarnation: "",
        node: "",
        slots: 1,
        joinedAtUnixMs: 0,
        done: 0,
        failed: 0,
      },
      labels: {},
      holds: [],
      role: 9,
    };
    const sessions = other({ $case: "sessions", value: { sessions: [session as wire.HeldSession] } });
    expect(() => restored([first, sessions])).toThrow(
      "piece 1.sessions[0].role: expected one of 1, 2, found 9",
    );
    expect(() =>
      restored([first, other({ $case: "voided", value: { range: [], grant: [], times: [] } })]),
    ).toThrow("piece 1: its job");
  });
});
