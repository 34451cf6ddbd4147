// A group that is too long for one message comes in parts.
//
//   A1. Its parts come one behind the other on one link, each saying how many outputs came ahead of it. A part that comes
//       again is passed over.
//   A2. Where one is missing, the group is not taken: the link is closed, and the driver lends anew what the next hello does
//       not name.
//   A3. What came of it is forgotten with the link.
//   A4. A group is gathered no further than it may be long: as it is then, it is handed on to be refused (groups.ts, W7), and what
//       else comes of it is passed over.

import { isTooLong } from "./groups.js";
import type { GroupPart, LentGroup } from "./message.js";
import { keyOf, type Merger } from "./state.js";

/** The whole group with its last part, or what there is of one that is too long (A4); before that, nothing yet. */
export function gatherPart(merger: Merger, { lent, ahead, more }: GroupPart): LentGroup | "more" | "missing" {
  const key = keyOf(lent.merge);
  if (merger.jobs.get(lent.merge.job)?.grants.has(lent.merge.grant) === true) return "more"; // It was taken whole. (A1)
  if (ahead === 0 && merger.gathered?.key !== key) merger.gathered = { key, parts: [], outputs: 0 };
  const { gathered } = merger;
  if (gathered?.key !== key || ahead > gathered.outputs) return "missing"; // (A2)
  if (ahead < gathered.outputs) return "more"; // (A1)
  gathered.parts.push(lent);
  gathered.outputs += lent.grant.length;
  if (more && !isTooLong(gathered.outputs)) return "more"; // (A4)
  merger.gathered = undefined;
  return joined(gathered.parts, lent);
}

function joined(parts: readonly LentGroup[], { merge }: LentGroup): LentGroup {
  return {
    merge,
    spans: {
      first: parts.flatMap(({ spans }) => spans.first),
      count: parts.flatMap(({ spans }) => spans.count),
    },
    grant: parts.flatMap(({ grant }) => grant),
    sizeBytes: parts.flatMap(({ sizeBytes }) => sizeBytes),
    adler32: parts.flatMap(({ adler32 }) => adler32),
  };
}
