import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatFile } from "./generate.mjs";
import { simulateRange } from "./simulate.mjs";
import { collect, run, testFolder } from "./test-folder.mjs";

const folder = testFolder({ beforeAll, afterAll });
const cpu = { minMs: 0.01, maxMs: 0.02 };
/** @type {string[]} */
let inputs = [];
/** @type {string[]} one a merged line */
let lines = [];
beforeAll(async () => {
  const texts = [1, 2].map((file) => [...formatFile({ seed: 2, file, events: 10 })].join(""));
  inputs = [
    await folder.write("1.lhe", texts[0] ?? ""),
    await folder.write("2.lhe", gzipSync(texts[1] ?? "")),
  ];
  const outputs = inputs.map((input) => collect(simulateRange({ input, first: 1, last: 10, cpu })));
  lines = (await Promise.all(outputs)).flat();
});

/**
 * @param {string} name
 * @param {readonly string[]} merged
 * @param {readonly string[]} [more]
 */
async function count(name, merged, more = []) {
  const half = Math.floor(merged.length / 2);
  const parts = [merged.slice(0, half), merged.slice(half)].map((part) => part.join(""));
  const paths = await Promise.all(parts.map((part, index) => folder.write(`${name}-${index}.jsonl`, part)));
  return run("count.mjs", [...inputs.flatMap((input) => ["--input", input]), ...more, "--merged", ...paths]);
}

describe("node count.mjs", () => {
  it("proves that every event is there once, in whatever order", async () => {
    const { code, stdout } = await count("whole", lines.toReversed());
    expect(stdout).toBe("20 events expected, 20 found once, 0 missing, 0 twice, 0 foreign\n");
    expect(code).toBe(0);
  });

  it("finds a missing event, and names it", async () => {
    const { code, stdout } = await count("missing", lines.toSpliced(12, 1));
    expect(stdout).toContain("20 events expected, 19 found once, 1 missing, 0 twice, 0 foreign\n");
    expect(stdout).toMatch(/missing: [0-9a-f]{12} at .*2\.lhe event 3\n/);
    expect(code).toBe(1);
  });

  it("finds an event that is there twice, and names both places", async () => {
    const { code, stdout } = await count("twice", [...lines, lines[4] ?? ""]);
    expect(stdout).toContain("20 events expected, 19 found once, 0 missing, 1 twice, 0 foreign\n");
    expect(stdout).toMatch(/twice: [0-9a-f]{12} at .*twice-0\.jsonl line 5, .*twice-1\.jsonl line 11\n/);
    expect(code).toBe(1);
  });

  it("finds a foreign event", async () => {
    const [first = "", ...others] = lines;
    const { code, stdout } = await count("foreign", [
      first.replace(/"digest":"..../, '"digest":"beef'),
      ...others,
    ]);
    expect(stdout).toContain("20 events expected, 19 found once, 1 missing, 0 twice, 1 foreign\n");
    expect(stdout).toMatch(/foreign: beef[0-9a-f]{8} at .*foreign-0\.jsonl line 1\n/);
    expect(code).toBe(1);
  });

  it("counts equal events by how often they occur", async () => {
    const text = await readFile(inputs[0] ?? "", "utf8");
    const event = text.slice(text.indexOf("<event>"), text.indexOf("</event>") + 9);
    const doubled = await folder.write("doubled.lhe", text.replace(event, event + event));
    const args = ["--input", doubled, "--merged"];
    const merged = [lines[0] ?? "", ...lines.slice(0, 10)];
    const right = await run("count.mjs", [...args, await folder.write("right.jsonl", merged.join(""))]);
    expect(right.stdout).toBe("11 events expected, 11 found once, 0 missing, 0 twice, 0 foreign\n");
    const wrong = await run("count.mjs", [
      ...args,
      await folder.write("wrong.jsonl", merged.slice(1).join("")),
    ]);
    expect(wrong.stdout).toContain("11 events expected, 10 found once, 1 missing, 0 twice, 0 foreign\n");
  });

  it("expects only the first events of each input, if told so", async () => {
    const { code, stdout } = await count(
      "some",
      [...lines.slice(0, 4), ...lines.slice(10, 14)],
      ["--events", "4"],
    );
    expect(stdout).toBe("8 events expected, 8 found once, 0 missing, 0 twice, 0 foreign\n");
    expect(code).toBe(0);
  });

  it("refuses what it can't judge, with the place", async () => {
    const torn = await count("torn", [...lines.slice(0, 19), '{"event":20,"dig']);
    expect([torn.code, torn.stdout]).toEqual([65, ""]);
    expect(torn.stderr).toMatch(/torn-1\.jsonl line 10: expected a JSON object with a digest, found/);
    const short = await count("short", lines, ["--events", "11"]);
    expect(short.code).toBe(65);
    expect(short.stderr).toMatch(/asked for 11 events, file .*1\.lhe has 10/);
    expect((await run("count.mjs", ["--merged", "m"])).code).toBe(64);
  });
});
