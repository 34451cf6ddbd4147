// The analysis of real collisions, by the payload process itself: every entry once, and the Z at its mass.

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { ActorSide } from "../payloads/actor-side.js";

const top = join(import.meta.dirname, "..", "..");
const example = join(top, "examples", "cms-dimuon");
const input = join(top, "..", "shared", "data", "cms-zmumu.root");
const entries = 2304;
const entriesPerRange = 10;

/** Optional, as what only an example needs is. */
const hasJsroot = existsSync(join(top, "node_modules", "jsroot"));
const lack = !existsSync(input) ? `, for lack of ${input}` : hasJsroot ? "" : ", for lack of jsroot";

let actors: ActorSide[] = [];
afterEach(async () => {
  await Promise.all(actors.map((actor) => actor.close()));
  actors = [];
});

async function started(): Promise<ActorSide> {
  const actor = await ActorSide.start([process.execPath, join(example, "reconstruct.mjs")]);
  actors.push(actor);
  actor.open();
  expect(await actor.hear()).toEqual({ type: "ready" });
  return actor;
}

const run = (program: string, args: readonly string[]): string =>
  execFileSync(process.execPath, [join(example, program), ...args], { encoding: "utf8" });

describe.skipIf(lack !== "")(`the analysis of CMS dimuons${lack}`, () => {
  it("has every entry once, in ranges of 10, and the Z peak at the end", async () => {
    const actor = await started();
    const outputs: string[] = [];
    for (let first = 1; first <= entries; first += entriesPerRange) {
      const id = `1.${String(outputs.length)}`;
      const last = Math.min(entries, first + entriesPerRange - 1);
      actor.grant(id, input, { first, last });
      outputs.push(actor.path(id));
    }
    for (const index of outputs.keys())
      expect(await actor.hear()).toEqual({ type: "done", id: `1.${String(index)}` });
    expect(await actor.stop()).toMatchObject({ code: 0, stdout: "" });

    expect(run("count.mjs", ["--input", input, ...outputs])).toBe(
      "2304 entries expected, 2304 found once, 0 missing, 0 twice, 0 foreign\n",
    );
    const text = run("z-peak.mjs", outputs);
    expect(text).toMatch(/^2304 pairs of muon candidates, 500 collisions with a μ⁺μ⁻ pair$/m);
    // Below the Z's 91.19 GeV: nothing corrects for photons that the muons radiate, nor for the scale of their momenta.
    const [, massGev] = /Z mass ([\d.]+) ± 0\.1\d GeV/.exec(text) ?? [];
    expect(Number(massGev)).toBeGreaterThan(90.3);
    expect(Number(massGev)).toBeLessThan(91.2);
  });

  it("fails the ranges of a file that holds no dimuons, and goes on with the next file", async () => {
    const actor = await started();
    const noRoot = actor.path("no.root");
    await writeFile(noRoot, "root?".repeat(100));
    actor.grant("1.0", noRoot);
    actor.grant("1.1", input, { first: 2300, last: 2305 });
    actor.grant("1.2", input, { first: 2300, last: 2304 });
    expect(await actor.hear()).toMatchObject({ type: "failed", id: "1.0", class: "event" });
    expect(await actor.hear()).toMatchObject({ type: "failed", id: "1.1", class: "event" });
    expect(await actor.hear()).toEqual({ type: "done", id: "1.2" });
  });
});
