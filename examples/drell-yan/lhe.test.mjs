import { gzipSync } from "node:zlib";
import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatFile } from "./generate.mjs";
import { eventDigest, formatEvent, formatHead, readEvents, TAIL } from "./lhe.mjs";
import { collect, REAL_SAMPLE, testFolder } from "./test-folder.mjs";

const folder = testFolder({ beforeAll, afterAll });
const SAMPLE = [...formatFile({ seed: 7, file: 1, events: 5 })].join("");
const HEAD = formatHead({ comment: "a test quotes <event> here", generator: "<generator/>", init: ["2212"] });

const QUARK = "2 -1 0 0 501 0 0 0 +4.0E+01 4.0D+01 0 0. 1.";
const ANTIQUARK = "-2 -1 0 0 0 501 0 0 -4.0e+01 4.0e+01 0 0. -1.";
const BARE_EVENT = `<event>\n2 1 1.0 91.2 0.0078 0.118\n${QUARK}\n${ANTIQUARK}\n</event>\n`;
const RICH_EVENT = [
  "<event npLO='-1'>",
  "# a comment may stand anywhere",
  " 2   1  0.5  80.0 0.0078 0.118",
  `   ${QUARK.replaceAll(" ", "   ")}`,
  ANTIQUARK,
  "<mgrwt>",
  "<rscale> 2 0.24E+02</rscale>",
  "</mgrwt>",
  "<rwgt>",
  "<wgt id='1'> +7.5e+08 </wgt>",
  "</rwgt>",
  "#aMCatNLO 2 5 3",
  "</event>",
  "",
].join("\n");

/**
 * @param {string} path
 * @param {number} first
 * @param {number} last
 */
const read = (path, first, last) => collect(readEvents(path, first, last));

describe("reading and writing", () => {
  it("gives back the numbers that were written, to the last digit written", async () => {
    const path = await folder.write("there.lhe", SAMPLE);
    const events = await read(path, 1, 5);
    const again = await read(
      await folder.write("back.lhe", HEAD + events.map(formatEvent).join("") + TAIL),
      1,
      5,
    );
    const contents = [events, again].map((list) => list.map(({ line: _, ...event }) => event));
    expect(contents[1]).toEqual(contents[0]);
  });

  it("numbers events from 1, and reads any span of them", async () => {
    const path = await folder.write("span.lhe", SAMPLE);
    const all = await read(path, 1, 5);
    expect(all.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5]);
    expect(await read(path, 2, 4)).toEqual(all.slice(1, 4));
  });

  it("tells a compressed file by its content, whatever its name", async () => {
    const plain = await read(await folder.write("plain.lhe", SAMPLE), 1, 5);
    expect(await read(await folder.write("packed.lhe", gzipSync(SAMPLE)), 1, 5)).toEqual(plain);
  });

  it("does not look at what stands after the last event asked for", async () => {
    const path = await folder.write("torn.lhe", `${HEAD}${BARE_EVENT}<event>\nnonsense`);
    expect(await read(path, 1, 1)).toHaveLength(1);
  });

  it("takes weights, comments, attributes and Fortran's exponents as they come", async () => {
    const path = await folder.write("rich.lhe", HEAD + RICH_EVENT + TAIL);
    const [event] = await read(path, 1, 1);
    expect(event).toMatchObject({ number: 1, processId: 1, weight: 0.5, scale: 80 });
    expect(event?.particles).toHaveLength(2);
    expect(event?.particles[0]).toMatchObject({ pdgId: 2, colour1: 501, pz: 40, energy: 40, spin: 1 });
    expect(event?.text).toBe(RICH_EVENT.trimEnd());
  });

  it("reads lines that end as on Windows", async () => {
    const path = await folder.write("windows.lhe", (HEAD + RICH_EVENT + TAIL).replaceAll("\n", "\r\n"));
    expect((await read(path, 1, 1))[0]?.particles).toHaveLength(2);
  });

  it("gives the same digest to the same particles, whatever surrounds them", async () => {
    const path = await folder.write(
      "digest.lhe",
      HEAD + RICH_EVENT + BARE_EVENT + SAMPLE.slice(SAMPLE.indexOf("<event>")),
    );
    const [rich, bare, other] = (await read(path, 1, 3)).map(eventDigest);
    expect(rich).toMatch(/^[0-9a-f]{64}$/);
    expect(bare).toBe(rich);
    expect(other).not.toBe(rich);
  });

  it.skipIf(!existsSync(REAL_SAMPLE))("reads a file of MadGraph, all 10,000 events of it", async () => {
    const events = await read(REAL_SAMPLE, 1, 10_000);
    expect(events.reduce((sum, { particles }) => sum + particles.length, 0)).toBe(52_839);
    expect(new Set(events.map(eventDigest)).size).toBe(10_000);
  });
});

describe("what is wrong is named, with its place", () => {
  it.each([
    ["a missing file", "absent.lhe", undefined, /file .*absent\.lhe: ENOENT/],
    [
      "a file of something else",
      "a.root",
      "root\0binary",
      /a\.root, line 1: not a Les Houches event file, .*"root/,
    ],
    ["an empty file", "b.lhe", "", /b\.lhe: not a Les Houches event file, it is empty/],
    [
      "an event cut off",
      "c.lhe",
      HEAD + BARE_EVENT.slice(0, -20),
      /c\.lhe, event 1, line 14: .* inside the event/,
    ],
    [
      "a lost end tag",
      "d.lhe",
      HEAD + BARE_EVENT.replace("</event>\n", "") + TAIL,
      /event 1, line 15: expected <\/event>/,
    ],
    [
      "a lost particle",
      "e.lhe",
      HEAD + BARE_EVENT.replace(`${QUARK}\n`, ""),
      /line 14: .* promises 2 particles, found 1/,
    ],
    [
      "a short particle",
      "f.lhe",
      HEAD + BARE_EVENT.replace(" 1.\n", "\n"),
      /line 13: particle 1: expected 13 numbers/,
    ],
    [
      "a word for a number",
      "g.lhe",
      HEAD + BARE_EVENT.replace("91.2", "much"),
      /line 12: event header: .*much/,
    ],
    ["an empty event", "h.lhe", `${HEAD}<event>\n</event>\n`, /event 1, line 12: .*expected 6 numbers/],
  ])("%s", async (_, name, content, message) => {
    const path = content === undefined ? folder.path(name) : await folder.write(name, content);
    await expect(read(path, 1, 1)).rejects.toThrow(message);
  });

  it("more events asked for than there are", async () => {
    const path = await folder.write("five.lhe", SAMPLE);
    await expect(read(path, 6, 6)).rejects.toThrow(`asked for event 6, file ${path} has 5`);
    await expect(read(path, 4, 9)).rejects.toThrow(`asked for event 6, file ${path} has 5`);
  });

  it("a compressed file cut off", async () => {
    const path = await folder.write("cut.lhe.gz", gzipSync(SAMPLE).subarray(0, 500));
    await expect(read(path, 1, 5)).rejects.toThrow(/cut\.lhe\.gz.*: unexpected end of file/);
  });

  it("a span that is none", async () => {
    await expect(read("any.lhe", 3, 2)).rejects.toThrow("events 3 to 2");
  });
});
