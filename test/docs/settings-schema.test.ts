// docs/schemas/settings.schema.json, held against what reads settings files.

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { knownSettings } from "../../services/shared/io/known-settings.js";
import { isMapping } from "../../services/shared/io/settings-file.js";
import { findSettings } from "../../services/shared/io/settings.js";
import { validatorOf } from "./json-validator.js";

let accepts: (content: unknown) => boolean;
let folder: string;

beforeAll(async () => {
  accepts = await validatorOf("settings");
  folder = await mkdtemp(join(tmpdir(), "noctua-settings-"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function isRead(content: unknown): Promise<boolean> {
  const path = join(folder, "noctua.yaml");
  const whole = isMapping(content) ? { workdir: folder, ...content } : content;
  await writeFile(path, JSON.stringify(whole));
  const flags = new Map([["--config", [path]]]);
  const { mistakes } = await findSettings(knownSettings, { flags, environment: {} });
  return mistakes.length === 0;
}

/** What may be said of each setting, by its kind: good and bad. */
const words: readonly unknown[] = [
  ...[
    "info",
    "jsonl",
    "json",
    "8",
    "0",
    "90",
    "1h 30m",
    "90s",
    "1.5d",
    "64MB",
    "10 GB",
    "n07",
    "../x",
    "-x",
    "x y",
  ],
  ...["", "a\nb", 0, 8, 2.5, -1, 300, 70_000, true, false, null, [], ["8"]],
];
const labels: readonly unknown[] = [
  {},
  { disk: "fast" },
  { cores: 64 },
  { "7": "x" },
  { disk: "a\tb" },
  "disk=fast",
];

describe("the JSON Schema of settings files", () => {
  it("takes the one in the documents", async () => {
    const text = await readFile(join(import.meta.dirname, "../../docs/configuration.md"), "utf8");
    const [, file = ""] = /noctua\.yaml <<'END'\n([^]*?)END\n/.exec(text) ?? [];
    expect(file).toContain("logLevel");
    expect(accepts(parse(file))).toBe(true);
  });

  it.each(knownSettings)(
    "takes for $path whatever is read, and nothing of another kind",
    async ({ section, key, setting }) => {
      let taken = 0;
      for (const value of [...words, ...labels]) {
        const content = section === "" ? { [key]: value } : { [section]: { [key]: value } };
        const isTaken = accepts(content);
        if (await isRead(content)) expect(isTaken, JSON.stringify(content)).toBe(true);
        if (isTaken) taken += 1;
      }
      const all = words.length + labels.length;
      expect(taken).toBeGreaterThanOrEqual(setting.isOnce ? 0 : 1);
      expect(taken).toBeLessThan(setting.isOnce ? 1 : all - 5);
    },
  );

  it.each<[string, unknown]>([
    ["a key that is not known", { actor: { sluts: 8 } }],
    ["a section that is not known", { actr: {} }],
    ["a number for a section", { actor: 8 }],
    ["a list", []],
    ["what is meant for one start", { driver: { takeOver: true } }],
    ["no such word", { logLevel: "loud" }],
    ["too large a number", { actor: { slots: 5_000 } }],
    ["a time without its unit", { driver: { lease: 90 } }],
    ["a size without its unit", { driver: { snapshotAfter: "64" } }],
    ["no folder", { actor: { scratch: "" } }],
    ["a name that leads elsewhere", { merger: { name: "../x" } }],
    ["a list of labels", { actor: { labels: ["disk=fast"] } }],
    ["a label that begins with a digit", { actor: { labels: { "7": "x" } } }],
    ["nothing for a setting", { actor: { slots: null } }],
  ])("refuses, as Noctua does: %s", async (_name, content) => {
    expect(accepts(content)).toBe(false);
    expect(await isRead(content)).toBe(false);
  });

  it("takes whatever Noctua takes, and a section that is commented out", async () => {
    expect(accepts({ actor: null })).toBe(true);
    const value = fc.oneof(fc.constantFrom(...words, ...labels), fc.string({ maxLength: 8 }), fc.integer());
    const keys = (section: string): readonly string[] =>
      knownSettings.filter((one) => one.section === section).map(({ key }) => key);
    const mapping = (section: string): fc.Arbitrary<object> =>
      fc.dictionary(fc.constantFrom(...keys(section)), value, { maxKeys: 2 });
    const file = fc.record({ actor: mapping("actor"), driver: mapping("driver") }, { requiredKeys: [] });
    let taken = 0;
    const takes = fc.asyncProperty(file, async (content) => {
      if (!(await isRead(content))) return;
      taken += 1;
      expect(accepts(content)).toBe(true);
    });
    await fc.assert(takes, { seed: 6, numRuns: 300 });
    expect(taken).toBeGreaterThan(30);
  });
});
