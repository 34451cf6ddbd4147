import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Dice } from "./dice.mjs";
import { Z_MASS_GEV } from "./drell-yan.mjs";
import { fitZMass } from "./fit-z-mass.mjs";
import { formatFile, generateEvents, scanPhaseSpace } from "./generate.mjs";
import { eventDigest, readEvents } from "./lhe.mjs";
import { collect, run, testFolder } from "./test-folder.mjs";

/** @typedef {import("./lhe.mjs").LheEvent} LheEvent */

const folder = testFolder({ beforeAll, afterAll });
const EVENTS = 6000;
/** @type {LheEvent[]} */
let events = [];
beforeAll(async () => {
  const path = await folder.write(
    "sample.lhe",
    [...formatFile({ seed: 5, file: 1, events: EVENTS })].join(""),
  );
  events = await collect(readEvents(path, 1, EVENTS));
});

/**
 * @param {LheEvent} event
 * @param {(particle: import("./lhe.mjs").Particle) => boolean} isMeant
 */
function particleOf(event, isMeant) {
  const found = event.particles.find(isMeant);
  if (found === undefined) throw new Error(`event ${event.number} lacks a particle`);
  return found;
}

/** @param {LheEvent} event */
const massOf = (event) => particleOf(event, ({ pdgId }) => pdgId === 23).mass;

/**
 * The share of leptons that fly along the quark less that of those that fly against it, in the pair's rest frame:
 * along the beam, both are told by the difference in rapidity.
 * @param {readonly LheEvent[]} sample
 */
function asymmetry(sample) {
  const signs = sample.map((event) => {
    const quark = particleOf(event, ({ pdgId, status }) => status === -1 && pdgId > 0);
    const lepton = particleOf(event, ({ pdgId }) => pdgId === 11 || pdgId === 13);
    const other = particleOf(event, ({ pdgId }) => pdgId === -11 || pdgId === -13);
    return Math.sign((lepton.pz / lepton.energy - other.pz / other.energy) * quark.pz);
  });
  return signs.reduce((sum, sign) => sum + sign, 0) / signs.length;
}

describe("generated events", () => {
  it("conserve four-momentum, and every particle is on its mass shell", () => {
    for (const { particles } of events) {
      for (const component of /** @type {const} */ (["px", "py", "pz", "energy"])) {
        const sum = particles.reduce(
          (total, { status, [component]: value }) => total + value * (status === 2 ? 0 : status),
          0,
        );
        expect(Math.abs(sum)).toBeLessThan(1e-6);
      }
      for (const { px, py, pz, energy, mass } of particles) {
        const shell = energy ** 2 - px ** 2 - py ** 2 - pz ** 2 - mass ** 2;
        expect(Math.abs(shell)).toBeLessThan(1e-8 * energy ** 2);
      }
    }
  });

  it("carry mothers and a colour flow that closes", () => {
    for (const { particles } of events) {
      expect(particles.map(({ mother1, mother2 }) => [mother1, mother2])).toEqual([
        [0, 0],
        [0, 0],
        [1, 2],
        [3, 3],
        [3, 3],
      ]);
      const [first, second, ...rest] = particles;
      expect([first?.colour1, first?.colour2]).toEqual([second?.colour2, second?.colour1]);
      expect(rest.every(({ colour1, colour2 }) => colour1 === 0 && colour2 === 0)).toBe(true);
    }
  });

  it("are all different", () => {
    expect(new Set(events.map(eventDigest)).size).toBe(EVENTS);
  });

  it("peak at the mass of the Z, within three errors", () => {
    const fit = fitZMass(events.map(massOf));
    expect(fit?.massErrorGev).toBeLessThan(0.05);
    expect(Math.abs((fit?.massGev ?? NaN) - Z_MASS_GEV)).toBeLessThan(3 * (fit?.massErrorGev ?? NaN));
  });

  it("have leptons fly against the quark below the peak, and along it above: γ and Z interfere", () => {
    expect(asymmetry(events.filter((event) => massOf(event) < 80))).toBeLessThan(-0.2);
    expect(asymmetry(events.filter((event) => massOf(event) > 105))).toBeGreaterThan(0.2);
    expect(
      Math.abs(asymmetry(events.filter((event) => Math.abs(massOf(event) - Z_MASS_GEV) < 2))),
    ).toBeLessThan(0.15);
  });

  it("are unweighted: the accepted share of proposals is mean over maximal weight", () => {
    const { picobarn, weightMax } = scanPhaseSpace();
    expect(picobarn / weightMax).toBeGreaterThan(0.1);
    // 13 TeV data: about 1950 pb for each lepton flavour (CMS and ATLAS). Toy partons may be off by tens of percent.
    expect(picobarn / 2).toBeGreaterThan(1000);
    expect(picobarn / 2).toBeLessThan(3000);
  });

  it("come endlessly, and the same for the same dice", () => {
    const { weightMax } = scanPhaseSpace();
    const [one, other] = [new Dice("a"), new Dice("a")].map((dice) => generateEvents(dice, weightMax));
    for (let event = 0; event < 100; event++) expect(one?.next().value).toEqual(other?.next().value);
  });
});

describe("node generate.mjs", () => {
  it("writes files that do not depend on how many there are, and share no event", async () => {
    const args = ["--events", "20", "--seed", "3", "--folder"];
    const both = await run("generate.mjs", ["--files", "2", ...args, folder.path("both")]);
    const one = await run("generate.mjs", ["--files", "1", ...args, folder.path("one")]);
    expect([both.code, one.code, both.stderr]).toEqual([0, 0, ""]);
    const [first, second, again] = await Promise.all(
      ["both/drell-yan-1.lhe", "both/drell-yan-2.lhe", "one/drell-yan-1.lhe"].map((name) =>
        readFile(folder.path(name), "utf8"),
      ),
    );
    expect(again).toBe(first);
    expect(second).not.toBe(first);
  });

  it.each([
    [["--events", "none"], '--events: expected a whole number of at least 1, found "none"'],
    [["--evnets", "5"], "Unknown option '--evnets'"],
  ])("refuses %j", async (args, message) => {
    const { code, stderr } = await run("generate.mjs", args);
    expect(code).toBe(64);
    expect(stderr).toContain(message);
  });
});
