import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { medianOf } from "./analyse.mjs";
import { Dice } from "./dice.mjs";
import { formatFile } from "./generate.mjs";
import { formatHead, TAIL } from "./lhe.mjs";
import { simulateRange } from "./simulate.mjs";
import { collect, QUICK, REAL_SAMPLE, run, testFolder } from "./test-folder.mjs";
import { writeWholeFile } from "./whole-file.mjs";

/** @typedef {import("./simulate.mjs").EventRecord} EventRecord */

const folder = testFolder({ beforeAll, afterAll });
const EVENTS = 500;
const XOSHIRO_REFERENCE = [3365875443, 1613751950, 634949898, 110030352];
const cpu = { minMs: 0.01, maxMs: 0.1 };
let input = "";
beforeAll(async () => {
  input = await folder.write("input.lhe", [...formatFile({ seed: 9, file: 1, events: EVENTS })].join(""));
});

/**
 * @param {number} first
 * @param {number} last
 * @param {string} [path]
 */
const simulate = (first, last, path = input) => collect(simulateRange({ input: path, first, last, cpu }));

/** @param {readonly string[]} lines */
const recordsOf = (lines) => lines.map((line) => /** @type {EventRecord} */ (JSON.parse(line)));

/** @param {readonly number[]} values */
function spreadOf(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return { mean, spread: Math.sqrt(variance) };
}

/** @param {{px: number, py: number, pz: number}} momentum */
const lengthOf = ({ px, py, pz }) => Math.sqrt(px ** 2 + py ** 2 + pz ** 2);

describe("the payload's output", () => {
  it("is the same, byte for byte, from any range that holds the event", async () => {
    const whole = await simulate(1, 30);
    const pieces = [...(await simulate(1, 1)), ...(await simulate(2, 17)), ...(await simulate(18, 30))];
    expect(pieces).toEqual(whole);
  });

  it("is the same from another process", async () => {
    const output = folder.path("other-process.jsonl");
    const { code } = await run("simulate.mjs", [
      "--input",
      input,
      "--first",
      "3",
      "--last",
      "5",
      "--output",
      output,
      ...QUICK,
    ]);
    expect(code).toBe(0);
    expect(await readFile(output, "utf8")).toBe((await simulate(3, 5)).join(""));
  });

  it("does not depend on where in a file the event stands", async () => {
    const text = await readFile(input, "utf8");
    const events = text
      .split(/(?=<event>)/)
      .slice(1, 4)
      .reverse();
    const other = await folder.write(
      "reversed.lhe",
      [text.slice(0, text.indexOf("<event>")), ...events].join(""),
    );
    const [third] = recordsOf(await simulate(3, 3));
    const [first] = recordsOf(await simulate(1, 1, other));
    expect({ ...first, event: 3 }).toEqual(third);
  });

  it("smears each momentum by one percent, without bias, and the mass by 1/√2 of that", async () => {
    const records = recordsOf(await simulate(1, EVENTS));
    const ratios = records.flatMap(({ truth, reconstructed }) =>
      [0, 1].map((index) => {
        const [seen, real] = [reconstructed.leptons[index], truth.leptons[index]];
        return seen === undefined || real === undefined ? NaN : lengthOf(seen) / lengthOf(real);
      }),
    );
    const momentum = spreadOf(ratios);
    expect(momentum.mean).toBeCloseTo(1, 2);
    expect(momentum.spread).toBeGreaterThan(0.009);
    expect(momentum.spread).toBeLessThan(0.0115);
    const mass = spreadOf(records.map(({ truth, reconstructed }) => reconstructed.massGev / truth.massGev));
    expect(mass.mean).toBeCloseTo(1, 2);
    expect(mass.spread).toBeGreaterThan(0.006);
    expect(mass.spread).toBeLessThan(0.0085);
  });

  it("takes steps in proportion to the time asked for, a third of the way up on average", async () => {
    const steps = recordsOf(await simulate(1, EVENTS)).map((record) => record.steps);
    const perMs = Math.min(...steps) / cpu.minMs;
    expect(Math.max(...steps) / cpu.maxMs).toBeLessThanOrEqual(perMs * 1.05);
    expect(spreadOf(steps).mean / perMs).toBeCloseTo(0.04, 2);
  });

  it.skipIf(!existsSync(REAL_SAMPLE))("has its median near the truth, for events of MadGraph", async () => {
    const records = recordsOf(await simulate(1, 300, REAL_SAMPLE));
    const truth = medianOf(records.map((record) => record.truth.massGev));
    const seen = medianOf(records.map((record) => record.reconstructed.massGev));
    expect(Math.abs(seen.median - truth.median)).toBeLessThan(2 * seen.error);
  });

  it.skipIf(!existsSync(REAL_SAMPLE))(
    "agrees with the sample's known median of 90.689 GeV",
    { timeout: 30_000 },
    async () => {
      const records = recordsOf(await simulate(1, 10_000, REAL_SAMPLE));
      expect(medianOf(records.map(({ truth }) => truth.massGev)).median).toBeCloseTo(90.689, 2);
    },
  );
});

describe("the dice", () => {
  it("roll a Gaussian of mean 0 and deviation 1", () => {
    const dice = new Dice("gauss");
    const { mean, spread } = spreadOf(Array.from({ length: 20_000 }, () => dice.gaussian()));
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(spread - 1)).toBeLessThan(0.02);
  });

  it("roll xoshiro128** 1.1, as computed apart from this code", () => {
    const dice = new Dice("noctua");
    expect([dice.bits(), dice.bits(), dice.bits(), dice.bits()]).toEqual(XOSHIRO_REFERENCE);
  });
});

describe("node simulate.mjs", () => {
  /**
   * @param {string} first
   * @param {string} last
   * @param {string} output
   * @param {string} [path]
   */
  const args = (first, last, output, path = input) => [
    "--input",
    path,
    "--first",
    first,
    "--last",
    last,
    "--output",
    output,
  ];

  it("leaves one line an event, and nothing beside it", async () => {
    const output = folder.path("out.jsonl");
    const { code, stdout, stderr } = await run("simulate.mjs", [...args("2", "4", output), ...QUICK]);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "", stderr: "" });
    const lines = (await readFile(output, "utf8")).trimEnd().split("\n");
    expect(recordsOf(lines).map(({ event }) => event)).toEqual([2, 3, 4]);
    expect((await readdir(folder.path("."))).filter((name) => name.endsWith(".part"))).toEqual([]);
  });

  it("shows its output only when it is whole, so that a kill at any moment leaves none", async () => {
    const path = folder.path("whole.txt");
    const pieces = function* () {
      for (const piece of ["one ", "two"]) {
        yield piece;
        expect([existsSync(path), existsSync(`${path}.part`)]).toEqual([false, true]);
      }
    };
    await writeWholeFile(path, pieces());
    expect(await readFile(path, "utf8")).toBe("one two");
    expect(existsSync(`${path}.part`)).toBe(false);
  });

  it("leaves no output, whole or in part, when the input ends too early", async () => {
    const output = folder.path("early.jsonl");
    const { code, stderr } = await run("simulate.mjs", [...args("499", "501", output), ...QUICK]);
    expect(code).toBe(65);
    expect(stderr).toBe(`asked for event 501, file ${input} has 500\n`);
    expect([existsSync(output), existsSync(`${output}.part`)]).toEqual([false, false]);
  });

  it("names an event without a lepton pair", async () => {
    const head = formatHead({ comment: "", generator: "", init: [] });
    const event = "<event>\n1 1 1 91 0.0078 0.118\n12 1 0 0 0 0 0 0 45 45 0 0 9\n</event>\n";
    const path = await folder.write("neutrino.lhe", head + event + TAIL);
    const { code, stderr } = await run("simulate.mjs", args("1", "1", folder.path("n.jsonl"), path));
    expect(code).toBe(65);
    expect(stderr).toMatch(
      /neutrino\.lhe, event 1, line \d+: expected an outgoing e\+e- or mu\+mu- pair, found particles 12\n$/,
    );
  });

  it("says in one line, with code 64, what is wrong with its arguments", async () => {
    const cases = [
      { args: args("1", "1", ""), message: "--output is missing" },
      { args: args("0", "1", "o"), message: "--first: expected a whole number of at least 1" },
      { args: args("3", "2", "o"), message: "--last: expected a whole number of at least 3" },
      {
        args: [...args("1", "1", "o"), "--cpu-ms-min", "60"],
        message: "--cpu-ms-max 50 is below --cpu-ms-min 60",
      },
      { args: ["--input"], message: "--input" },
    ];
    for (const { args: given, message } of cases) {
      const { code, stderr } = await run("simulate.mjs", given);
      expect(code).toBe(64);
      expect(stderr).toContain(message);
      expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    }
  });

  it("tells an output that can't be written from bad input, with code 74", async () => {
    const { code, stderr } = await run("simulate.mjs", args("1", "1", folder.path("no/such/folder.jsonl")));
    expect(code).toBe(74);
    expect(stderr).toContain("ENOENT");
  });
});
