// Files that are no job files: each is answered, soon, with one clear sentence.

import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getuid } from "node:process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readJobFile } from "./job-file.js";
import { quietReader } from "./testing-reader.js";

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "noctua-odd-"));
  path = join(folder, "job.yaml");
  await writeFile(join(folder, "1.lhe"), "events");
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const job = { name: "x", inputs: [{ path: "1.lhe", events: 1 }] };
const whole = { ...job, payload: { kind: "exec", command: ["run", "{output}"] } };

/** What is said of a file of these bytes. */
async function saidOf(content: string | Uint8Array): Promise<string> {
  await writeFile(path, content);
  return said();
}

async function said(): Promise<string> {
  const outcome: unknown = await readJobFile(path, quietReader).catch((error: unknown) => error);
  return outcome instanceof Error ? outcome.message.replaceAll(path, "job.yaml") : "nothing";
}

describe("what is no text", () => {
  it.each<[string, () => Promise<unknown>, string]>([
    ["a folder", () => mkdir(path), "a folder"],
    ["a pipe that nobody writes to", async () => execFileSync("mkfifo", [path]), "a pipe or device"],
    ["a file below a file", async () => (path = join(folder, "1.lhe", "job.yaml")), "none"],
    ["a program", () => writeFile(path, Buffer.from("7f454c4600", "hex")), "bytes that are no text"],
    ["Latin-1", () => writeFile(path, Buffer.from("name: \xe9", "latin1")), "bytes that are no UTF-8"],
    ["UTF-16", () => writeFile(path, "\ufeffname: x", "utf16le"), "text in UTF-16: save it as UTF-8"],
    [
      "too much",
      () => writeFile(path, Buffer.alloc(8_388_609, "#")),
      "8388609 bytes, where 8388608 is the most",
    ],
  ])("is named: %s", async (_name, make, found) => {
    await make();
    expect(await said()).toBe(`expected a job file at job.yaml, found ${found}`);
  });

  it.skipIf(getuid?.() === 0)("is named: a file that we may not read", async () => {
    await writeFile(path, "name: x");
    await chmod(path, 0);
    expect(await said()).toBe("expected a job file at job.yaml, found one that you may not read");
  });
});

describe("text that is no YAML", () => {
  const lines = (count: number, line: (i: number) => string): string =>
    Array.from({ length: count }, (_, i) => line(i)).join("\n");

  it.each<[string, string, readonly string[]]>([
    [
      "tabs",
      "name: x\ninputs:\n\t- a\n\t- b\n",
      [3, 4].map((line) => `${line}: expected spaces to indent a line, found a tab`),
    ],
    [
      "a second document",
      "name: x\n---\nname: y\n",
      ["2: expected one document, found a second one, behind ---"],
    ],
    [
      "what follows from a mistake on its line",
      "- a\nb: 1\n",
      ["2: expected YAML or JSON, found Unexpected"],
    ],
    ["a bracket that is never closed", '{\n"name": "x",\n', ["3: expected YAML or JSON, found Flow map"]],
    [
      "very many brackets",
      `\n${"[".repeat(20_000)}`,
      ["2: expected YAML or JSON, found what is nested too deeply"],
    ],
    [
      "very many that close nothing",
      "]".repeat(20_000),
      ["1: expected YAML or JSON, found what is nested too"],
    ],
    [
      "very many dashes",
      `a:\n${"- ".repeat(20_000)}`,
      ["2: expected YAML or JSON, found what is nested too deeply"],
    ],
    [
      "very much indentation",
      `a:\n${" ".repeat(20_000)}b`,
      ["2: expected YAML or JSON, found what is nested too"],
    ],
    ["very many nothings", "?\n".repeat(200_000), ["1: expected a name before ':', found something else"]],
    ["names twice, wherever they are", '{"a": {"b": 1,\n"b": 2},\n"a": 3}', ["3: a: ", "2: b: "]],
    ["what is no name", "name: x\n? [a]\n: b\n", ["2: expected a name before ':', found something else"]],
    [
      "an alias of nothing",
      "name: *x\n",
      ["expected YAML or JSON, found Unresolved alias (the anchor must be set before the alias): x"],
    ],
  ])("is named with its line: %s", async (_name, text, expected) => {
    const [, ...found] = (await saidOf(text)).split("\n");
    if (found.length < 50) expect(found).toHaveLength(expected.length);
    for (const place of expected) {
      const beginning = /^\d/.test(place) ? `  job.yaml:${place}` : `  job.yaml: ${place}`;
      expect(
        found.some((line) => line.startsWith(beginning)),
        found.join("\n"),
      ).toBe(true);
    }
  });

  it("is named: an alias that grows without end", async () => {
    const bomb = lines(9, (i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(9)}]`);
    expect(await saidOf(`a0: &a0 x\n${bomb}\n`)).toMatch(/expected YAML or JSON, found .*alias/i);
  });

  it("is told soon, however much there is of it", async () => {
    const names = lines(20_000, (i) => `name${i}: 1`);
    expect(await saidOf(`${names}\nname7: 2\n`)).toMatch(
      /:20001: name7: expected it once, found it on line 8 too/,
    );
    expect(await saidOf(names)).toMatch(/the job file has 2000\d mistakes:[^]*and \d+ more$/);
  });
});

describe("a job file", () => {
  it("may be written by any editor, on any system", async () => {
    const yaml =
      'name: x\r\ninputs: [{ path: 1.lhe, events: 1 }]\r\npayload:\r\n  kind: exec\r\n  command: [run, "{output}"]\r\n';
    for (const text of [yaml, `\ufeff${yaml}`, `\ufeff${JSON.stringify(whole)}`]) {
      expect(await saidOf(text)).toBe("nothing");
    }
  });

  it("may use anchors, and mistakes in what they mean are told with a line", async () => {
    const text = `
name: x
inputs: [{ path: 1.lhe, events: 1 }]
payload: &payload { kind: exec, command: [run, "{output}"], cores: 0 }
variants: [{ requires: { arch: arm64 }, payload: *payload }]
`;
    const found = await saidOf(text);
    expect(found).toMatch(/job.yaml:4: payload.cores: /);
    expect(found).toMatch(/job.yaml:4: variants\[0\].payload.cores: /);
  });

  it("that is JSON is told the lines of its mistakes", async () => {
    const text = JSON.stringify({ ...whole, name: "x y", merge: { evry: 1 } }, undefined, 2);
    const found = await saidOf(text);
    expect(found).toMatch(/job.yaml:2: name: /);
    expect(found).toMatch(/job.yaml:17: merge.evry: .*did you mean "every"/);
  });

  it("that misspells its payload's kind is told everything else that is wrong with it", async () => {
    for (const [kind, meant] of [
      ["exce", "exec"],
      ["straem", "stream"],
    ]) {
      const payload = { kind, command: ["run", "{jobdir}"], timeout: 5, passEnviroment: [] };
      const found = await saidOf(JSON.stringify({ ...job, outputs: "none", payload }));
      const said = [
        `payload.kind: expected one of exec, stream, found "${kind}" (did you mean "${meant}"?)`,
        "payload.command[1]: expected one of the placeholders",
        "payload.timeout: expected a duration",
        "payload.passEnviroment: expected one of",
      ];
      for (const part of said) expect(found).toContain(part);
      expect(found).toContain("the job file has 4 mistakes");
    }
  });

  it("that misspells a word is told which is meant", async () => {
    const found = await saidOf(JSON.stringify({ ...whole, durability: "relaxd", merge: { kind: "tra" } }));
    expect(found).toContain('expected one of strict, relaxed, found "relaxd" (did you mean "relaxed"?)');
    expect(found).toContain('expected one of concat, tar, command, found "tra" (did you mean "tar"?)');
  });

  it("holds against circles and names that every object has", async () => {
    expect(await saidOf("name: &x [*x]\ninputs: *x\npayload: *x\n")).toMatch(/the job file has \d mistakes/);
    const found = await saidOf('{"__proto__": {"name": "x"}, "constructor": 1, "toString": 2}');
    expect(found).toMatch(/__proto__: expected one of name/);
    expect(found).toMatch(/: name: expected a name .*found nothing/);
  });
});
