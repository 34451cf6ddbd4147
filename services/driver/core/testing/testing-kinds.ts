// For tests: what fleet.ts keeps by kind of node, counted anew, and what else is counted of all sessions.

import { assert } from "../../../shared/core/assert.js";
import { placesOn } from "../grant/places.js";
import { creditLeft, type Farm } from "../state/farm.js";
import { isLendable } from "../state/fleet.js";
import { checkAttendance } from "./testing-attendance.js";
import { same } from "./testing-same.js";

/** What is counted of all sessions together. */
export function checkPeers(farm: Farm): void {
  checkKinds(farm);
  checkAttendance(farm);
}

/** (K1, K2) What is counted by kind of node. */
function checkKinds(farm: Farm): void {
  const found = [...farm.kinds.values()].map((kind) => ({
    ...kind,
    hungry: [...kind.hungry].sort((one, other) => one - other),
    sated: [...kind.sated].sort((one, other) => one - other),
  }));
  const expected = new Map<string, (typeof found)[number]>();
  for (const session of [...farm.sessions.values()].sort((one, other) => one.number - other.number)) {
    const { kind: name, labels, slots, held, number } = session;
    if (!isLendable(session)) continue;
    const kind = expected.get(name) ?? { name, labels, actors: 0, slots: 0, held: 0, hungry: [], sated: [] };
    expected.set(name, kind);
    kind.actors += 1;
    kind.slots += slots;
    kind.held += held;
    const isSated = farm.kinds.get(name)?.sated.has(number) === true;
    if (creditLeft(session) > 0) (isSated ? kind.sated : kind.hungry).push(number);
    const places = [...farm.jobs.values()].map((job) => placesOn(job, session));
    assert(!isSated || held >= Math.min(slots, ...places), "whoever is sated has no free slot");
  }
  const byName = (one: { readonly name: string }, other: { readonly name: string }): number =>
    one.name < other.name ? -1 : 1;
  same(found.sort(byName), [...expected.values()].sort(byName), "the actors by kind of node");
  const hungry = [...farm.kinds.values()].filter((kind) => kind.hungry.size > 0);
  same(
    [...farm.hungryKinds].map(({ name }) => name).sort(),
    hungry.map(({ name }) => name).sort(),
    "hungry kinds",
  );
}
