import fc from "fast-check";
import { chown, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import {
  actorSettings,
  commonSettings,
  driverSettings,
  knownSettings,
  namesOf,
  type NamedSetting,
} from "./known-settings.js";
import type { Source } from "./mistake-order.js";
import { readSettingsFile } from "./settings-file.js";
import { findSettings, type FoundSettings } from "./settings.js";
import { testFolder } from "./testing-folder.js";

interface Said {
  readonly flags?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  /** The text of <workdir>/noctua.yaml; what it says is heeded only if there is a workdir. */
  readonly file?: string;
}

/** What comes of it for the settings of one service, those that are common among them. */
async function foundOf(
  section: string,
  { flags = {}, environment = {}, file }: Said,
): Promise<FoundSettings & { workdir: string }> {
  const workdir = await testFolder();
  if (file !== undefined) await writeFile(join(workdir, "noctua.yaml"), file);
  const wanted = knownSettings.filter((one) => one.section === "" || one.section === section);
  const all = Object.entries({ "--workdir": workdir, ...flags }).map(
    ([flag, text]) => [flag, [text]] as const,
  );
  return { workdir, ...(await findSettings(wanted, { flags: new Map(all), environment })) };
}

/** Three values that a setting may have, as text, none its default. */
function valuesOf({ setting: { placeholder, expected } }: NamedSetting): readonly [string, string, string] {
  if (/^one of text/.test(expected)) return ["json", "jsonl", "json"];
  if (/^one of debug/.test(expected)) return ["debug", "warn", "error"];
  switch (placeholder) {
    case "duration":
      return ["11s", "12s", "13s"];
    case "size":
      return ["11MB", "12MB", "13MB"];
    case "number":
      return ["11", "12", "13"];
    case "key=value":
      return ["a=1", "a=2", "a=3"];
    case "folder":
      return ["/one", "/two", "/three"];
    default:
      return ["one", "two", "three"];
  }
}

const manyTimes = knownSettings.filter(({ path, setting }) => path !== "workdir" && !setting.isOnce);

test.each(manyTimes)(
  "$path: the flag counts, else the variable, else the file, else the default",
  async (named) => {
    const [byFlag, byVariable, byFile] = valuesOf(named);
    const { section, key, flag, variable, setting } = named;
    await fc.assert(
      fc.asyncProperty(fc.subarray<Source>(["flag", "variable", "file"]), async (sources) => {
        const content = setting.isMany ? { a: "3" } : byFile;
        const file = section === "" ? { [key]: content } : { [section]: { [key]: content } };
        const { found, mistakes, settings, workdir } = await foundOf(section, {
          flags: sources.includes("flag") ? { [flag]: byFlag } : {},
          environment: sources.includes("variable") ? { [variable]: byVariable } : {},
          file: sources.includes("file") ? stringify(file) : "# nothing",
        });
        expect(mistakes).toEqual([]);
        const source = sources[0] ?? "default";
        const written = { flag: [byFlag], variable: [byVariable], file: [byFile], default: setting.fallback }[
          source
        ];
        const place = { flag, variable, file: join(workdir, "noctua.yaml"), default: "" }[source];
        const one = found.find(({ path }) => path === named.path);
        expect(one).toMatchObject({ source, written, place: expect.stringContaining(place) });
        expect({ value: settings(setting) }).toEqual(setting.read(written, workdir));
      }),
      { seed: 6, numRuns: 8 },
    );
  },
);

test("all mistakes come to light together, each with where it was made, as they were written", async () => {
  const { workdir, mistakes } = await foundOf("actor", {
    flags: { "--slots": "0" },
    environment: {
      NOCTUA_ACTOR_GRACE: "soon",
      NOCTUA_WORKDIR: "/flags/count/more",
      NOCTUA_LOG_LEVELS: "info",
    },
    file: `logLevel: loud
actr: { slots: 8 }
actor:
  sluts: 8
  scratchMin: [1]
  timeLeft:
  labels: { 7: seven, disk: fast }
`,
  });
  const file = join(workdir, "noctua.yaml");
  const sections = "workdir, logLevel, output, driver, actor, merger";
  const keys = "name, listen, node, slots, leaveCores, scratch, scratchMin, labels, timeLeft, grace";
  const time = "a time such as 90s or 1h30m, from 0ms to 400d";
  expect(mistakes).toEqual([
    '--slots: expected a whole number from 1 to 4096, found "0"',
    `NOCTUA_ACTOR_GRACE: expected ${time}, found "soon"`,
    "NOCTUA_LOG_LEVELS: expected a variable that is known, found none (did you mean NOCTUA_LOG_LEVEL?)",
    `${file}:1: logLevel: expected one of debug, info, warn, error, found "loud"`,
    `${file}:2: actr: expected one of ${sections}, found "actr" (did you mean "actor"?)`,
    `${file}:4: actor.sluts: expected one of ${keys}, found "sluts" (did you mean "slots"?)`,
    `${file}:5: actor.scratchMin: expected a size such as 64MB or 1.5GB, from 0B to 1000TB, found a list`,
    `${file}:6: actor.timeLeft: expected ${time}, found nothing`,
    `${file}:7: actor.labels: expected label keys of 1 to 63 letters, digits, '.', '_' or '-', a letter first, found "7"`,
  ]);
});

test("what is wrong with another service's settings is not this one's, nor an empty section or variable", async () => {
  const file = "merger:\ndriver:\n  lease: soon\n  misspelt: 1\n";
  const { mistakes } = await foundOf("merger", { file, environment: { NOCTUA_MERGER_SLOTS: "" } });
  expect(mistakes).toEqual([]);
});

test("what is meant for one start is said by its flag alone", async () => {
  const environment = { NOCTUA_DRIVER_TAKE_OVER: "true" };
  const expected = "expected the flag --take-over, since it is for one start, found";
  const { mistakes } = await foundOf("driver", { environment });
  expect(mistakes).toEqual([`NOCTUA_DRIVER_TAKE_OVER: ${expected} a variable`]);
  const inFile = await foundOf("driver", { file: "driver: { takeOver: true }" });
  expect(inFile.mistakes).toEqual([`${inFile.workdir}/noctua.yaml:1: driver.takeOver: ${expected} true`]);
  const { settings } = await foundOf("driver", { flags: { "--take-over": "true" } });
  expect(settings(driverSettings.takeOver)).toBe(true);
});

test.each([
  ["NOCTUA_SLOTS", "NOCTUA_ACTOR_SLOTS or NOCTUA_MERGER_SLOTS"],
  ["NOCTUA_ACTOR_SLUTS", "NOCTUA_ACTOR_SLOTS"],
  ["NOCTUA_CONFG", "NOCTUA_CONFIG"],
])("%s would be heeded by nobody, so it is a mistake", async (name, meant) => {
  const { mistakes } = await foundOf("actor", { environment: { [name]: "8" } });
  expect(mistakes).toEqual([
    `${name}: expected a variable that is known, found none (did you mean ${meant}?)`,
  ]);
});

test("variables of others are none of ours, nor those that a payload is given", async () => {
  const others = { NOCTUA_SITE: "x", NOCTUA_ANALYSIS_STEP: "3", SLOTS: "8" };
  expect((await foundOf("actor", { environment: others })).mistakes).toEqual([]);
  const payload = { NOCTUA_CORES: "1", NOCTUA_SLOTS: "4", NOCTUA_JOB: "1" };
  expect((await foundOf("actor", { environment: payload })).mistakes).toEqual([]);
});

test("the file that a flag names counts, else that of the variable, else the workdir's; its paths are relative to it", async () => {
  const other = await testFolder();
  const named = async (name: string): Promise<string> => {
    await writeFile(join(other, name), `actor: { scratch: ${name} }`);
    return join(other, name);
  };
  const flags = { "--config": await named("f") };
  const environment = { NOCTUA_CONFIG: await named("v") };
  const file = "actor: { scratch: w }";
  const scratch = async (said: Said): Promise<unknown> => {
    const { settings, workdir } = await foundOf("actor", { ...said, file });
    return settings(actorSettings.scratch).replace(workdir, "workdir");
  };
  expect(await scratch({ flags, environment })).toBe(join(other, "f"));
  expect(await scratch({ environment })).toBe(join(other, "v"));
  expect(await scratch({})).toBe("workdir/w");
});

test.runIf(process.getuid?.() === 0)("a stranger's file is refused until it is named", async () => {
  const folder = await testFolder();
  const path = join(folder, "noctua.yaml");
  await writeFile(path, "logLevel: warn");
  await chown(path, 54_321, 54_321);
  const wanted = [namesOf(commonSettings.logLevel)];
  const find = (config: Readonly<Record<string, string>>): Promise<FoundSettings> =>
    findSettings(wanted, {
      flags: new Map(
        Object.entries({ "--workdir": folder, ...config }).map(([flag, text]) => [flag, [text]]),
      ),
      environment: {},
    });
  const expected = "expected a settings file of your own (another's is to be named with --config)";
  expect((await find({})).mistakes).toEqual([`${path}: ${expected}, found one of user 54321`]);
  expect((await find({ "--config": path })).mistakes).toEqual([]);
});

test("a file may name the workdir, where it was named itself", async () => {
  const path = join(await testFolder(), "c.yaml");
  await writeFile(path, "workdir: run7");
  const wanted = knownSettings.filter(({ setting }) => setting === commonSettings.workdir);
  const { settings } = await findSettings(wanted, { flags: new Map(), environment: { NOCTUA_CONFIG: path } });
  expect(settings(commonSettings.workdir)).toBe(join(path, "../run7"));
});

test.each([
  [
    "one that is not there",
    "/nowhere/c.yaml",
    /^--config: expected a settings file at .*c\.yaml, found none$/,
  ],
  ["a folder", "/", /found a folder$/],
  ["a device", "/dev/null", /found a pipe or device$/],
])("%s is no settings file", async (_what, path, message) => {
  const { mistakes } = await foundOf("actor", { flags: { "--config": path, "--slots": "0" } });
  expect(mistakes).toEqual([expect.stringMatching(message), expect.stringMatching(/^--slots/)]);
});

test.each([
  ["no YAML", "actor: [", /noctua\.yaml:1: expected YAML or JSON/],
  ["a list", "- actor", /noctua\.yaml:1: expected settings, such as {2}logLevel: info, found a list/],
  [
    "a key twice",
    "output: text\noutput: json",
    /noctua\.yaml:2: output: expected it once, found it on line 1 too/,
  ],
  [
    "a text for a section",
    "actor: 8",
    /noctua\.yaml:1: actor: expected a mapping of settings, found the number 8/,
  ],
])("a file with %s is told with its line", async (_what, file, message) => {
  expect((await foundOf("actor", { file })).mistakes).toEqual([expect.stringMatching(message)]);
});

test("whatever stands in a file, all that is wrong is told and nothing thrown", async () => {
  const value = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom("8", 8, "1m", "1MB", true));
  const key = fc.oneof(fc.constantFrom("slots", "labels", "scratch", "grace"), fc.string());
  await fc.assert(
    fc.asyncProperty(fc.dictionary(key, value), async (actor) => {
      const { mistakes, found, settings } = await foundOf("actor", { file: JSON.stringify({ actor }) });
      if (mistakes.length === 0) for (const { setting } of found) settings(setting);
      for (const mistake of mistakes) expect(mistake).toMatch(/expected .+, found .+/);
    }),
    { seed: 7, numRuns: 60 },
  );
});

test("a file of more than 1 MB is not read", async () => {
  const path = join(await testFolder(), "noctua.yaml");
  await writeFile(path, `slots: 2\n#${"x".repeat(1024 * 1024)}`);
  const { mistakes } = await readSettingsFile({ by: "--config", path }, undefined);
  expect(mistakes).toMatchObject([
    { text: expect.stringContaining("1048586 bytes, where 1048576 is the most") as string },
  ]);
});

test("of a great many mistakes the first are told", async () => {
  const keys = Array.from({ length: 20_000 }, (_, i) => `sluts${i}: 1`).join("\n");
  const { mistakes } = await foundOf("actor", { file: keys });
  expect(mistakes).toHaveLength(51);
  expect(mistakes.at(-1)).toBe("and 19950 more");
});
