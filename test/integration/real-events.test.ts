// Real events through the whole of Noctua: MadGraph's Drell-Yan sample in, merged files out, counted by the events' own
// content by a script that knows nothing of Noctua, and looked at as a physicist would.

import { existsSync } from "node:fs";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { isOver, ProcessFarm } from "../support/farm-of-processes.js";
import { noctua, runNode } from "../support/run-node.js";
import { privateFolder } from "../support/private-folder.js";

const top = join(import.meta.dirname, "..", "..");
const example = join(top, "examples", "drell-yan");
/** Ten thousand events: a lepton pair through a photon or Z, and jets. */
const sample = join(top, "..", "shared", "data", "drell-yan-10k.lhe.gz");
/** Of the whole sample. */
const truthMedianGev = 90.689;
const events = 300;

const analysis = z.object({ events: z.number(), medianGev: z.number(), medianErrorGev: z.number() });

function jobText(): string {
  return `name: real
inputs: [{ path: ${JSON.stringify(sample)}, events: ${events} }]
eventsPerRange: 10
payload:
  kind: exec
  command: [node, ${JSON.stringify(join(example, "simulate.mjs"))}, --input, "{input}", --first, "{first}", --last, "{last}", --output, "{output}"]
  timeout: 5m
output: { suffix: .jsonl }
merge: { every: 12, kind: concat }
`;
}

describe.skipIf(!existsSync(sample))(`real events, of ${sample}`, () => {
  it("are each in one merged file, once, with the mass that they had within its error", async () => {
    const folder = await privateFolder();
    const farm = new ProcessFarm(join(folder, "work"));
    await mkdir(join(folder, "job"));
    await writeFile(join(folder, "job", "job.yaml"), jobText());
    await farm.start("driver", "driver");
    await farm.start("actor", "actor1", "--slots", "2");
    await farm.start("merger", "merger1");
    const submitted = await noctua("submit", join(folder, "job", "job.yaml"), "--workdir", farm.workdir);
    expect(submitted, submitted.stderr).toMatchObject({ code: 0 });

    const end = await farm.jobWhen(1, isOver);

    expect(end).toMatchObject({ eventsDone: events, filesMerged: 3, failures: 0 });
    const merged = join(farm.workdir, "jobs", "1", "merged");
    const files = (await readdir(merged)).map((name) => join(merged, name));
    const count = await runNode(
      join(example, "count.mjs"),
      ...["--input", sample, "--events", String(events), "--merged", ...files],
    );
    expect(count.stdout).toContain(
      `${events} events expected, ${events} found once, 0 missing, 0 twice, 0 foreign`,
    );
    const { stdout } = await runNode(join(example, "analyse.mjs"), "--json", ...files);
    const found = analysis.parse(JSON.parse(stdout));
    expect(found.events).toBe(events);
    expect(Math.abs(found.medianGev - truthMedianGev)).toBeLessThan(3 * found.medianErrorGev);
  });
});
