// The actors that may be lent ranges, by kind of node (shared/core/labels.ts): those that are attached, and neither draining
// nor barred.
// All of it is passing.
//
//   K1. A kind counts the slots of its actors and the ranges that they hold, and is kept while it has one.
//   K2. Those that have credit left are `hungry`; or `sated`, when every slot of theirs has a range and the driver keeps
//       more from them for now (grant-ranges.ts, V3). Whoever holds less, or asks for more, is hungry again.
//   K3. `hungryKinds` are those with anybody hungry: a turn in which nobody is looks at no kind, however many there are.

import { present } from "../../../shared/core/assert.js";
import type { Labels } from "../../../shared/core/labels.js";
import { creditLeft, type Farm, type NodeKind, type Session } from "./farm.js";

/** Whether ranges may be lent to the session, as far as it goes. */
export function isLendable({ role, attachment }: Pick<Session, "role" | "attachment">): boolean {
  return role === "actor" && attachment.kind === "attached" && !attachment.draining && !attachment.barred;
}

/** The session's attachment has changed; `wasLendable` tells what it was before. */
export function recount(farm: Farm, session: Session, wasLendable: boolean): void {
  const is = isLendable(session);
  if (is && !wasLendable) enter(farm, session);
  if (!is && wasLendable) leave(farm, session);
  if (is) wake(farm, session);
}

/** An actor holds so many ranges more, or less (K1). */
export function countHeld(farm: Farm, session: Session, ranges: number): void {
  session.held += ranges;
  if (!isLendable(session)) return;
  kindFor(farm, session).held += ranges;
  if (ranges < 0) wake(farm, session);
}

/** It was given something: whoever is hungry too comes first. */
export function standLast(farm: Farm, session: Session): void {
  if (!isLendable(session)) return;
  const kind = kindFor(farm, session);
  kind.hungry.delete(session.number);
  noteHunger(farm, kind);
}

/** It is passed over until it holds less, asks for more, or is woken with all others. */
export function sate(farm: Farm, session: Session): void {
  const kind = kindFor(farm, session);
  if (kind.hungry.delete(session.number)) kind.sated.add(session.number);
  noteHunger(farm, kind);
}

/** Everybody who has credit is looked at again. */
export function wakeAll(farm: Farm): void {
  for (const kind of farm.kinds.values()) {
    const { hungry, sated } = kind;
    for (const session of sated) hungry.add(session);
    sated.clear();
    noteHunger(farm, kind);
  }
}

/** (K2) */
function wake(farm: Farm, session: Session): void {
  const kind = kindFor(farm, session);
  const { hungry, sated } = kind;
  sated.delete(session.number);
  if (creditLeft(session) > 0) hungry.add(session.number);
  else hungry.delete(session.number);
  noteHunger(farm, kind);
}

/** (K3) */
function noteHunger(farm: Farm, kind: NodeKind): void {
  if (kind.hungry.size > 0) farm.hungryKinds.add(kind);
  else farm.hungryKinds.delete(kind);
}

function enter(farm: Farm, session: Session): void {
  const { kind: name, labels, slots, held } = session;
  const kind = farm.kinds.get(name) ?? newKind(name, labels);
  farm.kinds.set(name, kind);
  kind.actors += 1;
  kind.slots += slots;
  kind.held += held;
}

function leave(farm: Farm, session: Session): void {
  const kind = kindFor(farm, session);
  kind.hungry.delete(session.number);
  kind.sated.delete(session.number);
  kind.actors -= 1;
  kind.slots -= session.slots;
  kind.held -= session.held;
  noteHunger(farm, kind);
  if (kind.actors === 0) farm.kinds.delete(kind.name);
}

function kindFor(farm: Farm, session: Session): NodeKind {
  return present(farm.kinds.get(session.kind), () => `kind of node ${session.kind}`);
}

function newKind(name: string, labels: Labels): NodeKind {
  return { name, labels, actors: 0, slots: 0, held: 0, hungry: new Set(), sated: new Set() };
}
