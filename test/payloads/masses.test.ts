// The example in each language: the same masses from all of them, and a bad event told.

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ActorSide } from "./actor-side.js";
import { languages } from "./languages.js";

const input = join(import.meta.dirname, "..", "..", "examples", "payloads", "pairs.txt");

for (const { name, missing, build } of languages) {
  const title = missing === undefined ? `masses in ${name}` : `masses in ${name}, for lack of ${missing}`;
  describe.skipIf(missing !== undefined)(title, () => {
    it(
      "are those of the pairs, and a line that is no pair fails as an event",
      { timeout: 120_000 },
      async () => {
        const actor = await ActorSide.start(build("examples/payloads/masses"));
        try {
          actor.open();
          expect(await actor.hear()).toEqual({ type: "ready" });
          actor.grant("1.0", input, { first: 1, last: 2 });
          expect(await actor.hear()).toEqual({ type: "done", id: "1.0" });
          actor.grant("1.1", input, { first: 1, last: 100 });
          expect(await actor.hear()).toEqual({ type: "done", id: "1.1" });
          const bad = actor.path("bad.txt");
          await writeFile(bad, "1 2 3\n");
          actor.grant("1.2", bad, { first: 1, last: 1 });
          expect(await actor.hear()).toMatchObject({ type: "failed", class: "event" });
          expect(await readFile(actor.path("1.1"), "utf8")).toBe(await expectedMasses());
          expect(await actor.stop()).toMatchObject({ code: 0 });
        } finally {
          await actor.close();
        }
      },
    );
  });
}

async function expectedMasses(): Promise<string> {
  const lines = (await readFile(input, "utf8")).trim().split("\n");
  const masses = lines.map((line) => {
    const values = line.split(" ").map(Number);
    const [px = 0, py = 0, pz = 0, energy = 0] = [0, 1, 2, 3].map(
      (i) => (values[i] ?? 0) + (values[i + 4] ?? 0),
    );
    return Math.sqrt(energy ** 2 - px ** 2 - py ** 2 - pz ** 2);
  });
  return masses.map((mass, index) => `${String(index + 1)} ${mass.toFixed(3)}\n`).join("");
}
