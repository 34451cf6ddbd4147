import fc from "fast-check";
import { expect, test } from "vitest";
import { pageOfNames } from "./paging.js";

const telling = { told: (name: string) => name, bytesOf: () => 10 };

test("pages of names have each of them once, ascending, however many there are and in whatever order", () => {
  const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 3 }), { maxLength: 60 });
  fc.assert(
    fc.property(names, fc.integer({ min: 1, max: 20 }), (all, pageSize) => {
      const read: string[] = [];
      let pageToken = "";
      do {
        const page = pageOfNames(all, { pageSize, pageToken }, telling);
        const left = all.length - read.length;
        expect(page.items).toHaveLength(Math.min(pageSize, left));
        read.push(...page.items);
        pageToken = page.nextPageToken;
      } while (pageToken !== "");
      expect(read).toEqual(all.toSorted());
    }),
    { seed: 7, numRuns: 200 },
  );
});
