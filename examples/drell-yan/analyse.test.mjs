import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeMasses, medianOf } from "./analyse.mjs";
import { Dice } from "./dice.mjs";
import { drawSpectrum } from "./draw-spectrum.mjs";
import { fitZMass } from "./fit-z-mass.mjs";
import { minimise } from "./minimise.mjs";
import { run, testFolder } from "./test-folder.mjs";

const folder = testFolder({ beforeAll, afterAll });
const MASS_GEV = 91.5;
const RESOLUTION = 0.015;

/**
 * Masses drawn from the model itself, with nine tenths in the peak.
 * @param {number} events
 * @param {string} seed
 */
function toyMasses(events, seed) {
  const dice = new Dice(seed);
  return Array.from({ length: events }, () => {
    if (dice.uniform() < 0.1) return 60 + 60 * dice.uniform();
    const line = MASS_GEV + (2.4952 / 2) * Math.tan(Math.PI * (dice.uniform() - 0.5));
    return line * (1 + RESOLUTION * dice.gaussian());
  });
}

describe("the fit", () => {
  it("finds mass and resolution that were put in, within three errors", () => {
    const fit = fitZMass(toyMasses(4000, "fit"));
    if (fit === undefined) throw new Error("the fit failed");
    expect(Math.abs(fit.massGev - MASS_GEV)).toBeLessThan(3 * fit.massErrorGev);
    expect(fit.resolution).toBeCloseTo(RESOLUTION, 2);
    expect(fit.backgroundFraction).toBeGreaterThan(0.05);
    expect(fit.backgroundFraction).toBeLessThan(0.2);
  });

  it("states errors that are as large as the scatter of many fits", () => {
    const pulls = Array.from({ length: 25 }, (_, toy) => {
      const fit = fitZMass(toyMasses(400, `toy ${toy}`));
      return fit === undefined ? NaN : (fit.massGev - MASS_GEV) / fit.massErrorGev;
    });
    const rootMeanSquare = Math.sqrt(pulls.reduce((sum, pull) => sum + pull ** 2, 0) / pulls.length);
    expect(rootMeanSquare).toBeGreaterThan(0.7);
    expect(rootMeanSquare).toBeLessThan(1.3);
  });

  it("draws a curve that holds as many events as were fitted", () => {
    const fit = fitZMass(toyMasses(1000, "curve"));
    const sum = Array.from({ length: 600 }, (_, step) => (fit?.eventsPerGev(60.05 + step / 10) ?? NaN) / 10);
    expect(sum.reduce((total, value) => total + value, 0)).toBeCloseTo(fit?.events ?? NaN, 0);
  });

  it("is not tried on a handful of events, and gives up where there is no peak", () => {
    expect(fitZMass(toyMasses(25, "few"))).toBeUndefined();
    expect(fitZMass(Array.from({ length: 600 }, (_, index) => 60.05 + index / 10))).toBeUndefined();
  });

  it("minimises Rosenbrock's valley", () => {
    const { point } = minimise(
      ([x = NaN, y = NaN]) => (1 - x) ** 2 + 100 * (y - x * x) ** 2,
      [-1.2, 1],
      [0.5, 0.5],
      1e-12,
    );
    expect(point[0]).toBeCloseTo(1, 4);
    expect(point[1]).toBeCloseTo(1, 4);
  });
});

describe("the median", () => {
  it("is the middle value, or between the two in the middle", () => {
    expect(medianOf([3, 1, 2]).median).toBe(2);
    expect(medianOf([4, 1, 2, 3]).median).toBe(2.5);
    expect(medianOf([7])).toEqual({ median: 7, error: 0 });
  });

  it("has the error that theory gives for a Gaussian: σ √(π/2n)", () => {
    const dice = new Dice("median");
    const { median, error } = medianOf(Array.from({ length: 10_000 }, () => dice.gaussian()));
    expect(error / Math.sqrt(Math.PI / 20_000)).toBeGreaterThan(0.8);
    expect(error / Math.sqrt(Math.PI / 20_000)).toBeLessThan(1.2);
    expect(Math.abs(median)).toBeLessThan(3 * error);
  });
});

describe("the drawing", () => {
  it.each([44, 70, 71, 80, 130, 131])("stays within %d columns", (width) => {
    const lines = describeMasses(toyMasses(400, "wide"), width).split("\n").slice(2, 21);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
  });

  it("fills a bar in eighths of a cell", () => {
    const massesGev = [...Array.from({ length: 8 }, () => 60.5), 61.5];
    const drawn = drawSpectrum({ massesGev, eventsPerGev: undefined, width: 80, height: 4 });
    expect(drawn.split("\n").slice(0, 6)).toEqual([
      "       events / 1 GeV",
      "    8 ┤█",
      "    6 ┤█",
      "    4 ┤█",
      "    2 ┤█▄",
      "    0 └─────────┴─────────┴─────────┴─────────┴─────────┴─────────┴",
    ]);
  });
});

describe("node analyse.mjs", () => {
  /** @param {readonly number[]} masses */
  const merged = (masses) =>
    masses.map((massGev) => `${JSON.stringify({ reconstructed: { massGev } })}\n`).join("");

  it("prints spectrum, mass and median; or all as JSON", async () => {
    const masses = toyMasses(400, "program");
    const paths = [
      await folder.write("a.jsonl", merged(masses.slice(0, 150))),
      await folder.write("b.jsonl", merged(masses.slice(150))),
    ];
    const drawn = await run("analyse.mjs", paths);
    expect(drawn.stdout).toMatch(
      /Z mass 9\d\.\d+ ± 0\.\d+ GeV \(fit of \d+ events\), median of dilepton mass 9\d\.\d+ ± 0\.\d+ GeV\n$/,
    );
    const { code, stdout } = await run("analyse.mjs", [...paths, "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ events: 400, medianGev: medianOf(masses).median });
  });

  it("has null for a mass that could not be fitted", async () => {
    const { stdout } = await run("analyse.mjs", [
      await folder.write("few.jsonl", merged([90, 91, 92])),
      "--json",
    ]);
    expect(JSON.parse(stdout)).toMatchObject({
      events: 3,
      medianGev: 91,
      zMassGev: null,
      zMassErrorGev: null,
    });
  });

  it("names what it can't read", async () => {
    const path = await folder.write("bad.jsonl", `${merged([91])}null\n`);
    const { code, stderr } = await run("analyse.mjs", [path]);
    expect(code).toBe(65);
    expect(stderr).toBe(`file ${path}, line 2: expected reconstructed.massGev, found "null"\n`);
    expect((await run("analyse.mjs", [])).code).toBe(64);
    expect((await run("analyse.mjs", [folder.path("absent.jsonl")])).code).toBe(65);
  });
});
