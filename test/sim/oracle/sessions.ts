// Who may speak for a name, and who may be given work.
//
//   - When a process is welcome, the older streams of its name are closed: nothing more is heard or said on them.
//   - Who has said that it drains is given nothing by any turn after the one that was under way.

import type { SessionRole } from "../../../services/driver/core/facts/fact.js";
import type { Sighting } from "../sighting.js";
import type { Books } from "./books.js";
import type { Complain, Oracle } from "./oracle.js";

type OnStream = Extract<Sighting, { stream: number; epoch: number }>;

export function sessionsOracle(complain: Complain): Oracle {
  /** Streams on which somebody is welcome, by epoch, role and name. */
  const welcome = new Map<string, number>();
  const fenced = new Set<number>();
  /** Sessions that drain, and how many frames have become durable since. */
  const draining = new Map<number, number>();
  return {
    see: (sighting, books) => {
      if (sighting.kind === "driver-started") draining.clear();
      else if (sighting.kind === "stream-closed") fenced.delete(sighting.stream);
      else if (sighting.kind === "driver-heard" || sighting.kind === "driver-said") {
        judgeStream(sighting, fenced, complain);
        if ("word" in sighting) fenceOlder(sighting, welcome, fenced);
        else if (sighting.said.message.kind === "draining") {
          const session = sessionOf(books, sighting.peer.role, sighting.peer.incarnation);
          if (session !== undefined && !draining.has(session)) draining.set(session, 0);
        }
      } else if (sighting.kind === "facts-durable") judgeGrants(sighting, draining, complain);
    },
  };
}

function judgeStream(
  { kind, stream, peer }: OnStream,
  fenced: ReadonlySet<number>,
  complain: Complain,
): void {
  if (!fenced.has(stream)) return;
  const what = kind === "driver-heard" ? "is heard" : "is spoken to";
  complain("fencing", `${peer.incarnation} ${what} on stream ${stream}, and ${peer.name} has a newer one`);
}

function fenceOlder(
  { stream, peer, epoch, word }: Extract<Sighting, { kind: "driver-said" | "peer-heard" }>,
  welcome: Map<string, number>,
  fenced: Set<number>,
): void {
  if (word.word.kind !== "welcome") return;
  const key = `${epoch}/${peer.role}/${peer.name}`;
  const older = welcome.get(key);
  if (older !== undefined && older !== stream) fenced.add(older);
  welcome.set(key, stream);
}

function sessionOf(books: Books, role: SessionRole, incarnation: string): number | undefined {
  for (const [number, session] of books.sessions)
    if (session.role === role && session.incarnation === incarnation) return number;
  return undefined;
}

function judgeGrants(
  { facts }: Extract<Sighting, { kind: "facts-durable" }>,
  draining: Map<number, number>,
  complain: Complain,
): void {
  for (const fact of facts) {
    if (fact.kind !== "ranges-granted" && fact.kind !== "merge-granted") continue;
    const frames = draining.get(fact.session);
    if (frames !== undefined && frames > 0)
      complain(
        "draining",
        `session ${fact.session} drains, and is given grant ${fact.grant} of job ${fact.job}`,
      );
  }
  for (const [session, frames] of draining) draining.set(session, frames + 1);
}
